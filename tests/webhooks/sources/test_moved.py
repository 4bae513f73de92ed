"""A source is bound to its Chatwoot: connected elsewhere, nothing is sent to strangers before a person confirms the move."""

from collections.abc import Iterator

import pytest
from django.urls import reverse

from knowledge.calendars import chatwoot_hours
from knowledge.imports import portal
from knowledge.replies import credentials
from tests.factories import (
    NOW,
    conversation_object,
    deliver,
    later,
    make_approved,
    make_delivery,
    make_inbox,
    make_lead,
    make_source,
    make_user,
    message_event,
    run_due,
)
from tests.webhooks.sources.test_connecting import connect
from webhooks import deliveries
from webhooks.models import Attempt, Conversation, Delivery, Source
from webhooks.reconcile import runs
from webhooks.simulator.server import SimulatedChatwoot
from webhooks.sources import connecting, dashboard_app

pytestmark = pytest.mark.django_db
BEFORE = "https://chat.acme.example"


@pytest.fixture
def other() -> Iterator[SimulatedChatwoot]:
    with SimulatedChatwoot(deliver=False) as running:
        yield running


@pytest.fixture
def waiting(seeded, settings) -> Delivery:
    """A reply that was approved while the source was bound to its first address."""
    settings.UNDO_SECONDS = 0
    make_source(base_url=BEFORE)
    make_approved()
    return Delivery.objects.get(event="reply.send")


def confirm_url() -> str:
    return reverse("admin:webhooks_source_confirm_moved", args=[Source.objects.get().pk])


def moved_from() -> str:
    return Source.objects.get(slug="acme").moved_from


def test_a_reply_that_waits_is_held_when_its_source_is_connected_elsewhere(waiting, other):
    printed = connect(other)
    run_due("send", now=NOW)

    waiting.refresh_from_db()
    assert (waiting.status, waiting.held_for) == ("HELD", "rule")
    assert f"was connected to {BEFORE} before" in printed


def test_releasing_everything_does_not_send_it_either(waiting, other):
    connect(other)
    run_due("send", now=NOW)
    Delivery.objects.filter(pk=waiting.pk).update(status="PENDING", held_for="", next_attempt_at=NOW)

    run_due("send", now=NOW)

    waiting.refresh_from_db()
    assert waiting.status == "HELD"


def test_connecting_twice_does_not_make_the_new_address_the_old_one(waiting, other):
    connect(other)
    connect(other)

    assert moved_from() == BEFORE


def test_a_person_confirms_the_move_and_what_waited_goes_on(waiting, other, client):
    connect(other)
    run_due("send", now=NOW)
    client.force_login(make_user("root", is_superuser=True))
    source = Source.objects.get()

    page = client.get(f"/admin/webhooks/source/{source.pk}/change/").content.decode()
    assert "Confirm the move" in page
    assert client.post(confirm_url()).status_code == 302

    waiting.refresh_from_db()
    assert (moved_from(), waiting.status) == ("", "PENDING")


def test_only_superusers_confirm_a_move(waiting, other, client):
    connect(other)
    client.force_login(make_user("meg", "Manager", "Operator"))

    assert client.post(confirm_url()).status_code == 403
    assert moved_from() == BEFORE


def test_whoever_says_at_connecting_that_it_moved_is_not_asked(waiting, other):
    assert "was connected to" not in connect(other, "--moved")

    assert moved_from() == ""


def test_the_same_address_in_another_dress_is_no_move(other, seeded):
    connect(other)
    Source.objects.update(base_url=other.url.upper().replace("HTTP:", "http:") + "/")

    connect(other)

    assert moved_from() == ""


def test_connected_to_the_first_address_again_everything_goes_on(waiting, other):
    connect(other)
    Source.objects.update(moved_from=other.url, base_url=BEFORE)

    connect(other)

    assert moved_from() == ""


@pytest.mark.parametrize(
    ("said", "bound"), [({"moved": "on"}, ""), ({}, BEFORE)], ids=["it moved", "nothing said"]
)
def test_the_form_has_the_commands_word_for_a_move(waiting, other, client, settings, said, bound):
    settings.PRIVATE_HOSTS = ["127.0.0.1"]
    client.force_login(make_user("root", is_superuser=True))
    form = reverse("admin:webhooks_source_connect")
    page = client.get(form, {"slug": "acme"}).content.decode()

    client.post(form, {
        "slug": "acme", "base_url": other.url, "account_id": "1", "api_token": other.admin_token, "secret": "s" * 24,
        "public_url": "https://desk.example.com", **said,
    })  # fmt: skip

    assert 'name="moved"' in page
    assert (Source.objects.get().base_url, moved_from()) == (other.url, bound)


