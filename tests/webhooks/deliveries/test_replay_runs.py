"""Replay runs under way: the pace, the result of each row, cancelling."""

from itertools import product

import pytest
from django.conf import settings

from tests.factories import NOW, later, make_user, run_due
from tests.thorough import some
from tests.webhooks.deliveries.replaying import START, make_rows, make_run, plan
from webhooks import deliveries
from webhooks.deliveries import replay_runs
from webhooks.deliveries.replay_plans import Filters
from webhooks.display import replay_text
from webhooks.models import Delivery, DeliveryAudit, ReplayItem

pytestmark = pytest.mark.django_db


def tried() -> None:
    """Workers have tried all that was re-opened, and it worked."""
    Delivery.objects.filter(status="PENDING").update(status="DONE", next_attempt_at=None)


def reopened() -> int:
    return ReplayItem.objects.filter(state="REPLAYED").count()


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
