"""Replay runs: what is chosen, the pace, one at a time a source, cancelling, and the result a row."""

from datetime import datetime
from itertools import product
from typing import Any

import pytest
from django.conf import settings

from tests.factories import NOW, later, make_delivery, make_source, make_user, message_event, run_due
from tests.thorough import some
from webhooks import deliveries
from webhooks.deliveries import replay_runs
from webhooks.deliveries.replay_runs import Filters, Plan
from webhooks.display import replay_text
from webhooks.models import Delivery, DeliveryAudit, ReplayItem, ReplayRun, Source

pytestmark = pytest.mark.django_db
START = later(1000)


def make_rows(
    count: int, *, status: str = "DEAD", source: Source | None = None, **facts: Any
) -> list[Delivery]:
    """In that state, as long ago as NOW."""
    rows = [make_delivery(message_event(), source=source) for _ in range(count)]
    facts = {"status": status, "next_attempt_at": NOW if status == "PENDING" else None, "attempts": 9} | facts
    if status == "HELD":
        facts |= {"held_for": "rule"}
    Delivery.objects.filter(pk__in=[row.pk for row in rows]).update(**facts)
    return rows


def make_run(
    *,
    pace: int = 10,
    now: datetime = START,
    also_done: bool = False,
    source: Source | None = None,
    **filters: Any,
) -> ReplayRun:
    chosen = Filters(source or make_source(), **filters)
    return replay_runs.start(
        chosen, by=None, reason="the ledger is back", pace=pace, also_done=also_done, now=now
    )


def plan(*, also_done: bool = False, **filters: Any) -> Plan:
    return replay_runs.plan(Filters(make_source(), **filters), also_done=also_done)


def tried() -> None:
    """Workers have tried all that was re-opened, and it worked."""
    Delivery.objects.filter(status="PENDING").update(status="DONE", next_attempt_at=None)


def reopened() -> int:
    return ReplayItem.objects.filter(state="REPLAYED").count()


# What is chosen


def test_what_is_dead_or_held_is_replayed():
    make_rows(2, status="DEAD")
    make_rows(1, status="HELD")

    assert plan().count == 3


@pytest.mark.parametrize(
    ("status", "why"), [("DONE", "DONE"), ("PENDING", "PENDING"), ("CANCELLED", "CANCELLED")]
)
def test_the_rest_is_left_out_and_said_so(status, why):
    make_rows(3, status=status)

    assert (plan().count, plan().left_out) == (0, {why: 3})


def test_a_done_row_only_when_asked_for():
    make_rows(2, status="DONE")

    assert (plan(also_done=True).count, make_run(also_done=True).total) == (2, 2)


def test_a_cancelled_row_only_by_name():
    make_rows(2, status="CANCELLED")

    assert plan(status="CANCELLED").count == 2


def test_a_reply_to_a_customer_is_left_out_whatever_is_asked_for():
    [row] = make_rows(1, event="reply.send")

    assert (plan(ids=(row.pk,), also_done=True).count, plan().left_out) == (0, {"reply": 1})


def test_a_reply_takes_no_part_in_a_run():
    make_rows(1, event="reply.send")
    [other] = make_rows(1)

    assert [item.delivery for item in make_run().items.all()] == [other]


def test_a_selected_row_of_another_source_is_left_out():
    [row] = make_rows(1, source=make_source("other"))

    assert plan(ids=(row.pk,)).left_out == {"elsewhere": 1}


@pytest.mark.parametrize(
    ("facts", "filters"),
    [
        ({"direction": "OUT"}, {"direction": "OUT"}),
        ({"event": "conversation_created"}, {"event": "conversation_created"}),
        ({"conversation_id": 8}, {"conversation_id": 8}),
        ({"error_fingerprint": "abc"}, {"fingerprint": "abc"}),
        ({"received_at": later(60)}, {"since": later(60)}),
        ({"received_at": later(-60)}, {"until": later(-60)}),
        ({"status": "HELD", "held_for": "rule"}, {"status": "HELD"}),
    ],
    ids=lambda value: next(iter(value)),
)
@pytest.mark.every_row
def test_each_filter_narrows(facts, filters):
    make_rows(2)
    [wanted] = make_rows(1, **facts)

    run = make_run(**filters)

    assert list(run.items.values_list("delivery", flat=True)) == [wanted.pk]
    assert plan(**filters).count == 1


