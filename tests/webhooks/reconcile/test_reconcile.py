"""After a gap the mirror is what Chatwoot is, also where it is asked twice or webhooks flow meanwhile."""

import pytest

from tests.factories import deliver, later, make_delivery, run_due
from tests.webhooks.reconcile.reconciling import build, gap, reconciled
from webhooks.display import reconcile_text
from webhooks.models import Alert, Conversation, Delivery, Message
from webhooks.outbound import chatwoot
from webhooks.reconcile import runs, steps
from webhooks.simulator import endpoints

pytestmark = pytest.mark.django_db


@pytest.fixture
def short_pages(monkeypatch) -> None:
    """Three conversations a page, here and there."""
    monkeypatch.setattr(endpoints, "PAGE", 3)
    monkeypatch.setattr(chatwoot, "CONVERSATIONS_PAGE", 3)


# A gap


def test_after_a_gap_the_mirror_is_what_chatwoot_is(wire):
    gap(wire)
    assert wire.ours() != wire.chatwoots()

    wire.search()

    assert wire.ours() == wire.chatwoots()


def test_what_was_missed_came_the_way_of_every_event(wire):
    gap(wire)

    wire.search()

    found = Delivery.objects.filter(origin="reconciled")
    assert set(found.values_list("direction", "status")) == {("IN", "DONE")}


def test_it_says_how_many_were_missed_and_when(wire):
    gap(wire)

    run = wire.search()

    said = "6 events were missed between 09:10 and 09:15 UTC on 23 Nov, all recovered."
    assert reconcile_text.found(run) == said
    assert Alert.objects.get(kind="missed").text == f"acme: {said}"


def test_a_gap_longer_than_chatwoot_answers_at_once_is_read_page_by_page(wire, short_pages):
    gap(wire)
    for number in range(8):
        wire.tick(60)
        wire.write("One of many.", contact=f"Customer {number}")
    wire.lose()
    wire.tick(7200)

    wire.search()

    assert wire.ours() == wire.chatwoots()


def test_what_is_active_while_the_pages_are_read_is_not_overlooked(wire, short_pages):
    """It moves to the first page, which was read already."""
    for number in range(8):
        wire.write("One of many.", contact=f"Customer {number}")
        wire.tick(1)
    wire.lose()
    wire.tick(10_000)
    run, last = wire.begin(), 1
    runs.go_on(run, now=wire.now, seconds=0)  # one read
    wire.tick(1)
    wire.write("Once more!", to=last)
    wire.lose()

    runs.go_on(run, now=wire.now, seconds=60)
    run_due("in", now=wire.now)

    assert wire.ours() == wire.chatwoots()


def test_nothing_missed_raises_no_alert(wire):
    wire.write()
    wire.webhooks()
    wire.tick(600)

    run = wire.search()

    assert (run.missed, reconciled(), Alert.objects.count()) == (0, 0, 0)
    assert reconcile_text.found(run) == "Nothing was missed."


def test_the_alert_is_over_when_a_search_finds_nothing_more(wire):
    gap(wire)
    wire.search()
    wire.tick(900)

    wire.search()

    assert Alert.objects.filter(kind="missed", closed_at=None).count() == 0


# Twice, and beside webhooks


def test_a_second_search_finds_nothing_new(wire):
    gap(wire)
    wire.search()
    before = reconciled()

    again = wire.search()

    assert (again.missed, again.young, reconciled()) == (0, 0, before)


def test_a_second_search_before_the_first_is_processed_finds_nothing_new(wire):
    gap(wire)
    runs.go_on(wire.begin(), now=wire.now, seconds=60)
    before = reconciled()

    again = wire.search()

    assert (again.missed, reconciled()) == (0, before)


