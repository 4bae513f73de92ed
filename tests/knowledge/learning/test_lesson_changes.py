"""Lessons as changes: proposed with their evidence, never by themselves, and not again once they are dismissed."""

from datetime import timedelta

import pytest

from knowledge.articles import changes, evidence
from knowledge.learning import lesson_changes
from knowledge.models import Article, Change, ChangeEvidence, Citation, LearningSignal
from tests.factories import edit_article, make_article, make_inbox, make_lead
from tests.knowledge.learning.learnt import NOW, make_message, make_signal
from webhooks.models import Contact

pytestmark = pytest.mark.django_db
BODY = "We refund within five working days. Please name your order. The form is under Orders."
RIGHT = BODY.replace("five", "seven")


@pytest.fixture
def article() -> Article:
    return make_article("refund", body=BODY)


@pytest.fixture
def reviewers():
    return [make_lead("ann"), make_lead("bob")]


def corrected(
    reviewers, count: int = 4, *, final: str = RIGHT, version: int = 1, body: str = BODY, first: int = 0, **facts
) -> list[LearningSignal]:  # fmt: skip
    """So many customers' replies from the article, corrected by the reviewers in turn."""
    made = []
    for number in range(count):
        signal = make_signal(
            reviewer=reviewers[number % len(reviewers)], proposal=body, final_text=final, ratio=0.05, distance=5, **facts
        )  # fmt: skip
        Citation.objects.create(signal=signal, article="refund", version=version)
        contact, _ = Contact.objects.get_or_create(
            source=signal.conversation.source, contact_id=1000 + first + number
        )
        type(signal.conversation).objects.filter(pk=signal.conversation_id).update(contact=contact)
        made.append(signal)
    return made


def learn(article: Article, **more) -> list[Change]:
    return lesson_changes.learn(Article.objects.get(pk=article.pk), now=NOW + timedelta(**more))


def test_a_lesson_is_an_open_change_with_its_decisions(article, reviewers):
    signals = corrected(reviewers)

    (change,) = learn(article)

    change.refresh_from_db()
    assert (change.origin, change.kind, change.status, change.made_by) == ("LESSON", "EDIT", "OPEN", None)
    assert change.proposed == {"body": RIGHT}
    assert (change.customers, change.people) == (4, 2)
    assert {row.signal for row in change.evidence.all()} == set(signals)
    assert change.evidence.first().what == "five working days → seven working days"
    article.refresh_from_db()
    assert article.version == 1


def test_what_a_customer_stated_earlier_in_the_conversation_is_theirs(article, reviewers):
    signals = corrected(reviewers)
    for signal in signals:
        row = make_message(signal.conversation, 5000 + signal.pk, at=signal.at - timedelta(days=1))
        type(row).objects.filter(pk=row.pk).update(content="You told me seven working days.")

    assert learn(article) == []


def test_reading_again_adds_what_is_new_and_proposes_nothing_twice(article, reviewers):
    corrected(reviewers)
    learn(article)
    corrected(reviewers, 2, first=10)

    learn(article)
    learn(article)

    assert Change.objects.get(origin="LESSON").customers == 6


def test_evidence_stays_after_the_approval_and_an_approved_lesson_is_over(article, reviewers):
    corrected(reviewers)
    (change,) = learn(article)

    changes.approve(change, by=make_lead(), base_version=1, now=NOW)

    assert learn(article) == []
    assert ChangeEvidence.objects.filter(change=change).count() == 4
    assert Article.objects.get().body == RIGHT


def test_a_dismissed_lesson_comes_back_with_twice_its_evidence_only(article, reviewers):
    corrected(reviewers)
    (change,) = learn(article)
    changes.dismiss(change, by=make_lead(), reason="Five is right.", now=NOW)

    corrected(reviewers, 3, final=RIGHT.replace("seven", "7"), first=10)
    assert learn(article) == []

    corrected(reviewers, 1, first=20)
    assert len(learn(article)) == 1


def test_a_lesson_whose_decisions_are_undone_expires(article, reviewers):
    signals = corrected(reviewers)
    learn(article)
    LearningSignal.objects.filter(pk__in=[one.pk for one in signals[:2]]).update(withdrawn_at=NOW)

    learn(article)

    assert Change.objects.get(origin="LESSON").status == "EXPIRED"


def test_a_lesson_follows_to_a_newer_version(article, reviewers):
    corrected(reviewers)
    (change,) = learn(article)
    edit_article(article, body="New first line. " + BODY)

    learn(article)

    change.refresh_from_db()
    assert (change.status, change.base_version) == ("OPEN", 2)
    assert change.proposed == {"body": "New first line. " + RIGHT}


def test_a_lesson_that_was_mended_otherwise_is_superseded(article, reviewers):
    corrected(reviewers)
    (change,) = learn(article)
    edit_article(article, body=BODY.replace("five", "eight"))

    learn(article)

    change.refresh_from_db()
    assert change.status == "SUPERSEDED"


def test_an_article_of_some_inboxes_learns_from_those_only(reviewers):
    mine, other = make_inbox(inbox_id=2), make_inbox(inbox_id=3)
    article = make_article("refund", body=BODY, inboxes=[mine.pk])
    corrected(reviewers, inbox=other)

    assert learn(article) == []


def test_evidence_is_shown_to_those_who_may_see_its_conversations(article, reviewers):
    mine, other = make_inbox(inbox_id=2), make_inbox(inbox_id=3)
    corrected(reviewers, 2, inbox=mine)
    corrected(reviewers, 2, inbox=other, first=10)
    (change,) = learn(article)

    assert evidence.visible(change, make_lead("carl", inboxes=[mine])).count() == 2
    assert evidence.visible(change, make_lead("dora")).count() == 4


def test_a_pass_reads_each_article_once_an_hour(article, reviewers):
    corrected(reviewers)

    assert lesson_changes.is_due(now=NOW)
    assert lesson_changes.run(now=NOW) == 1
    assert not lesson_changes.is_due(now=NOW + timedelta(minutes=59))
    assert lesson_changes.is_due(now=NOW + timedelta(minutes=61))


def test_a_pass_goes_on_where_its_time_was_up(article, reviewers):
    make_article("other")
    corrected(reviewers)
    for signal in LearningSignal.objects.all():
        Citation.objects.create(signal=signal, article="other", version=1)

    assert lesson_changes.run(now=NOW, seconds=0) == 1
    assert lesson_changes.is_due(now=NOW)
    assert lesson_changes.run(now=NOW, seconds=60) == 1