def test_planning_changes_nothing():
    make_rows(2)

    plan()

    assert (ReplayRun.objects.count(), Delivery.objects.filter(status="DEAD").count()) == (0, 2)


def test_the_plan_tells_the_events_the_most_frequent_first():
    make_rows(1, event="conversation_created")
    make_rows(2)

    assert plan().events == [("message_created", 2), ("conversation_created", 1)]


# Its words


@pytest.mark.parametrize(
    ("told", "sentence"),
    [
        (Plan(1204, 180, {"DONE": 12}), "1,204 deliveries, about 3 minutes, 12 already done are left out."),
        (Plan(1, 0.1), "1 delivery, a few seconds."),
        (Plan(0, 0, {"reply": 1}), "No delivery, 1 reply to a customer is left out."),
        (Plan(0, 0, {"redacted": 2}), "No delivery, 2 without a body are left out."),
        (
            Plan(2, 30, {"DONE": 1, "PENDING": 2, "reply": 3}),
            "2 deliveries, about 30 seconds, 1 already done, 2 still being retried and 3 replies to customers are left out.",
        ),
        (Plan(9, 86_400 * 3), "9 deliveries, about 3 days."),
        (Plan(9, 60), "9 deliveries, about 60 seconds."),
        (Plan(9, 5400), "9 deliveries, about 2 hours."),
    ],
    ids=["as in the issue", "one", "none", "no bodies", "several causes", "days", "a minute in seconds", "hours"],
)  # fmt: skip
def test_a_plan_is_said_in_one_sentence(told, sentence):
    assert replay_text.sentence(told) == sentence


def test_what_has_no_body_any_more_is_said_to_be_out_of_reach():
    assert "its body" in replay_text.remedy(Plan(0, 0, {"redacted": 2}), also_done=True)


# Starting


def test_starting_reopens_nothing_yet():
    make_rows(3)

    run = make_run()

    assert (run.status, run.total, run.items.filter(state="WAITING").count()) == ("RUNNING", 3, 3)
    assert Delivery.objects.filter(status="DEAD").count() == 3


@pytest.mark.parametrize("reason", ["", "  "], ids=["empty", "blank"])
def test_a_reason_is_needed(reason):
    make_rows(1)

    with pytest.raises(replay_runs.CannotStart, match="Enter a reason"):
        replay_runs.start(Filters(make_source()), by=None, reason=reason, pace=1, also_done=False, now=NOW)


@pytest.mark.parametrize("pace", [0, 101])
def test_the_pace_has_bounds(pace):
    make_rows(1)

    with pytest.raises(replay_runs.CannotStart, match="1 to 100"):
        make_run(pace=pace)


def test_nothing_to_replay_makes_no_run():
    make_rows(1, status="DONE")

    with pytest.raises(replay_runs.CannotStart, match="Nothing"):
        make_run()
    assert not ReplayRun.objects.exists()


def test_too_many_make_no_run(monkeypatch):
    monkeypatch.setattr(replay_runs, "MOST", 2)
    make_rows(3)

    with pytest.raises(replay_runs.CannotStart, match="More than 2"):
        make_run()
    assert not ReplayRun.objects.exists()


def test_a_second_run_of_a_source_is_refused_and_told_of_the_first():
    make_rows(15)
    chosen = Filters(make_source())
    maria = make_user("maria")
    first = replay_runs.start(chosen, by=maria, reason="back", pace=10, also_done=False, now=START)
    replay_runs.step(now=START)

    with pytest.raises(replay_runs.CannotStart) as caught:
        make_run()

    assert str(caught.value) == "A replay of acme by maria is in progress: 10 of 15."
    assert caught.value.run == first


