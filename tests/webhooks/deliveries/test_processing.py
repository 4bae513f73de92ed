"""One try at a row, to its end: done, tried again, held, dead or cancelled; and what is told of it."""

import logging

import pytest

from tests.factories import NOW, deliver, later, make_delivery, make_source, message_event, run_due
from webhooks import deliveries
from webhooks.errors import Permanent
from webhooks.models import Conversation, Delivery, Message, RetryPolicy

pytestmark = pytest.mark.django_db


def run(row: Delivery, *, seconds: float = 0) -> Delivery:
    run_due("in", now=later(seconds))
    row.refresh_from_db()
    return row


def test_a_handled_row_is_done(incoming):
    row = run(incoming())

    assert (row.status, row.next_attempt_at, row.running_since, row.finished_at) == ("DONE", None, None, NOW)
    assert row.attempt_log.get().outcome == "ok"


def test_an_event_nobody_handles_is_kept_and_done(behaviours):
    row = run(make_delivery({"event": "webwidget_triggered", "id": 3}))

    assert (row.status, row.conversation_id) == ("DONE", None)
    assert not Conversation.objects.exists()


def test_a_failure_is_tried_again_when_the_policy_says(incoming):
    row = run(incoming("fails"))

    assert (row.status, row.next_attempt_at, row.running_since) == ("PENDING", later(10), None)


def test_the_last_failure_is_the_end(incoming):
    row = incoming("fails")

    for seconds in (0, 10, 40):
        run(row, seconds=seconds)

    assert (row.status, row.attempts, row.finished_at) == ("DEAD", 3, later(40))


def test_a_success_after_failures_clears_the_error(incoming, behaviours):
    row = run(incoming("fails"))
    behaviours["fails"] = lambda: None

    run(row, seconds=10)

    assert (row.status, row.last_error, row.error_fingerprint) == ("DONE", "", "")


def test_a_permanent_error_is_dead_at_once(incoming):
    row = run(incoming("is_permanent"))

    attempt = row.attempt_log.get()
    assert (row.status, row.attempts, row.last_error) == ("DEAD", 1, "It can never work.")
    assert (attempt.outcome, attempt.http_status, attempt.error_class) == ("permanent", 410, "Permanent")


def test_a_hold_is_held_for_its_cause(incoming):
    row = run(incoming("holds"))

    assert (row.status, row.held_for, row.next_attempt_at, row.running_since) == ("HELD", "rule", None, None)


def test_a_hold_leaves_the_budget_as_it_was(incoming):
    row = run(incoming("holds"))

    assert (row.attempts, row.budget_used) == (1, 0)


def test_what_was_overtaken_is_cancelled_and_no_failure(incoming):
    row = run(incoming("is_overtaken"))

    assert (row.status, row.finished_at) == ("CANCELLED", NOW)
    assert row.attempt_log.get().outcome == "ok"


@pytest.mark.parametrize("mode", ["paused", "legacy"])
def test_a_source_that_is_not_active_holds_what_comes(incoming, mode):
    row = incoming()
    type(row.source).objects.update(mode=mode)

    run(row)

    assert (row.status, row.held_for) == ("HELD", "paused")


def test_releasing_a_cause_lets_go_what_was_held_for_it(incoming):
    row, other = incoming(), incoming("holds")
    type(row.source).objects.update(mode="paused")
    run(row)
    type(row.source).objects.update(mode="active")
    Delivery.objects.filter(pk=other.pk).update(held_for="rule")

    released = deliveries.release_held(make_source(), held_for="paused", now=later(500))

    row.refresh_from_db()
    assert released == 1
    assert (row.status, row.held_for, row.due_since, row.next_attempt_at) == (
        "PENDING",
        "",
        later(500),
        later(500),
    )
    assert Delivery.objects.get(pk=other.pk).status == "HELD"


def test_age_counts_from_the_release(incoming):
    RetryPolicy.objects.update(max_age=60)
    row = run(incoming("holds"))
    deliveries.release_held(row.source, held_for="rule", now=later(5000))
    Delivery.objects.update(body=bytes(row.body).replace(b"holds", b"fails"))

    run(row, seconds=5000)

    assert (row.status, row.next_attempt_at) == ("PENDING", later(5010))


