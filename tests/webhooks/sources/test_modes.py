"""Modes of a source: what waits, what goes on, and what a switch leaves behind."""

import pytest
from django.db import connection

from tests.factories import NOW, later, make_delivery, make_source, make_user, message_event, run_due
from tests.webhooks.sources.moding import switch
from webhooks import deliveries
from webhooks.deliveries import replay_plans, replay_runs
from webhooks.models import Delivery, DeliveryAudit, ModeChange, Source
from webhooks.sources import modes

pytestmark = pytest.mark.django_db


def keep(incoming, count: int = 2) -> list[Delivery]:
    """Events that came in during a pause."""
    switch("paused")
    rows = [incoming() for _ in range(count)]
    run_due("in", now=NOW)
    return rows


def states() -> set[tuple[str, str]]:
    return set(Delivery.objects.filter(direction="IN").values_list("status", "held_for"))


def post(event: str, **facts) -> Delivery:
    deliveries.enqueue(
        make_source(), event=event, key=f"{event}:1", lane="send", payload={}, at=NOW, now=NOW, **facts
    )
    return Delivery.objects.get(event=event)


def test_what_arrives_while_paused_is_kept(incoming):
    keep(incoming)

    assert states() == {("HELD", "paused")}


def test_a_switch_keeps_who_and_why(db):
    person = make_user()

    change = switch("paused", by=person, reason=" Wrong prices. ")

    source = Source.objects.get()
    assert (source.mode, source.mode_reason) == ("paused", "Wrong prices.")
    assert (change.before, change.mode, change.by, change.reason) == (
        "active",
        "paused",
        person,
        "Wrong prices.",
    )


def test_a_switch_asks_why(db):
    make_source()

    with pytest.raises(modes.CannotSwitch, match="Enter a reason"):
        switch("paused", reason="  ")

    assert not ModeChange.objects.exists()


def test_switching_to_the_same_mode_changes_nothing(db):
    switch("paused")

    with pytest.raises(modes.AlreadySo, match="acme is already paused"):
        switch("paused", reason="Again.")

    assert ModeChange.objects.count() == 1


def test_resuming_processes_what_was_kept_at_a_pace(incoming):
    keep(incoming, 3)

    change = switch("active", now=later(60))

    assert (change.events, change.run.pace) == (3, modes.RESUME_PACE)
    replay_runs.step(now=later(61))
    run_due("in", now=later(61))
    assert states() == {("DONE", "")}


def test_resuming_says_why_at_every_row(incoming):
    keep(incoming, 1)

    switch("active", reason="Prices are right.", now=later(60))
    replay_runs.step(now=later(61))

    assert "Prices are right." in DeliveryAudit.objects.get().reason


def test_what_other_causes_hold_stays_held(incoming):
    keep(incoming, 2)
    other = Delivery.objects.order_by("pk").first()
    Delivery.objects.filter(pk=other.pk).update(held_for="rule")

    switch("active", now=later(60))
    replay_runs.step(now=later(61))

    other.refresh_from_db()
    assert (other.status, other.held_for) == ("HELD", "rule")


def test_what_is_not_processed_is_ended_with_the_reason_and_stays(incoming):
    rows = keep(incoming)

    change = switch("active", then="end", reason="Agents answered all.", now=later(60))

    kept = Delivery.objects.filter(pk__in=[row.pk for row in rows])
    assert {row.status for row in kept} == {"CANCELLED"}
    assert all("Agents answered all." in row.last_error for row in kept)
    assert change.events == 2


def test_what_arrived_in_the_pause_and_no_worker_saw_is_ended_too(incoming):
    switch("paused")
    row = incoming(now=later(5))

    switch("active", then="end", now=later(60))

    row.refresh_from_db()
    assert row.status == "CANCELLED"


def test_what_waited_before_the_pause_is_not_ended(incoming):
    row = incoming()
    switch("paused", now=later(5))

    switch("active", then="end", now=later(60))

    row.refresh_from_db()
    assert row.status == "PENDING"


def test_what_a_worker_has_in_hand_when_the_source_is_resumed_is_not_held_for_ever(incoming):
    row = incoming()
    switch("paused")
    claimed = deliveries.claim("in", now=NOW)
    switch("active", now=later(1))

    deliveries.process(claimed[0], now=later(2))

    row.refresh_from_db()
    assert (row.status, row.next_attempt_at) == ("PENDING", later(2))


def test_what_goes_out_is_held_also_when_the_switch_comes_after_the_claim(behaviours, settings):
    settings.OUT_HANDLERS = {"note.create": "tests.webhooks.sources.test_modes.never"}
    row = post("note.create")
    claimed = deliveries.claim("send", now=NOW)
    switch("paused")

    deliveries.process(claimed[0], now=NOW)

    row.refresh_from_db()
    assert (row.status, row.held_for) == ("HELD", "paused")


def never(*args, **kwargs) -> None:
    raise AssertionError("It must not run.")


@pytest.mark.parametrize("event", ["alert.notify", "mode.notify"])
def test_what_people_are_told_does_not_wait(behaviours, settings, event):
    settings.OUT_HANDLERS = {event: "tests.webhooks.sources.test_modes.fine"}
    row = post(event)
    switch("paused")

    run_due("send", now=NOW)

    row.refresh_from_db()
    assert row.status == "DONE"


def fine(*args, **kwargs) -> None:
    return None


def test_pausing_ends_a_replay_under_way(incoming):
    keep(incoming)
    switch("active", now=later(60))
    run = ModeChange.objects.latest("pk").run

    switch("paused", now=later(61))

    run.refresh_from_db()
    assert run.status == "CANCELLED"
    assert states() == {("HELD", "paused")}


def test_a_replay_under_way_is_named_instead_of_resuming_over_it(incoming):
    rows = keep(incoming)
    filters = replay_plans.Filters(make_source(), ids=(rows[0].pk,))
    replay_runs.start(filters, by=None, reason="A look.", pace=1, also_done=False, now=NOW)

    with pytest.raises(modes.CannotSwitch, match="A replay of acme is in progress"):
        switch("active", now=later(60))

    assert Source.objects.get().mode == "paused"


def test_resuming_twice_starts_one_replay(incoming):
    keep(incoming)
    switch("active", now=later(60))

    with pytest.raises(modes.AlreadySo, match="acme is already active"):
        switch("active", now=later(61))

    assert ModeChange.objects.count() == 2


def test_what_a_cancelled_resume_left_can_be_processed_later(incoming):
    keep(incoming)
    run = switch("active", now=later(60)).run
    replay_runs.cancel(run, by=None, now=later(60))

    change = switch("active", now=later(90))

    assert change.events == 2


def test_the_figures_count_what_waits(incoming):
    keep(incoming, 2)
    post("reply.send")
    post("note.create")
    Delivery.objects.filter(event="note.create").update(
        status="HELD", held_for="paused", next_attempt_at=None
    )

    found = modes.facts(make_source())

    assert (found.events, found.work, found.replies, found.calling) == (2, 1, 1, 0)


@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite has one writer: nothing to wait for")
def test_the_gate_of_a_reply_takes_the_lock_of_the_switch(db, django_assert_num_queries):
    row = make_delivery(message_event())

    with django_assert_num_queries(1) as seen:
        modes.check_reply(row)

    assert "FOR NO KEY UPDATE" in seen.captured_queries[0]["sql"]
