"""What a person inserts into a reply: found by code and words, and an article is cited."""

import pytest

from knowledge.models import SavedReply
from knowledge.replies import insertions
from knowledge.replies.states import Refused
from tests.factories import NOW, make_approved, make_article, make_draft, make_inbox, make_lead, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft():
    return make_draft(evidence=[])


def titles(draft, query: str, *, user=None) -> list[str]:
    return [one.title for one in insertions.search(draft, query, user=user or make_lead(), now=NOW)]


def test_a_saved_reply_is_found_by_code_first_then_by_its_words(draft):
    for code, text in (("thanks", "Thank you."), ("order", "Thanks for the order."), ("hi", "Hello.")):
        SavedReply.objects.create(code=code, text=text)

    assert titles(draft, "thanks") == ["thanks", "order"]


def test_without_a_query_the_articles_nearest_to_the_question_are_offered(draft):
    make_article("password", title="Reset a password")
    make_article("gift", title="Gift cards")

    assert titles(draft, "")[0] == "Reset a password"


def test_articles_and_replies_of_other_inboxes_are_not_offered(draft):
    other = make_inbox(inbox_id=9)
    make_article("password", title="Reset a password", inboxes=[other.pk])
    SavedReply.objects.create(code="password", text="x").inboxes.add(other)

    assert titles(draft, "password") == []


@pytest.mark.parametrize("facts", [{"valid_until": "2020-01-01"}])
def test_an_expired_article_is_not_offered(draft, facts):
    make_article("password", title="Reset a password", **facts)

    assert titles(draft, "password") == []


def test_names_in_a_saved_reply_are_filled_in(draft):
    SavedReply.objects.create(code="hi", text="Hi {{contact.first_name}}, {{ contact.email }} {{agent.name}}")

    (found,) = insertions.search(draft, "hi", user=make_user("bob", "Agent"), now=NOW)

    assert found.text == "Hi Ada, {{ contact.email }} bob"


def test_an_article_is_cited_once_in_its_present_version(draft):
    make_article("password")
    for _ in range(2):
        insertions.record(draft, slug="password", by=make_lead(), now=NOW)
    draft.refresh_from_db()

    assert [(item["article"], item["version"]) for item in draft.evidence] == [("password", 1)]
    assert draft.revision == 1


def test_nothing_is_cited_after_the_decision(draft):
    make_article("password")
    make_approved(draft)

    with pytest.raises(Refused, match=r"(?i)approved"):
        insertions.record(draft, slug="password", by=make_lead(), now=NOW)


def test_an_article_that_one_may_not_see_is_not_cited(draft):
    mine, other = make_inbox(inbox_id=2), make_inbox(inbox_id=9)
    make_article("secret", inboxes=[other.pk])

    with pytest.raises(Refused):
        insertions.record(draft, slug="secret", by=make_lead(inboxes=[mine]), now=NOW)