def test_nothing_is_read_from_another_address_before_somebody_confirms_it(other):
    """What it calls conversation 7 is other people's: it must not stand in ours."""
    source = make_source(base_url=BEFORE)
    begun = runs.start(source, cause="command", since=later(-60), now=NOW)
    connect(other)
    source.refresh_from_db()

    with pytest.raises(runs.CannotStart, match="Confirm the move"):
        runs.start(source, cause="command", since=later(-60), now=NOW)
    assert runs.go_on(begun, now=NOW) == 0
    source.reconcile_runs.update(status="DONE")
    assert runs.due(source, now=later(86_400)) == ""


def moved() -> Source:
    """Connected to another address, and nobody has said yet whether it is the same Chatwoot."""
    make_inbox()
    Source.objects.update(moved_from=BEFORE)
    return Source.objects.get()


def event_in() -> Delivery:
    return Delivery.objects.get(direction="IN")


def test_no_event_is_folded_in_before_somebody_confirms_where_it_comes_from(seeded):
    """What another Chatwoot calls conversation 7 is other people's: a reply to them would go to ours."""
    source = moved()

    deliver(message_event(), source=source)

    assert (event_in().status, event_in().held_for) == ("HELD", "rule")
    assert not Conversation.objects.exists()


@pytest.mark.parametrize(
    "event", ["message_updated", "conversation_created", "conversation_updated", "contact_updated"]
)
def test_whatever_the_event_is(seeded, event):
    deliver({**conversation_object(), **message_event(event=event)}, source=moved())

    assert (event_in().status, Conversation.objects.exists()) == ("HELD", False)


def test_a_confirmed_move_processes_what_came_meanwhile(seeded):
    source = moved()
    deliver(message_event(), source=source)

    assert connecting.confirm_moved(source, now=NOW) == 1
    run_due("in", now=NOW)

    assert (event_in().status, Conversation.objects.get().waiting_message.message_id) == ("DONE", 100)


def test_an_event_that_is_held_while_somebody_confirms_goes_on(seeded):
    source = moved()
    make_delivery(message_event(), source=source)
    claimed = deliveries.claim("in", now=NOW)

    connecting.confirm_moved(source, now=NOW)
    for row in claimed:
        deliveries.process(row, now=NOW)
    run_due("in", now=NOW)

    assert event_in().status == "DONE"


def test_what_came_from_elsewhere_is_not_processed_when_the_source_goes_back(other, seeded):
    connect(other)
    Source.objects.update(moved_from=other.url, base_url=BEFORE)
    make_inbox(Source.objects.get())
    deliver(message_event(), source=Source.objects.get())
    make_delivery(message_event(101), source=Source.objects.get())  # not begun yet

    connect(other)
    run_due("in", now=NOW)

    rows = Delivery.objects.filter(direction="IN")
    assert set(rows.values_list("status", flat=True)) == {"CANCELLED"}
    assert f"it arrived while acme was connected to {BEFORE}" in rows[0].last_error
    assert not Conversation.objects.exists()


@pytest.mark.parametrize("ends", ["goes back", "is confirmed"])
def test_what_a_policy_held_stays_held_for_a_person(other, seeded, ends):
    connect(other)
    row = make_delivery(message_event(), source=Source.objects.get())
    Delivery.objects.update(status="HELD", held_for="rule", next_attempt_at=None, attempts=1)
    Attempt.objects.create(delivery=row, number=1, started_at=NOW, finished_at=NOW, error_class="ValueError")
    Source.objects.update(moved_from=other.url, base_url=BEFORE)

    if ends == "goes back":
        connect(other)
    else:
        connecting.confirm_moved(Source.objects.get(), now=NOW)

    assert (moved_from(), event_in().status) == ("", "HELD")


def help_centre(source: Source) -> None:
    portal.read(source, "help", locale="", language="en")


def canned_responses(source: Source) -> None:
    portal.read_canned_responses(source)


def business_hours(source: Source) -> None:
    chatwoot_hours.take_over(make_inbox(source))


def own_token(source: Source) -> None:
    credentials.store(make_lead(), source, token="a-token-of-theirs", now=NOW)


def dashboard(source: Source) -> None:
    dashboard_app.add(source)


@pytest.mark.parametrize("read", [help_centre, canned_responses, business_hours, own_token, dashboard])
def test_nothing_else_is_taken_from_there_either(other, seeded, read):
    connect(other)
    Source.objects.update(moved_from=BEFORE)
    asked = len(other.requests)

    with pytest.raises(Exception, match="Confirm on its page"):
        read(Source.objects.get())

    assert len(other.requests) == asked
