"""What a replay chooses, how its plan is worded, and what may start it."""

from functools import partial

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.factories import NOW, later, make_source, make_user
from tests.webhooks.deliveries.replaying import START, make_rows, make_run, plan
from webhooks.database import row_estimates
from webhooks.deliveries import replay_plans, replay_runs
from webhooks.deliveries.replay_plans import Filters, Plan
from webhooks.display import replay_text
from webhooks.models import Delivery, ReplayRun

pytestmark = pytest.mark.django_db

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


def test_years_of_done_rows_are_not_counted_to_the_end(monkeypatch):
    monkeypatch.setattr(replay_plans, "capped", partial(row_estimates.capped, most=2))
    make_rows(3, status="DONE")
    make_rows(1, status="DEAD")

    with CaptureQueriesContext(connection) as asked:
        text = replay_text.sentence(plan())

    assert text == "1 delivery, a few seconds. Left out: 2+ already done."
    assert [query["sql"] for query in asked if "DONE" in query["sql"] and "LIMIT 3" not in query["sql"]] == []


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
        (Plan(1204, 180, {"DONE": 12}), "1,204 deliveries, about 3 minutes. Left out: 12 already done."),
        (Plan(1, 0.1), "1 delivery, a few seconds."),
        (Plan(0, 0, {"reply": 1}), "No deliveries. Left out: 1 reply to a customer."),
        (Plan(0, 0, {"redacted": 2}), "No deliveries. Left out: 2 without a body."),
        (
            Plan(2, 30, {"DONE": 1, "PENDING": 2, "reply": 3}),
            "2 deliveries, about 30 seconds. Left out: 1 already done, 2 still being retried and 3 replies to customers.",
        ),
        (Plan(9, 86_400 * 3), "9 deliveries, about 3 days."),
        (Plan(9, 60), "9 deliveries, about 60 seconds."),
        (Plan(9, 5400), "9 deliveries, about 2 hours."),
    ],
    ids=["as in the issue", "one", "none", "no bodies", "several causes", "days", "a minute in seconds", "hours"],
)  # fmt: skip
def test_a_plan_says_what_runs_and_what_is_left_out(told, sentence):
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