def test_webhooks_that_come_late_after_all_change_nothing(wire):
    known = wire.write()
    wire.webhooks()
    wire.tick(600)
    wire.world.agent_writes(conversation_id=known, content="Here you are.")
    wire.write("Thanks, but no.", to=known)
    late = build(wire)
    wire.tick(600)
    wire.search()
    before = wire.ours()

    for payload in reversed(late):
        deliver(payload, source=wire.source, now=wire.now)

    assert wire.ours() == before == wire.chatwoots()


def test_what_waits_here_to_be_processed_was_not_missed(wire):
    number = wire.write()
    wire.webhooks()
    wire.tick(600)
    wire.write("Received, and not yet looked at.", to=number)
    for payload in build(wire):
        make_delivery(payload, source=wire.source, now=wire.now)
    wire.tick(600)

    assert wire.search().missed == 0


def test_what_is_younger_than_its_webhook_may_be_is_kept_and_not_counted(wire):
    number = wire.write()
    wire.webhooks()
    wire.tick(600)
    wire.write("Just now.", to=number)
    wire.lose()
    wire.tick(5)

    run = wire.search()

    assert (run.missed, run.messages) == (0, 0)
    assert run.young
    assert reconcile_text.found(run) == ("1 recent event was recovered; its webhook may still arrive.")
    assert wire.ours() == wire.chatwoots()


@pytest.fixture
def short_outage(wire):
    """A search right after it: everything is too new to count. Returns what was lost meanwhile, and the search."""
    number = wire.write()
    wire.webhooks()
    wire.tick(600)
    wire.write("Just now.", to=number)
    lost = build(wire)
    wire.tick(5)
    return lost, wire.search()


def test_a_short_outage_is_a_gap_once_its_webhooks_have_had_their_time(wire, short_outage):
    _, run = short_outage
    wire.tick(600)

    runs.step(now=wire.now)

    run.refresh_from_db()
    gaps = runs.gaps(wire.source, since=later(0), until=wire.now)
    assert (run.missed, run.young) == (1, 0)
    assert [gap.events for gap in gaps] == [1]


def test_a_webhook_that_was_merely_late_leaves_no_gap(wire, short_outage):
    events, run = short_outage
    for event in events:
        deliver(event, source=wire.source, now=wire.now)
    wire.tick(600)

    runs.step(now=wire.now)

    run.refresh_from_db()
    assert (run.missed, run.young) == (0, 0)
    assert reconcile_text.found(run) == "Nothing was missed."


def test_what_comes_while_a_conversation_is_read_is_not_taken_for_deleted(wire, monkeypatch):
    number = wire.write()
    wire.webhooks()
    wire.tick(600)
    read = steps.read

    def meanwhile(item, client, *, now):
        commit = read(item, client, now=now)
        wire.write("While it is read.", to=number)
        wire.webhooks()
        return commit

    monkeypatch.setattr(steps, "read", meanwhile)

    wire.search()

    assert not Message.objects.filter(deleted=True).exists()
    assert wire.ours() == wire.chatwoots()


# Drafts


def drafts_asked_for() -> list[int]:
    return list(Delivery.objects.filter(event="draft.request").values_list("message_id", flat=True))


def test_only_the_newest_unanswered_message_of_an_open_conversation_is_drafted_for(wire):
    answered = wire.write("Answered meanwhile.", contact="Ada")
    wire.world.agent_writes(conversation_id=answered, content="Here you are.")
    resolved = wire.write("Resolved meanwhile.", contact="Bo")
    wire.world.set_status(resolved, "resolved")
    waiting = wire.write("First.", contact="Cy")
    wire.tick(5)
    wire.write("Second.", to=waiting)
    wire.lose()
    wire.tick(900)

    wire.search()

    newest = Message.objects.get(content="Second.")
    assert drafts_asked_for() == [newest.message_id]


def test_nothing_is_drafted_for_a_message_older_than_a_day(wire):
    wire.write()
    wire.lose()
    wire.tick(25 * 3600)

    wire.search()

    assert Conversation.objects.get().waiting_since is not None
    assert drafts_asked_for() == []
