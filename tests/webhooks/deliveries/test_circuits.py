"""A Chatwoot that fails ten times in a row is rested: rows wait without losing attempts, one probes."""

from datetime import timedelta

import pytest
import responses

from tests.factories import NOW, later, make_source, run_due
from tests.webhooks.deliveries.open_circuits import PAUSE, RESTS_UNTIL, answers, make_open_circuit, make_out
from webhooks import deliveries
from webhooks.deliveries import circuits
from webhooks.deliveries.circuit_breaker import IN_A_ROW, PAUSES_S
from webhooks.models import Attempt, RetryPolicy, Upstream
from webhooks.outbound.reachability import Observed

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _chatwoot(settings):
    settings.OUT_HANDLERS = dict.fromkeys(
        ("note.create", "reply.send", "alert.notify"), "tests.webhooks.deliveries.open_circuits.ask"
    )
    settings.ON_DEAD_LETTER = {}
    with responses.mock:
        yield


def state() -> Upstream:
    return Upstream.objects.get()


def seen(row) -> tuple:
    row.refresh_from_db()
    return row.status, row.attempts, row.next_attempt_at


def test_ten_failures_in_a_row_rest_it():
    answers(502)
    for number in range(IN_A_ROW):
        make_out(f"n{number}")

    run_due("send", now=NOW)

    assert (state().opened_at, state().probe_at, state().last_error) == (
        NOW,
        RESTS_UNTIL,
        "Chatwoot answered 502.",
    )


def test_an_answer_in_between_begins_the_count_anew():
    for number in range(IN_A_ROW):
        answers(200 if number == IN_A_ROW - 1 else 502)
        make_out(f"n{number}")
        run_due("send", now=NOW)

    assert state().failures == 0


def test_refusals_of_single_rows_rest_nobody():
    answers(404)
    for number in range(IN_A_ROW):
        make_out(f"n{number}")

    run_due("send", now=NOW)

    assert not Upstream.objects.exists()


def test_while_it_is_rested_a_row_waits_for_the_probe_and_loses_no_attempt():
    make_open_circuit()
    row = make_out()

    run_due("send", now=later(1))

    assert seen(row) == ("PENDING", 0, RESTS_UNTIL)
    assert not Attempt.objects.exists()


def test_nothing_is_called_while_it_is_rested():
    make_open_circuit()
    make_out()

    run_due("send", now=later(1))

    assert len(responses.calls) == 0


def test_another_source_goes_on():
    make_open_circuit()
    answers()
    row = make_out(source=make_source("other"))

    run_due("send", now=later(1))

    assert seen(row)[0] == "DONE"


def test_what_calls_nobody_goes_on():
    make_open_circuit()
    row = make_out(event="alert.notify", calls=False)

    run_due("send", now=later(1))

    assert seen(row)[0] == "DONE"


def test_the_probes_answer_ends_the_rest_and_the_others_go_on_at_once():
    make_open_circuit()
    answers()
    rows = [make_out(f"n{number}") for number in range(3)]
    run_due("send", now=later(1))

    run_due("send", now=RESTS_UNTIL)

    assert [seen(row)[:2] for row in rows] == [("DONE", 1)] * 3
    assert (state().opened_at, state().failures) == (None, 0)


def test_while_the_probe_is_under_way_the_others_wait_for_its_end():
    make_open_circuit()
    make_out("probe")
    other = make_out("other", at=later(1))
    (probe,) = deliveries.claim("send", now=RESTS_UNTIL)
    circuits.check(probe, now=RESTS_UNTIL)

    run_due("send", now=RESTS_UNTIL)

    assert seen(other)[1:] == (0, probe.next_attempt_at)


def test_its_answer_lets_those_go_on_that_waited_for_its_end():
    make_open_circuit()
    make_out("probe")
    other = make_out("other", at=later(1))
    (probe,) = deliveries.claim("send", now=RESTS_UNTIL)
    circuits.check(probe, now=RESTS_UNTIL)
    run_due("send", now=RESTS_UNTIL)

    circuits.record_result(probe, Observed(True), now=later(PAUSE + 1))

    assert seen(other)[2] == later(PAUSE + 1)


