"""The questions that lead to an article, shown to people of their inbox."""

import pytest
from django.urls import reverse

from knowledge.articles import asked_questions
from knowledge.models import Question
from tests.factories import NOW, make_article, make_inbox, make_lead, make_user
from tests.knowledge.admin.pressing import signed_in
from tests.knowledge.search.making import make_question

pytestmark = pytest.mark.django_db


def page(user, article) -> str:
    return signed_in(user).get(reverse("admin:knowledge_article_change", args=[article.pk])).content.decode()


def remove(user, question):
    url = reverse("admin:knowledge_article_remove_question", args=[question.article_id])
    return signed_in(user).post(url, {"question": question.pk})


@pytest.fixture
def boxes():
    return make_inbox(inbox_id=8), make_inbox(inbox_id=9)


def test_the_page_lists_the_questions_with_their_conversations(boxes):
    question = make_question(make_article("refund"), "Where is my <money>?", inbox=boxes[0])

    shown = page(make_lead(), question.article)

    assert "Where is my &lt;money&gt;?" in shown
    assert reverse("admin:webhooks_conversation_change", args=[question.conversation_id]) in shown
    assert "not in search yet" in shown


def test_questions_of_an_inbox_that_a_person_may_not_see_stay_hidden(boxes):
    article = make_article("refund")
    make_question(article, "Ours?", inbox=boxes[0]), make_question(article, "Theirs?", inbox=boxes[1])

    shown = page(make_user("ann", "Agent", inboxes=[boxes[0]]), article)

    assert "Ours?" in shown
    assert "Theirs?" not in shown


def test_an_unconfirmed_question_is_not_listed(boxes):
    question = make_question(make_article("refund"), "Perhaps?", confirmed_by=None)

    assert "Perhaps?" not in page(make_lead(), question.article)


def test_a_lead_removes_a_question_that_leads_astray(boxes):
    question = make_question(make_article("refund"), "Ours?", inbox=boxes[0])

    assert remove(make_user("ann", "Agent"), question).status_code in (302, 403)
    assert Question.objects.exists()
    remove(make_lead(), question)

    assert not Question.objects.exists()


def test_nobody_removes_a_question_that_they_may_not_see(boxes):
    question = make_question(make_article("refund"), "Theirs?", inbox=boxes[1])

    assert remove(make_lead(inboxes=[boxes[0]]), question).status_code == 404
    assert Question.objects.exists()


def test_a_change_shows_the_questions_that_it_adds_to_people_of_their_inbox(boxes):
    article = make_article("refund")
    ours, theirs = (make_question(article, "x", inbox=box).conversation for box in boxes)
    asked = [asked_questions.Asked(ours, "Ours?"), asked_questions.Asked(theirs, "Theirs?")]
    change = asked_questions.propose(article, asked, origin="GAP", now=NOW)

    url = reverse("admin:knowledge_change_change", args=[change.pk])
    shown = signed_in(make_lead(inboxes=[boxes[0]])).get(url).content.decode()

    assert "Ours?" in shown
    assert "Theirs?" not in shown
