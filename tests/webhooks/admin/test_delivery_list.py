"""Lists of deliveries: how many in which state, what the search finds for whom, and counts that read no whole table."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from tests.factories import (
    conversation_object,
    make_delivery,
    make_inbox,
    make_source,
    make_user,
    make_waiting,
    message_event,
    run_due,
)
from tests.webhooks.people import make_dead, sign_in
from webhooks.accounts import access
from webhooks.database import row_estimates
from webhooks.deliveries import search
from webhooks.models import Delivery, FailureNote, Message

pytestmark = pytest.mark.django_db
SECRET_WORDS = "My card is 4111"


def shown(client: Client, model: str = "delivery", **asked: Any) -> list[int]:
    answer = client.get(reverse(f"admin:webhooks_{model}_changelist"), asked)
    return [row.pk for row in answer.context["cl"].result_list]


def said(client: Client, **asked: Any) -> str:
    return client.get(reverse("admin:webhooks_delivery_changelist"), asked).content.decode()


def states(client: Client, **asked: Any) -> dict[str, str]:
    answer = client.get(reverse("admin:webhooks_delivery_changelist"), asked)
    return {state["label"]: str(state["count"]) for state in answer.context["states"]}


def make_message(number: int, *, conversation: int = 7, content: str = "Hello", **facts: Any) -> Delivery:
    about = conversation_object(conversation)
    return make_delivery(message_event(number, content=content, conversation=about), **facts)


def make_recent(number: int = 100, **facts: Any) -> Delivery:
    return make_message(number, now=timezone.now() - timedelta(hours=1), **facts)


def test_a_list_says_how_many_are_in_each_state(seeded):
    make_dead(message_id=1)
    make_message(2)

    assert states(sign_in("Operator")) == {
        "All": "None", "Pending": "1", "Done": "0", "Failed": "1", "Held": "0", "Cancelled": "0",
    }  # fmt: skip


def test_the_states_count_within_the_other_filters(seeded):
    make_message(1, conversation=7)
    make_message(2, conversation=8)

    assert states(sign_in("Operator"), conversation_id=7, status__exact="DEAD")["Pending"] == "1"


def test_a_number_finds_our_id_the_conversation_and_the_message(seeded):
    first = make_message(100, conversation=50)
    by_conversation = make_message(101, conversation=first.pk)
    by_message = make_message(first.pk, conversation=51)
    make_message(102, conversation=52)

    assert shown(sign_in("Operator"), q=str(first.pk)) == [by_message.pk, by_conversation.pk, first.pk]


def test_a_message_finds_what_went_out_because_of_it(seeded):
    make_waiting(message_id=4711)

    rows = Delivery.objects.filter(pk__in=shown(sign_in("Operator"), q="4711"))

    assert {row.event for row in rows} == {"message_created", "draft.request"}


def test_a_message_whose_creation_never_came_is_found_by_the_mirror(seeded):
    row = make_delivery(message_event(4711, event="message_updated"))
    run_due("in", now=row.received_at)

    assert Message.objects.filter(message_id=4711).exists()
    assert row.pk in shown(sign_in("Operator"), q="4711")


def test_a_delivery_id_of_chatwoot_finds_its_row(seeded):
    row = make_message(100, key="0b5e-chatwoot")
    make_message(101)

    assert shown(sign_in("Operator"), q=" 0b5e-chatwoot ") == [row.pk]


@pytest.mark.parametrize("term", ["9" * 30, "#", "%", "٣"])
@pytest.mark.every_row
def test_a_search_for_nonsense_finds_nothing_and_breaks_nothing(seeded, term):
    make_message(100)

    assert shown(sign_in("Operator"), q=term, within="1d") == []


def test_words_are_found_within_a_time_range(seeded):
    row = make_recent(content=SECRET_WORDS)
    make_recent(101, content="Nothing of the kind")

    assert shown(sign_in("superuser"), q="card is 4111", within="1d") == [row.pk]


@pytest.mark.parametrize("asked", [{}, {"received_at_from": "2026-01-01", "received_at_to": "2026-03-01"}])
def test_words_are_not_looked_for_without_a_range_of_31_days_at_most(seeded, asked):
    make_recent(content=SECRET_WORDS)
    client = sign_in("superuser")

    assert "choose a time range" in said(client, q="card is", **asked)
    assert shown(client, q="card is", **asked) == []


def test_words_are_found_between_two_days(seeded):
    row = make_recent(content=SECRET_WORDS)
    day = timezone.localdate(row.received_at).strftime("%d/%m/%Y")

    assert shown(sign_in("superuser"), q="card is", received_at_from=day, received_at_to=day) == [row.pk]


@pytest.mark.parametrize(("until", "first"), [(-1, "-received_at"), (0, "-id"), (6, "-id")])
def test_days_until_today_are_not_sorted_by_time(seeded, until, first):
    day = (timezone.localdate() + timedelta(days=until)).isoformat()
    address = reverse("admin:webhooks_incoming_changelist")

    answer = sign_in("Operator").get(address, {"received_at_from": "2026-01-01", "received_at_to": day})

    assert answer.context["cl"].queryset.query.order_by[0] == first


def test_words_are_not_looked_for_by_an_operator(seeded):
    make_recent(content=SECRET_WORDS)
    client = sign_in("Operator")

    assert shown(client, q="card is 4111", within="1d") == []
    assert "hidden from you" in said(client, q="card is 4111", within="1d")


def test_words_are_looked_for_in_ones_own_inboxes_alone(seeded):
    make_waiting(text=SECRET_WORDS)
    Delivery.objects.update(received_at=timezone.now())
    mine, other = make_inbox(), make_inbox(inbox_id=99)

    def found_by(inbox: Any) -> int:
        client = Client()
        client.force_login(make_user("", access.OPERATOR, access.AGENT, inboxes=[inbox]))
        return len(shown(client, q="card is 4111", within="1d"))

    assert (found_by(mine), found_by(other)) == (1, 0)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ('say "no"', b'say \\"no\\"'),
        ("back\\slash", b"back\\\\slash"),
        ("two\nlines", b"two\\nlines"),
        ("Grüße", "Grüße".encode()),
        ("Grüße", b"Gr\\u00fc\\u00dfe"),
        ("a & b <c>", b"a & b <c>"),
        ("a & b <c>", b"a \\u0026 b \\u003cc\\u003e"),
    ],
)
@pytest.mark.every_row
def test_words_are_found_as_a_writer_of_json_put_them(seeded, text, written):
    row = make_recent()
    Delivery.objects.filter(pk=row.pk).update(body=b'{"content": "' + written + b'"}')

    assert shown(sign_in("superuser"), q=text, within="1d") == [row.pk]


def test_a_text_search_that_takes_too_long_says_how_far_it_came(db):
    make_recent(content=SECRET_WORDS)
    now = timezone.now()
    within = search.Range(now - timedelta(days=1), now)

    found = search.by_text(Delivery.objects.all(), "card", within, seconds=-1)

    assert (found.ids, found.reached) == ([], now)


def test_a_count_of_few_is_exact_and_of_many_is_capped(seeded):
    for number in range(5):
        make_message(number)

    assert str(row_estimates.capped(Delivery.objects.all(), most=5)) == "5"
    assert str(row_estimates.capped(Delivery.objects.all(), most=4)) == "4+"


@pytest.mark.parametrize(
    ("count", "words"),
    [
        (row_estimates.Count(1204), "1,204"),
        (row_estimates.Count(10_000, more=True), "10,000+"),
        (row_estimates.Count(1_234_567, about=True), "about 1,200,000"),
        (row_estimates.Count(7, about=True), "about 7"),
    ],
)
def test_a_count_says_how_sure_it_is(count, words):
    assert str(count) == words


@pytest.mark.postgres
def test_many_rows_are_told_by_the_planners_estimate(seeded):
    make_message(1)
    row = Delivery.objects.get()
    copies = [
        Delivery(source=row.source, direction="IN", lane="in", event="x", delivery_key=f"k{number}", body=b"",
                 status="DONE", due_since=row.due_since, received_at=row.received_at)
        for number in range(300)
    ]  # fmt: skip
    Delivery.objects.bulk_create(copies)

    count = row_estimates.estimated(Delivery.objects.all(), most=100)

    assert (count.about, count.number >= 100) == (True, True)


@pytest.mark.parametrize(
    ("language", "count", "said"),
    [
        ("en", row_estimates.Count(1022), "1,022"),
        ("de", row_estimates.Count(1022), "1.022"),
        ("de", row_estimates.Count(10_000, more=True), "10.000+"),
        ("de", row_estimates.Count(123_456, about=True), "etwa 120.000"),
    ],
)
def test_a_count_is_written_as_the_readers_language_does(language, count, said):
    with translation.override(language):
        assert str(count) == said


def test_pages_end_where_reading_on_would_be_slow(seeded, monkeypatch):
    monkeypatch.setattr(row_estimates, "MOST", 2)
    for number in range(4):
        make_message(number)
    paginator = row_estimates.EstimatingPaginator(Delivery.objects.order_by("-pk"), 1)

    assert (paginator.num_pages, paginator.reaches_all) == (2, False)


def test_muted_failures_are_no_dead_letters_of_the_list_behind_the_badge(seeded):
    calling, muted = make_dead(message_id=1), make_dead(message_id=2)
    Delivery.objects.filter(pk=muted.pk).update(error_fingerprint="f" * 16)
    FailureNote.objects.create(fingerprint="f" * 16, muted_at=timezone.now(), changed_at=timezone.now())

    assert shown(sign_in("Operator"), status__exact="DEAD", muted="no") == [calling.pk]


def test_a_list_asks_the_same_number_of_questions_however_long_it_is(seeded, django_assert_max_num_queries):
    for number in range(30):
        make_message(number)
    client = sign_in("Operator")
    make_source()

    with django_assert_max_num_queries(30):
        shown(client, model="incoming")
