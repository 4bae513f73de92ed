"""Claiming: counted before it is tried, leased, and alone after a crash (design, section 3)."""

import os
from datetime import timedelta

import pytest

from tests.factories import NOW, later, make_source, run_due
from webhooks import deliveries
from webhooks.errors import LeaseLost
from webhooks.models import Attempt, Delivery, Message, RetryPolicy

pytestmark = pytest.mark.django_db
LEASE = 10 + 30  # the handler's timeout and the margin


def claim_one(lane: str = "in", *, seconds: float = 0) -> Delivery:
    (row,) = deliveries.claim(lane, now=later(seconds))
    return row


def crash(row: Delivery) -> None:
    with pytest.raises(SystemExit):
        deliveries.process(row, now=NOW)


def post(event: str = "note.create", *, key: str = "note:1", lane: str = "send") -> None:
    deliveries.enqueue(make_source(), event=event, key=key, lane=lane, payload={}, at=NOW, now=NOW)


def test_a_due_row_is_counted_before_it_is_tried(incoming):
    incoming()

    row = Delivery.objects.get(pk=claim_one().pk)

    assert (row.status, row.attempts, row.running_since) == ("PENDING", 1, NOW)


def test_a_claim_moves_the_next_attempt_to_the_end_of_the_lease(incoming):
    incoming()

    row = Delivery.objects.get(pk=claim_one().pk)

    assert row.next_attempt_at == later(LEASE)


def test_a_claim_opens_its_attempt(incoming):
    row = incoming()

    claim_one()

    attempt = row.attempt_log.get()
    assert (attempt.number, attempt.started_at, attempt.finished_at, attempt.outcome) == (1, NOW, None, "")


def test_what_became_due_together_is_claimed_as_it_was_recorded(incoming):
    rows = [incoming() for _ in range(4)]
    for due in (later(9), NOW):  # PostgreSQL then has the first one behind the others
        Delivery.objects.filter(pk=rows[0].pk).update(next_attempt_at=due)

    assert [row.pk for row in deliveries.claim("in", now=NOW)] == [row.pk for row in rows]


def test_what_is_claimed_is_not_claimed_again_within_its_lease(incoming):
    incoming()
    claim_one()

    assert deliveries.claim("in", now=later(LEASE - 0.001)) == []


def test_what_is_not_due_is_left(incoming):
    incoming(now=later(5))

    assert deliveries.claim("in", now=NOW) == []
    assert len(deliveries.claim("in", now=later(5))) == 1


def test_the_longest_due_come_first(incoming):
    rows = [incoming(now=later(-age)) for age in (1, 3, 2)]

    claimed = deliveries.claim("in", now=NOW)

    assert [row.pk for row in claimed] == [rows[1].pk, rows[2].pk, rows[0].pk]


def test_in_rows_are_claimed_in_batches(incoming, settings):
    settings.CLAIM_BATCH = 3
    for _ in range(5):
        incoming()

    assert [len(deliveries.claim("in", now=NOW)) for _ in range(3)] == [3, 2, 0]


def test_out_rows_are_claimed_one_by_one(behaviours):
    for number in range(3):
        post(key=f"note:{number}")

    assert [len(deliveries.claim("send", now=NOW)) for _ in range(4)] == [1, 1, 1, 0]


def test_a_lane_sees_only_its_own(incoming):
    incoming()
    post(lane="slow")

    assert [len(deliveries.claim(lane, now=NOW)) for lane in ("send", "slow", "in")] == [0, 1, 1]


def test_a_crashed_row_is_said_to_have_crashed(incoming):
    row = incoming("crashes")
    crash(claim_one())

    claim_one(seconds=LEASE)

    first = row.attempt_log.get(number=1)
    assert (first.outcome, first.finished_at, first.policy_version) == ("crashed", later(LEASE), "default v1")


def test_a_crashed_row_is_claimed_alone(incoming):
    crashed = incoming("crashes")
    crash(claim_one())
    neighbour = incoming(now=later(LEASE))

    claims = [[row.pk for row in deliveries.claim("in", now=later(LEASE))] for _ in range(3)]

    assert claims == [[crashed.pk], [neighbour.pk], []]


def test_a_crashed_row_ends_a_batch_instead_of_joining_it(incoming):
    crashed = incoming("crashes")
    crash(claim_one())
    before, after = incoming(now=later(1)), incoming(now=later(LEASE + 5))

    claims = [[row.pk for row in deliveries.claim("in", now=later(LEASE + 9))] for _ in range(3)]

    assert claims == [[before.pk], [crashed.pk], [after.pk]]


def test_a_poison_row_dies_after_max_attempts_and_its_neighbours_are_processed(incoming):
    poison, neighbours = incoming("crashes"), [incoming() for _ in range(4)]
    now = NOW
    for _ in range(30):
        try:
            run_due("in", now=now)
        except SystemExit:
            pass  # the worker is gone; another comes
        now += timedelta(seconds=10)

    poison.refresh_from_db()
    assert (poison.status, poison.attempts, poison.next_attempt_at) == ("DEAD", 3, None)
    assert [a.outcome for a in poison.attempt_log.order_by("number")] == ["crashed"] * 3
    assert {Delivery.objects.get(pk=row.pk).status for row in neighbours} == {"DONE"}


def test_a_neighbour_of_a_poison_row_loses_one_attempt_at_most(incoming):
    incoming("crashes", now=later(-1))
    neighbour = incoming()
    now = NOW
    for _ in range(30):
        try:
            run_due("in", now=now)
        except SystemExit:
            pass
        now += timedelta(seconds=10)

    neighbour.refresh_from_db()
    assert (neighbour.status, neighbour.attempts) == ("DONE", 2)