def test_another_source_may_be_replayed_meanwhile():
    make_rows(1)
    make_rows(1, source=make_source("other"))
    make_run()

    assert make_run(source=make_source("other")).status == "RUNNING"


def test_when_it_is_over_the_next_may_begin():
    make_rows(1)
    make_run()
    replay_runs.step(now=START)
    make_rows(1)

    assert make_run().status == "RUNNING"


# Going on


def test_a_step_reopens_the_oldest_at_the_pace():
    rows = make_rows(5)
    make_run(pace=2)

    assert replay_runs.step(now=START) == 2
    assert set(ReplayItem.objects.filter(state="REPLAYED").values_list("delivery", flat=True)) == {
        rows[0].pk,
        rows[1].pk,
    }


PACES = list(product([1, 3, 10], [0.2, 0.7, 1.0, 1.3, 4.9]))


@pytest.mark.parametrize(
    ("pace", "every_s"), some(PACES, [(1, 0.7), (1, 4.9), (3, 0.2), (3, 1.3), (10, 1.0), (10, 4.9)])
)
def test_the_pace_holds_however_often_a_step_comes(pace, every_s):
    make_rows(pace * 20 + pace * replay_runs.BURST_S)
    make_run(pace=pace)

    for number in range(int(20 / every_s) + 1):
        replay_runs.step(now=later(number * every_s, START))
        tried()

    assert pace * 18 <= reopened() <= pace * 23


def test_after_a_long_pause_it_does_not_catch_up_in_one_burst():
    make_rows(200)
    make_run(pace=10)
    replay_runs.step(now=START)
    tried()

    assert replay_runs.step(now=later(3600, START)) == 10 * replay_runs.BURST_S


def test_a_run_that_nobody_stepped_for_long_begins_with_one_second_of_its_pace():
    make_rows(50)
    make_run(pace=10)

    assert replay_runs.step(now=later(3600, START)) == 10


def test_it_waits_while_the_workers_have_not_tried_what_it_reopened():
    make_rows(40)
    run = make_run(pace=1)
    for second in range(30):
        replay_runs.step(now=later(second, START))

    assert reopened() == replay_runs.BACKLOG_S
    assert replay_runs.waits_for_workers(run, now=later(30, START))


def test_it_goes_on_when_they_have():
    make_rows(40)
    run = make_run(pace=1)
    for second in range(30):
        replay_runs.step(now=later(second, START))
    tried()

    assert not replay_runs.waits_for_workers(run, now=later(30, START))
    assert replay_runs.step(now=later(30, START)) == 5


def test_rows_that_wait_for_their_next_try_do_not_hold_it_up():
    make_rows(40)
    make_run(pace=1)
    for second in range(30):
        replay_runs.step(now=later(second, START))
    Delivery.objects.filter(status="PENDING").update(next_attempt_at=later(600, START))

    assert replay_runs.step(now=later(30, START)) == 5


def test_what_it_reopens_is_tried_and_done(incoming):
    row = incoming("is_permanent")
    run_due("in", now=NOW)
    make_run()

    replay_runs.step(now=START)
    run_due("in", now=START)

    assert list(row.attempt_log.order_by("number").values_list("outcome", flat=True)) == ["permanent"] * 2


def test_the_run_is_done_when_nothing_waits():
    make_rows(3)
    run = make_run(pace=2)
    replay_runs.step(now=START)
    tried()

    replay_runs.step(now=later(1, START))

    run.refresh_from_db()
    assert (run.status, run.finished_at) == ("DONE", later(1, START))


def test_nothing_happens_when_no_run_is_under_way():
    assert replay_runs.step(now=START) == 0


# Its results


def test_each_row_tells_who_reopened_it_and_which_run_it_was():
    olga = make_user("olga", "Operator")
    [row] = make_rows(1)
    run = replay_runs.start(
        Filters(row.source), by=olga, reason="it is back", pace=5, also_done=False, now=START
    )

    replay_runs.step(now=later(1, START))

    audit = DeliveryAudit.objects.get(delivery=row)
    assert (audit.by, audit.at, audit.action) == (olga, later(1, START), "replay")
    assert audit.reason == f"Replay {run.pk}: it is back"