def test_a_failed_probe_rests_it_longer():
    make_open_circuit()
    answers(502)
    first, second = make_out("n1"), make_out("n2", at=later(1))

    run_due("send", now=RESTS_UNTIL)

    until = later(PAUSE + PAUSES_S[1])
    assert (state().probe_at, state().pauses) == (until, 2)
    assert len(responses.calls) == 1
    assert (seen(first)[1], seen(second)[1:]) == (1, (0, until))


def test_a_probe_that_made_no_call_leaves_its_place_to_the_next():
    make_open_circuit()
    answers()
    make_out("n1", calls=False)
    second = make_out("n2", at=later(1))

    run_due("send", now=RESTS_UNTIL)

    assert seen(second)[0] == "DONE"
    assert state().opened_at is None


def test_a_probe_whose_worker_died_is_followed_by_another():
    make_open_circuit()
    make_out("dies")
    (dies,) = deliveries.claim("send", now=RESTS_UNTIL)
    circuits.check(dies, now=RESTS_UNTIL)
    answers()

    run_due("send", now=dies.next_attempt_at)

    assert state().opened_at is None


@pytest.mark.parametrize(("age", "status"), [(PAUSE, "PENDING"), (PAUSE - 1, "DEAD")])
def test_what_could_only_be_tried_past_its_age_is_given_up_now(age, status):
    RetryPolicy.objects.create(
        name="replies", event_pattern="reply.send", delays=[5], max_attempts=9, max_age=age
    )
    make_open_circuit()
    row = make_out(event="reply.send")

    run_due("send", now=NOW)

    assert seen(row)[0] == status


def test_a_reply_given_up_so_says_why():
    RetryPolicy.objects.create(
        name="replies", event_pattern="reply.send", delays=[5], max_attempts=9, max_age=1
    )
    make_open_circuit()
    row = make_out(event="reply.send")

    run_due("send", now=NOW)

    row.refresh_from_db()
    assert (
        row.last_error
        == "Chatwoot (acme): circuit open after 10 failures in a row. The next attempt would be too late."
    )


def test_a_person_who_does_not_want_to_wait_lets_the_next_row_try():
    upstream = make_open_circuit()
    answers()
    row = make_out()
    run_due("send", now=later(1))

    assert deliveries.retry_now(upstream, now=later(2))

    run_due("send", now=later(2))
    assert seen(row)[0] == "DONE"


def test_who_is_not_rested_is_not_tried():
    upstream = make_open_circuit(opened_at=None, probe_at=None)

    assert not deliveries.retry_now(upstream, now=NOW)


def test_a_row_put_off_in_the_moment_of_the_answer_goes_on():
    make_open_circuit()
    row = make_out(at=RESTS_UNTIL)
    Upstream.objects.update(opened_at=None, probe_at=None)

    circuits.recheck_postponed(row, RESTS_UNTIL, now=later(1))

    assert seen(row)[2] == later(1)


def test_the_own_delays_of_other_rows_stay():
    upstream = make_open_circuit()
    row = make_out(at=RESTS_UNTIL + timedelta(microseconds=1))

    deliveries.retry_now(upstream, now=later(2))

    assert seen(row)[2] == RESTS_UNTIL + timedelta(microseconds=1)


@pytest.mark.parametrize(("status", "is_open"), [(200, False), (401, False), (502, True)])
def test_where_no_row_comes_a_read_is_the_probe(status, is_open):
    make_open_circuit()
    answers(status)

    circuits.ping(now=RESTS_UNTIL + circuits.PATIENCE)

    assert bool(state().opened_at) is is_open


def test_a_read_waits_for_a_row_first():
    make_open_circuit()

    circuits.ping(now=RESTS_UNTIL)

    assert len(responses.calls) == 0


def test_a_drafter_that_is_no_longer_set_is_rested_no_longer():
    make_open_circuit()
    Upstream.objects.update(key="drafter", source=None)

    circuits.ping(now=RESTS_UNTIL + circuits.PATIENCE)

    assert state().opened_at is None