def test_giving_a_row_up_does_not_keep_others_waiting(incoming):
    RetryPolicy.objects.update(max_attempts=1)
    incoming("crashes")
    crash(claim_one())
    waiting = incoming(now=later(LEASE))

    assert claim_one(seconds=LEASE).pk == waiting.pk


def test_the_effects_of_a_worker_that_loses_its_lease_roll_back(incoming, behaviours):
    row = incoming("slow")
    behaviours["slow"] = lambda: (
        Delivery.objects.filter(pk=row.pk).update(attempts=2) and None
    )  # another has it by now

    deliveries.process(claim_one(), now=NOW)

    row.refresh_from_db()
    assert (row.status, row.finished_at) == ("PENDING", None)
    assert not Message.objects.exists()


def test_the_new_workers_effects_stand_and_the_late_one_changes_nothing(incoming):
    row = incoming()
    late, new = claim_one(), claim_one(seconds=LEASE)

    deliveries.process(new, now=later(LEASE + 1))
    deliveries.process(late, now=later(LEASE + 2))

    row.refresh_from_db()
    assert (row.status, row.finished_at, Message.objects.count()) == ("DONE", later(LEASE + 1), 1)


def test_a_late_failure_changes_neither_the_row_nor_the_log(incoming):
    row = incoming("fails")
    late, _ = claim_one(), claim_one(seconds=LEASE)
    held = Delivery.objects.get(pk=row.pk).next_attempt_at

    deliveries.process(late, now=later(LEASE + 2))

    row.refresh_from_db()
    assert (row.next_attempt_at, row.last_error) == (held, "")
    assert row.attempt_log.get(number=1).outcome == "crashed"


def test_a_lease_can_be_extended_only_by_its_owner(incoming):
    incoming()
    mine = claim_one()

    deliveries.extend_lease(mine, now=later(5))
    assert Delivery.objects.get().next_attempt_at == later(5 + LEASE)

    claim_one(seconds=5 + LEASE)
    with pytest.raises(LeaseLost):
        deliveries.extend_lease(mine, now=later(5 + LEASE))


def test_releasing_gives_the_attempt_back(incoming):
    incoming()
    row = claim_one()

    deliveries.release(row, at=later(1))

    row.refresh_from_db()
    assert (row.attempts, row.running_since, row.next_attempt_at) == (0, None, later(1))
    assert not Attempt.objects.exists()


def test_releasing_what_another_worker_has_changes_nothing(incoming):
    incoming()
    mine = claim_one()
    claim_one(seconds=LEASE)

    deliveries.release(mine, at=later(LEASE))

    assert (Delivery.objects.get().attempts, Attempt.objects.count()) == (2, 2)


def reclaim(*, alive: bool = False, host: str = "", seconds: float = 1) -> int:
    asked.clear()
    return deliveries.reclaim_from_the_dead(
        host=host or deliveries.host(), alive=lambda pid: bool(asked.append(pid)) or alive, now=later(seconds)
    )


asked: list[int] = []


def test_a_claimed_row_says_who_has_it(incoming):
    incoming()

    row = Delivery.objects.get(pk=claim_one().pk)

    assert row.running_on == f"{deliveries.host()}:{os.getpid()}"


@pytest.mark.parametrize("content", ["fine", "fails", "is_permanent", "holds", "is_overtaken"])
def test_a_row_that_was_tried_is_with_nobody(incoming, content):
    row = incoming(content)

    run_due("in", now=NOW)

    row.refresh_from_db()
    assert (row.running_on, row.running_since) == ("", None)


def test_a_released_row_is_with_nobody(incoming):
    incoming()

    deliveries.release(claim_one(), at=later(1))

    assert Delivery.objects.get().running_on == ""


def test_a_row_of_a_dead_worker_is_due_and_its_next_claim_says_that_it_crashed(incoming):
    row = incoming()
    claim_one()

    assert reclaim() == 1

    assert claim_one(seconds=1).pk == row.pk
    assert [one.outcome for one in row.attempt_log.order_by("number")] == ["crashed", ""]
    assert asked == [os.getpid()]


def test_a_whole_batch_of_a_dead_worker_comes_back_row_by_row(incoming):
    rows = [incoming() for _ in range(3)]
    deliveries.claim("in", now=NOW)

    assert reclaim() == 3

    batches = [[row.pk for row in deliveries.claim("in", now=later(1))] for _ in range(4)]
    # Rows due at the same moment have no order among themselves.
    assert sorted(batches) == [[], *([row.pk] for row in rows)]


def test_a_row_of_a_living_worker_is_left(incoming):
    incoming()
    claim_one()

    assert (reclaim(alive=True), deliveries.claim("in", now=later(1))) == (0, [])


def test_a_row_of_another_host_is_left(incoming):
    incoming()
    claim_one()

    assert (reclaim(host="elsewhere"), asked) == (0, [])


def test_a_row_that_waits_for_its_retry_is_no_dead_workers(incoming):
    incoming("fails")
    run_due("in", now=NOW)

    assert (reclaim(), asked) == (0, [])


def test_every_lane_is_looked_through(behaviours):
    for lane in ("send", "slow"):
        post(key=lane, lane=lane)
        claim_one(lane)

    assert reclaim() == 2


def test_the_late_effects_of_a_worker_that_was_taken_for_dead_roll_back(incoming):
    row = incoming()
    late = claim_one()
    reclaim()
    new = claim_one(seconds=1)

    deliveries.process(late, now=later(2))
    deliveries.process(new, now=later(3))

    row.refresh_from_db()
    assert (row.status, row.finished_at, Message.objects.count()) == ("DONE", later(3), 1)