@pytest.mark.parametrize(
    ("meanwhile", "why"),
    [
        ({"status": "DONE"}, "done"),
        ({"status": "PENDING", "next_attempt_at": START}, "still being retried"),
        ({"status": "CANCELLED"}, "cancelled"),
    ],
    ids=["done", "replayed by somebody else", "cancelled"],
)
def test_a_row_that_moved_on_is_refused_with_why(meanwhile, why):
    [row] = make_rows(1)
    run = make_run()
    Delivery.objects.filter(pk=row.pk).update(**meanwhile)

    replay_runs.step(now=START)

    item = run.items.get()
    assert (item.state, item.at) == ("REFUSED", START)
    assert why in item.note
    assert not row.audit.exists()


def test_a_refused_row_does_not_stop_the_others():
    rows = make_rows(3)
    run = make_run()
    Delivery.objects.filter(pk=rows[1].pk).update(status="DONE")

    replay_runs.step(now=START)

    assert list(run.items.order_by("pk").values_list("state", flat=True)) == [
        "REPLAYED",
        "REFUSED",
        "REPLAYED",
    ]


def test_progress_tells_what_became_of_them():
    rows = make_rows(5)
    run = make_run(pace=4)
    Delivery.objects.filter(pk=rows[0].pk).update(status="DONE")
    replay_runs.step(now=START)
    Delivery.objects.filter(pk=rows[1].pk).update(status="DONE", next_attempt_at=None)
    Delivery.objects.filter(pk=rows[2].pk).update(status="DEAD", next_attempt_at=None)

    done = replay_runs.progress(run)

    assert (done.total, done.waiting, done.reopened, done.refused) == (5, 1, 3, 1)
    assert done.became == {"DONE": 1, "DEAD": 1, "PENDING": 1}
    assert replay_text.became(done) == "1 done, 1 failed again, 1 still being retried"


# Cancelling


def test_what_is_not_reopened_yet_stays_as_it_was():
    make_rows(5)
    run = make_run(pace=2)
    replay_runs.step(now=START)

    replay_runs.cancel(run, by=None, now=later(1, START))

    assert replay_runs.step(now=later(5, START)) == 0
    assert Delivery.objects.filter(status="DEAD").count() == 3
    assert run.items.filter(state="WAITING").count() == 3


def test_it_is_written_down_who_cancelled_it_and_when():
    make_rows(1)
    run, olga = make_run(), make_user("olga")

    replay_runs.cancel(run, by=olga, now=later(1, START))

    assert (run.status, run.cancelled_by, run.finished_at) == ("CANCELLED", olga, later(1, START))


def test_what_is_over_cannot_be_cancelled():
    make_rows(1)
    run = make_run()
    replay_runs.step(now=START)

    with pytest.raises(replay_runs.CannotCancel, match="already finished"):
        replay_runs.cancel(run, by=None, now=START)
    run.refresh_from_db()
    assert run.status == "DONE"


def test_the_one_verb_that_reopens_a_row_is_the_inboxs(monkeypatch):
    make_rows(2)
    make_run()
    asked: list[int] = []
    monkeypatch.setattr(deliveries, "replay", lambda row, **how: asked.append(row.pk))

    replay_runs.step(now=START)

    assert len(asked) == 2
    assert Delivery.objects.filter(status="DEAD").count() == 2


@pytest.mark.parametrize("event", settings.NOTICES)
@pytest.mark.parametrize("status", ["DONE", "DEAD"])
@pytest.mark.every_row
def test_a_run_repeats_no_message_to_people(event, status):
    [row] = make_rows(1, event=event, status=status)
    make_rows(1)

    assert plan(also_done=True, ids=(row.pk,)).count == 0
    assert plan(also_done=True).left_out == {"notice": 1}
    assert row not in [item.delivery for item in make_run(also_done=True).items.all()]
