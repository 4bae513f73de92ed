"""The queue's page: its rows, filters, news for an open page, Next, and what is done to selected rows."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from knowledge.models import Assignment, Draft, ReadsLanguages
from knowledge.replies import decisions
from tests.factories import (
    conversation_object,
    deliver,
    make_article,
    make_draft,
    make_inbox,
    make_lead,
    make_user,
    message_event,
)
from tests.knowledge.admin.pressing import at, page_of, signed_in
from webhooks.models import Conversation, Delivery, Message

pytestmark = pytest.mark.django_db
GERMAN = "Wo ist meine Bestellung? Ich bitte um eine Antwort."


@pytest.fixture
def maria(seeded):
    return make_lead("maria")


def url(page: str = "queue") -> str:
    return reverse(f"admin:knowledge_draft_{page}")


def wrote(number: int, *, age: int = 60, text: str = "Where is my order?", inbox_id: int = 2) -> Message:
    """A customer of their own, in a conversation of their own, `age` seconds ago."""
    at = timezone.now() - timedelta(seconds=age)
    make_inbox(inbox_id=inbox_id)
    who = {"id": number, "name": f"Customer {number}", "type": "contact"}
    about = conversation_object(number, inbox_id=inbox_id, meta={"sender": who, "assignee": None})
    deliver(message_event(number * 100, content=text, at=at, conversation=about, sender=who), now=at)
    return Message.objects.get(message_id=number * 100)


def drafted(number: int, **facts) -> Draft:
    return make_draft(wrote(number, **facts), now=timezone.now())


def opened(user, query: str = "", **headers) -> str:
    return signed_in(user).get(url() + query, headers=headers).content.decode()


def shown(page: str) -> list[int]:
    """The customers whose rows stand on the page, in their order."""
    return [int(part.split("<", 1)[0]) for part in page.split('<b class="s-strong">Customer ')[1:]]


def at_conversation(number: int) -> str:
    pk = Conversation.objects.get(display_id=number).pk
    return reverse("admin:webhooks_conversation_change", args=[pk])


def key_of(number: int) -> int:
    return Conversation.objects.get(display_id=number).pk


def do(user, verb: str, *numbers: int, **fields) -> str:
    """What the page says after a verb on these rows."""
    sent = {"verb": verb, "id": [key_of(number) for number in numbers]} | fields
    return signed_in(user).post(url("selected"), sent, follow=True).content.decode()


@pytest.mark.parametrize(
    ("query", "left"),
    [
        ("?language=de", [8]), ("?state=ready", [9]), ("?who=mine", [7]), ("?who=unclaimed", [9, 8]),
        ("?state=ready&language=de", []), ("?colour=red", [9, 8, 7]),
    ],
)  # fmt: skip
@pytest.mark.every_row
def test_a_filter_leaves_the_rows_that_it_names(maria, query, left):
    wrote(7, age=60)
    wrote(8, age=120, text=GERMAN)
    drafted(9, age=180)
    do(maria, "assign", 7, owner=maria.pk)

    assert shown(opened(maria, query)) == left


def test_each_filter_says_how_many_it_would_leave(maria):
    for number in (7, 8):
        wrote(number, text=GERMAN)
    drafted(9)

    page = opened(maria, "?language=de")

    assert "English <span>1</span>" in page
    assert "Ready <span>" not in page


def test_a_chosen_filters_link_takes_it_back(maria):
    wrote(7)

    assert '<a href="?state=drafting" aria-current="true"' not in opened(maria, "?state=drafting")
    assert '<a href="?" aria-current="true"' in opened(maria, "?state=drafting")


def test_filters_that_fit_nobody_offer_the_way_back(maria):
    wrote(7)

    assert "No customers match these filters." in opened(maria, "?language=fr")


def test_an_open_page_gets_the_list_alone(maria):
    wrote(7)

    news = opened(maria, **{"X-Fragment": "1"})

    assert shown(news) == [7]
    assert "<html" not in news


def test_a_long_queue_shows_more_on_asking(maria, monkeypatch):
    monkeypatch.setattr("knowledge.admin.queue_live.STEP", 2)
    for number in (7, 8, 9):
        wrote(number, age=number)

    first = opened(maria)

    assert (len(shown(first)), "Show more (1 left)" in first) == (2, True)
    assert len(shown(opened(maria, "?show=4"))) == 3


def test_more_rows_cost_no_more_queries(maria, django_assert_num_queries):

    client = signed_in(maria)
    drafted(7)
    client.get(url())
    with CaptureQueriesContext(connection) as one:
        client.get(url())
    for number in range(8, 28):
        drafted(number)

    with django_assert_num_queries(len(one)):
        client.get(url())


def test_near_rows_without_a_draft_get_one_asked_for_once(maria):
    wrote(7)
    Delivery.objects.filter(event="draft.request").update(status="DONE", next_attempt_at=None)
    client = signed_in(maria)

    for _ in range(2):
        assert client.post(url("near"), {"id": [key_of(7)]}).status_code == 204

    near = Delivery.objects.filter(event="draft.request", delivery_key__endswith=":near")
    assert near.count() == 1


def test_near_rows_with_a_draft_ask_for_none(maria):
    drafted(7)

    signed_in(maria).post(url("near"), {"id": [key_of(7)]})

    assert not Delivery.objects.filter(delivery_key__endswith=":near").exists()


def test_a_draft_asked_for_again_is_asked_for_again(maria):
    """An article may have been written since the last request found none."""
    wrote(7)
    for count in (2, 3):
        Delivery.objects.filter(event="draft.request").update(status="DONE", next_attempt_at=None)
        do(maria, "redraft", 7)
        assert Delivery.objects.filter(event="draft.request").count() == count


def test_a_draft_that_could_not_be_sent_is_not_promised(maria):
    wrote(7)
    Delivery.objects.filter(event="draft.request").update(status="DONE", next_attempt_at=None)
    Conversation.objects.update(can_reply=False)

    answer = do(maria, "redraft", 7)

    assert "window has closed" in answer
    assert "being written" not in answer
    assert Delivery.objects.filter(event="draft.request").count() == 1


def test_several_are_assigned_at_once(maria):
    for number in (7, 8):
        wrote(number)
    bob = make_user("bob", "Agent")

    assert "Assigned: 2 customers." in do(maria, "assign", 7, 8, owner=bob.pk)


def test_several_are_dismissed_with_one_reason(maria):
    for number in (7, 8):
        wrote(number)

    do(maria, "dismiss", 7, 8, reason="Only says thanks.")

    assert shown(opened(maria)) == []


def test_what_cannot_be_is_said_by_name(maria):
    wrote(7)

    assert "Not changed for Customer 7: Say why no reply is needed." in do(maria, "dismiss", 7, reason="")


def test_several_are_drafted_again(maria):
    drafts = [drafted(number) for number in (7, 8)]

    do(maria, "redraft", 7, 8)

    asked = [draft.events.filter(action="redraft requested").count() for draft in drafts]
    assert asked == [1, 1]


def test_there_is_no_approving_of_several(maria):
    draft = drafted(7)

    assert "Nothing to do: select customers" in do(maria, "approve", 7)
    assert Draft.objects.get(pk=draft.pk).status == "PROPOSED"


def test_rows_of_other_inboxes_are_nobodys_to_select(maria):
    wrote(7, inbox_id=2)
    charlie = make_user("charlie", "Lead", inboxes=[make_inbox(inbox_id=3)])

    do(charlie, "dismiss", 7, reason="mine now")

    assert shown(opened(maria)) == [7]


def test_dismissed_ones_can_be_put_back(maria):
    wrote(7)
    do(maria, "dismiss", 7, reason="Only says thanks.")
    client = signed_in(maria)

    row = Conversation.objects.get().dismissals.get()
    client.post(reverse("admin:knowledge_draft_put-back", args=[row.pk]))

    assert shown(opened(maria)) == [7]


def taken(user) -> str:
    return signed_in(user).post(url("next")).headers["Location"]


def test_a_link_to_the_next_takes_nothing(maria):
    drafted(7)
    wrote(8)
    Delivery.objects.filter(event="draft.request").update(status="DONE", next_attempt_at=None)

    answer = signed_in(maria).get(url("next"))

    assert answer.headers["Location"] == url()
    assert not Assignment.objects.exists()
    assert not Draft.objects.filter(claimed_by__isnull=False).exists()


def test_taking_the_next_claims_its_draft(maria):
    urgent = drafted(7)

    taken(maria)

    urgent.refresh_from_db()
    assert urgent.claimed_by == maria


def test_next_is_the_most_urgent_that_nobody_has(maria):
    urgent, other = drafted(7, age=300), drafted(8)
    decisions.claim(urgent, by=make_lead("bob"), now=timezone.now())

    assert taken(maria) == page_of(other)


def test_next_brings_what_one_has_already_only_when_nobody_else_waits(maria):
    urgent, other = drafted(7, age=300), drafted(8)
    decisions.claim(urgent, by=maria, now=timezone.now())

    assert taken(maria) == page_of(other)
    assert taken(maria) == page_of(urgent)


def test_next_keeps_to_the_languages_that_the_person_reads(maria):
    drafted(7, age=300, text=GERMAN)
    other = drafted(8)

    signed_in(maria).post(url("languages"), {"language": ["en"]})

    assert taken(maria) == page_of(other)


def test_next_hands_another_language_to_nobody_who_reads_some_alone(maria):
    draft, client = drafted(7, text="أين طلبي رقم 1234؟ لم يصل بعد"), signed_in(maria)
    assert ">AR</abbr>" in opened(maria)
    client.post(url("languages"), {"language": ["en"]})
    assert taken(maria) == url()

    client.post(url("languages"), {})
    assert taken(maria) == at(draft, "change")


def test_every_language_is_the_same_as_none_chosen(maria):
    make_article("erstattung", language="de")
    signed_in(maria).post(url("languages"), {"language": ["de"]})
    assert ReadsLanguages.objects.get().languages == ["de"]

    signed_in(maria).post(url("languages"), {"language": ["de", "en", "unknown"]})

    assert ReadsLanguages.objects.get().languages == []


def test_next_without_a_draft_is_whoever_takes_it(maria):
    wrote(7)
    Delivery.objects.filter(event="draft.request").update(status="DONE", next_attempt_at=None)

    assert taken(maria) == at_conversation(7)
    assert taken(make_lead("bob")) == url()


def test_where_nobody_waits_no_page_asks_to_choose_a_customer(maria):
    assert "Choose a customer in the list" not in opened(maria)

    wrote(1)

    assert "Choose a customer in the list" in opened(maria)