def test_an_out_row_without_a_handler_is_dead(behaviours):
    deliveries.enqueue(
        make_source(), event="nobody.knows", key="note:1", lane="send", payload={}, at=NOW, now=NOW
    )

    (row,) = run_due("send", now=NOW)

    assert (row.status, row.last_error) == ("DEAD", "No handler for nobody.knows.")


def test_posting_twice_makes_one_row(behaviours):
    for event in ("note.create", "note.create"):
        deliveries.enqueue(
            make_source(), event=event, key="note:1", lane="send", payload={"n": event}, at=NOW, now=NOW
        )

    assert Delivery.objects.filter(direction="OUT").count() == 1


def test_a_posted_row_is_due_when_it_was_said_to_be(behaviours):
    deliveries.enqueue(
        make_source(), event="note.create", key="note:1", lane="send", payload={}, at=later(20), now=NOW
    )

    row = Delivery.objects.get()
    assert (row.next_attempt_at, row.due_since, row.received_at) == (later(20), later(20), NOW)


def test_cancelling_takes_back_what_nobody_works_on(behaviours):
    deliveries.enqueue(
        make_source(), event="note.create", key="note:1", lane="send", payload={}, at=NOW, now=NOW
    )

    assert deliveries.cancel(make_source(), "note:1", now=NOW) is True
    assert Delivery.objects.get().status == "CANCELLED"
    assert deliveries.cancel(make_source(), "note:1", now=NOW) is False


def test_cancelling_leaves_what_somebody_works_on(behaviours):
    deliveries.enqueue(
        make_source(), event="note.create", key="note:1", lane="send", payload={}, at=NOW, now=NOW
    )
    deliveries.claim("send", now=NOW)

    assert deliveries.cancel(make_source(), "note:1", now=NOW) is False
    assert Delivery.objects.get().status == "PENDING"


def test_the_same_happening_is_a_duplicate_only_of_what_is_done(behaviours):
    first, again = make_delivery(message_event(content="fails")), make_delivery(message_event(content="fine"))

    run(again)
    first.refresh_from_db()

    assert (first.status, first.duplicate_of) == ("PENDING", None)
    assert (again.status, again.duplicate_of) == ("DONE", None)
    assert run(first, seconds=10).duplicate_of_id == again.pk


def test_another_source_has_its_own_happenings(behaviours):
    deliver(message_event())

    row = deliver(message_event(), source=make_source("other"))

    assert (row.status, row.duplicate_of) == ("DONE", None)


@pytest.mark.parametrize("event", ["message_created", "contact_created"])
def test_an_event_of_another_account_is_dead_whether_anybody_handles_it_or_not(behaviours, event):
    row = run(make_delivery(message_event(event=event, account={"id": 9})))

    assert (row.status, row.attempts) == ("DEAD", 1)
    assert row.last_error.startswith("account.id is 9, but this source is account 1")
    assert not Conversation.objects.exists()


def test_an_attempt_that_went_well_names_its_policy(incoming):
    RetryPolicy.objects.update(version=4)

    row = run(incoming())

    assert row.attempt_log.get().policy_version == "default v4"


def test_a_failure_names_the_policy_that_decided_what_comes_next(incoming):
    row = incoming("fails")
    (claimed,) = deliveries.claim("in", now=NOW)
    RetryPolicy.objects.update(version=5, delays=[77])

    deliveries.process(claimed, now=NOW)

    row.refresh_from_db()
    assert (row.next_attempt_at, row.attempt_log.get().policy_version) == (later(77), "default v5")


def test_an_update_is_never_a_duplicate(behaviours):
    deliver(message_event(event="message_updated"))

    assert deliver(message_event(event="message_updated")).duplicate_of is None


def test_a_customers_words_stay_out_of_errors_and_logs(incoming, caplog):
    caplog.set_level(logging.DEBUG)

    row = run(incoming("breaks"))

    attempt = row.attempt_log.get()
    told = f"{row.last_error} {attempt.message} {attempt.error_class} {[vars(record) for record in caplog.records]}"
    assert "4111" not in told
    assert row.last_error.startswith("ValueError at conftest.py:")


