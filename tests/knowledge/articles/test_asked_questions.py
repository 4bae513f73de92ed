"""A change can add customers' questions to an article: approved by a person, without a new version."""

import pytest

from knowledge.articles import asked_questions, changes
from knowledge.articles.asked_questions import Asked
from knowledge.models import Change, Question
from tests.factories import (
    NOW,
    edit_article,
    later,
    make_article,
    make_inbox,
    make_lead,
    make_user,
    make_waiting,
)

pytestmark = pytest.mark.django_db


def asked(text: str = "Where is my money, Ada Park asks?", *, inbox_id: int = 2, number: int = 100) -> Asked:
    message = make_waiting(text=text)
    conversation = message.conversation
    if inbox_id != 2:
        conversation.inbox = make_inbox(inbox_id=inbox_id)
        conversation.save()
    return Asked(conversation, text, "en")


def proposed(article, *questions: Asked) -> Change:
    return asked_questions.propose(
        article, questions or [asked()], origin=Change.Origin.GAP, now=NOW, customers=1, note="Asked often."
    )


def approve(change: Change, **facts):
    return changes.approve(
        change, **{"by": make_lead(), "base_version": change.base_version, "now": later(60)} | facts
    )


def test_approved_questions_are_confirmed_and_the_version_stays():
    article, lead = make_article("refund"), make_lead()
    change = proposed(article)

    version = approve(change, by=lead)

    question = Question.objects.confirmed().get()
    assert (question.article, question.confirmed_by, question.change) == (article, lead, change)
    assert question.text == "Where is my money, [name] asks?"
    assert version.number == 1
    article.refresh_from_db()
    assert article.versions.count() == article.version == 1
    assert change.status == "APPROVED"


def test_a_fact_that_a_customer_states_is_no_part_of_a_proposed_question():
    proposed(make_article("refund"), asked("You promised 1 day and 50 euros. Where is my money?"))

    assert Question.objects.get().text == "You promised … and …. Where is my money?"


def test_questions_of_an_open_change_are_not_confirmed():
    proposed(make_article("refund"))

    assert not Question.objects.confirmed().exists()


def test_further_questions_join_the_open_change():
    article, one = make_article("refund"), asked()

    first, again = proposed(article, one), proposed(article, one)

    assert first == again
    assert Question.objects.count() == 1


def test_questions_of_other_inboxes_are_left_out():
    article = make_article("refund")
    article.inboxes.set([make_inbox(inbox_id=9)])

    with pytest.raises(changes.Refused) as refused:
        proposed(article, asked())

    assert refused.value.code == "unchanged"
    assert not Change.objects.filter(kind="QUESTIONS").exists()


def test_an_article_that_is_not_live_takes_none():
    article = make_article("refund")
    approve(changes.propose(article, {}, kind="WITHDRAW", origin="PERSON", by=None, now=NOW))
    article.refresh_from_db()

    with pytest.raises(changes.Refused):
        proposed(article)


def test_dismissed_questions_are_gone():
    change = proposed(make_article("refund"))

    changes.dismiss(change, by=make_lead(), reason="Something else.", now=later(60))

    assert not Question.objects.exists()


def test_a_newer_version_does_not_outdate_questions():
    article = make_article("refund")
    change = proposed(article)
    edit_article(article, body="Within a week.")
    change.refresh_from_db()

    approve(change)

    assert Question.objects.confirmed().count() == 1


def test_questions_wrote_no_version_that_could_be_rolled_back():
    change = proposed(make_article("refund"))
    approve(change)

    with pytest.raises(changes.Refused, match="Remove its questions"):
        changes.undo(change, by=make_lead(), now=later(90))


def test_an_agent_removes_no_question():
    change = proposed(make_article("refund"))
    approve(change)

    with pytest.raises(changes.Refused):
        asked_questions.remove(Question.objects.get(), by=make_user("ann", "Agent"))
    asked_questions.remove(Question.objects.get(), by=make_lead())

    assert not Question.objects.exists()