def test_a_database_error_does_not_quote_a_customers_words(incoming, behaviours):
    row = incoming("quotes")
    behaviours["quotes"] = lambda: Message.objects.create(
        pk=Message.objects.get().pk, content="my card is 4111"
    )

    run(row)

    assert row.status == "PENDING"
    assert "4111" not in row.last_error + row.attempt_log.get().message


def test_equal_troubles_share_a_fingerprint(incoming):
    rows = [run(incoming(content)) for content in ("fails", "fails", "breaks")]

    marks = [row.error_fingerprint for row in rows]
    assert marks[0] == marks[1] != marks[2]


def post_out(handler: str, settings) -> Delivery:
    settings.OUT_HANDLERS = {"note.create": f"{__name__}.{handler}"}
    settings.ON_DEAD_LETTER = {"note.create": f"{__name__}.on_dead_letter"}
    deliveries.enqueue(
        make_source(), event="note.create", key="note:1", lane="send", payload={}, at=NOW, now=NOW
    )
    return Delivery.objects.get()


def says_why(delivery, payload, *, now):
    return lambda: "Nothing to do."


def says_nothing(delivery, payload, *, now):
    return lambda: None


def cannot(delivery, payload, *, now):
    raise Permanent("It can never work.")


def on_dead_letter(delivery, *, error, now):
    given_up.append(delivery.pk)
    if troubles:
        raise troubles[0]


given_up: list[int] = []
troubles: list[Exception] = []


@pytest.fixture
def trouble():
    """What giving up meets, until it is taken away."""
    troubles[:], given_up[:] = [ValueError("my card is 4111")], []
    yield troubles
    troubles.clear()


@pytest.mark.parametrize(("handler", "note"), [("says_why", "Nothing to do."), ("says_nothing", "")])
def test_a_commit_may_leave_a_note_in_the_log(behaviours, settings, handler, note):
    row = post_out(handler, settings)

    run_due("send", now=NOW)

    attempt = row.attempt_log.get()
    assert (attempt.outcome, attempt.message) == ("ok", note)


def test_a_give_up_that_fails_is_neither_lost_nor_a_crash_of_the_worker(behaviours, settings, trouble):
    row = post_out("cannot", settings)

    run_due("send", now=NOW)

    row.refresh_from_db()
    assert (row.status, row.next_attempt_at) == ("PENDING", later(60))
    assert row.last_error.startswith(
        "It can never work. Recording the failure failed and will be retried: ValueError"
    )
    assert "4111" not in row.last_error


def test_a_give_up_that_failed_is_made_good_once_it_can_be(behaviours, settings, trouble):
    row = post_out("cannot", settings)
    run_due("send", now=NOW)
    trouble.clear()

    run_due("send", now=later(60))

    row.refresh_from_db()
    assert (row.status, row.last_error, given_up) == ("DEAD", "It can never work.", [row.pk, row.pk])
    assert [one.outcome for one in row.attempt_log.order_by("number")] == ["permanent", "permanent"]


def test_a_give_up_that_fails_in_a_claim_keeps_nobody_waiting(behaviours, settings, trouble):
    RetryPolicy.objects.update(max_attempts=1)
    row = post_out("says_nothing", settings)
    deliveries.claim("send", now=NOW)
    deliveries.enqueue(
        make_source(), event="note.create", key="note:2", lane="send", payload={}, at=NOW, now=NOW
    )

    ran = run_due("send", now=later(50))

    row.refresh_from_db()
    assert [one.delivery_key for one in ran] == ["note:2"]
    assert (row.status, row.next_attempt_at, row.attempts) == ("PENDING", later(110), 1)


def test_a_crashed_row_that_could_not_be_given_up_is_not_tried_again(behaviours, settings, trouble):
    RetryPolicy.objects.update(max_attempts=1)
    row = post_out("says_nothing", settings)
    deliveries.claim("send", now=NOW)
    run_due("send", now=later(50))
    trouble.clear()

    run_due("send", now=later(110))

    row.refresh_from_db()
    assert (row.status, row.attempts) == ("DEAD", 1)
