"""After a gap the mirror is what Chatwoot is: interrupted, repeated, beside webhooks that flow, with what is gone."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from tests.factories import NOW, deliver, run_due
from tests.webhooks.reconciling import Wire, build, reads, reconciled
from webhooks import reconcile_reading, reconcile_runs, reconcile_words
from webhooks.models import Alert, Conversation, Delivery, Message, ReconcileRun, Source

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


@pytest.fixture
def wire(db, settings, seeded, monkeypatch) -> Iterator[Wire]:
    settings.OUT_CALL_S = 1
    monkeypatch.setattr(reconcile_runs, "PACE_S", 0)
    wire = Wire()
    wire.start()
    Source.objects.update(created_at=NOW - timedelta(hours=1))
    wire.source.refresh_from_db()
    yield wire
    wire.chatwoot.stop()


def gap(wire: Wire) -> tuple[int, int]:
    """Two conversations are known; then, for half an hour, no webhook comes. What happened meanwhile: everything."""
    known, other = wire.write("I wait.", contact="Ada"), wire.write("Me too.", contact="Bo")
    wire.webhooks()
    wire.tick(600)
    wire.world.agent_writes(conversation_id=known, content="Here you are.")
    wire.tick(300)
    wire.write("And another thing.", to=known)
    wire.world.note(conversation_id=other, content="A known bug.")
    wire.world.assign(other, 2)
    wire.world.add_labels(other, ["vip"])
    wire.world.set_status(other, "resolved")
    wire.write("I am new.", contact="Cy")
    wire.lose()
    wire.tick(900)
    return known, other


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
    assert reconcile_words.found(run) == said
    assert Alert.objects.get(kind="missed").text == f"acme: {said}"


def test_a_gap_longer_than_chatwoot_answers_at_once_is_read_page_by_page(wire):
    gap(wire)
    for number in range(60):
        wire.tick(60)
        wire.write("One of many.", contact=f"Customer {number}")
    wire.lose()
    wire.tick(7200)

    wire.search()

    assert wire.ours() == wire.chatwoots()


def test_what_is_active_while_the_pages_are_read_is_not_overlooked(wire, monkeypatch):
    """It moves to the first page, which was read already."""
    for number in range(60):
        wire.write("One of many.", contact=f"Customer {number}")
        wire.tick(1)
    wire.lose()
    wire.tick(10_000)
    run, last = wire.begin(), 1
    one_read(wire, run, monkeypatch)
    wire.tick(1)
    wire.write("Once more!", to=last)
    wire.lose()

    reconcile_runs.go_on(run, now=wire.now, seconds=60)
    run_due("in", now=wire.now)

    assert wire.ours() == wire.chatwoots()


def one_read(wire: Wire, run: ReconcileRun, monkeypatch) -> None:
    reconcile_runs.go_on(run, now=wire.now, seconds=0)


def test_nothing_missed_raises_no_alert(wire):
    wire.write()
    wire.webhooks()
    wire.tick(600)

    run = wire.search()

    assert (run.missed, reconciled(), Alert.objects.count()) == (0, 0, 0)
    assert reconcile_words.found(run) == "Nothing was missed."


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
    reconcile_runs.go_on(wire.begin(), now=wire.now, seconds=60)
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
    from tests.factories import make_delivery

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
    assert wire.ours() == wire.chatwoots()


def test_what_comes_while_a_conversation_is_read_is_not_taken_for_deleted(wire, monkeypatch):
    number = wire.write()
    wire.webhooks()
    wire.tick(600)
    read = reconcile_reading.read

    def meanwhile(item, client, *, now):
        commit = read(item, client, now=now)
        wire.write("While it is read.", to=number)
        wire.webhooks()
        return commit

    monkeypatch.setattr(reconcile_reading, "read", meanwhile)

    wire.search()

    assert not Message.objects.filter(deleted=True).exists()
    assert wire.ours() == wire.chatwoots()


# Interrupted


def test_a_search_that_was_killed_half_way_goes_on_where_it_was(wire, monkeypatch):
    gap(wire)
    run = wire.begin()
    read, seen = reconcile_reading.read, []

    def dies(item, client, *, now):
        if len(seen) == 2:
            raise SystemExit(1)
        seen.append(item.display_id)
        return read(item, client, now=now)

    monkeypatch.setattr(reconcile_reading, "read", dies)
    with pytest.raises(SystemExit):
        reconcile_runs.go_on(run, now=wire.now, seconds=60)
    monkeypatch.setattr(reconcile_reading, "read", read)
    lists = reads(wire, "/conversations")

    assert reconcile_runs.go_on(run, now=wire.now, seconds=60) == 0, "the dead one's lease still runs"
    wire.tick(61)
    reconcile_runs.go_on(run, now=wire.now, seconds=60)

    run.refresh_from_db()
    run_due("in", now=wire.now)
    assert (run.status, run.conversations) == ("DONE", 3)
    assert reads(wire, "/conversations") == lists, "the list is not read again"
    assert wire.ours() == wire.chatwoots()


def test_two_hosts_do_not_read_the_same_search(wire):
    gap(wire)
    run = wire.begin()
    ReconcileRun.objects.filter(pk=run.pk).update(leased_until=wire.now + MINUTE, holder="another host")

    assert reconcile_runs.step(now=wire.now) == 0


def test_whoever_took_too_long_commits_nothing_more(wire, monkeypatch):
    gap(wire)
    run = wire.begin()
    read = reconcile_reading.read

    def slow(item, client, *, now):
        ReconcileRun.objects.filter(pk=run.pk).update(holder="another host")
        return read(item, client, now=now)

    monkeypatch.setattr(reconcile_reading, "read", slow)
    reconcile_runs.go_on(run, now=wire.now, seconds=60)

    assert reconciled() == 0


# What is gone, and what is refused


def test_a_conversation_that_chatwoot_no_longer_has_leaves_the_queue_and_stays_readable(wire):
    number = wire.write()
    wire.webhooks()
    wire.world.delete_conversation(number)
    wire.tick(600)

    run = wire.search()

    row = Conversation.objects.get(display_id=number)
    assert (run.gone, row.waiting_since, row.messages.count()) == (1, None, 1)
    assert row.deleted_at is not None
    assert reconcile_words.found(run) == "Nothing was missed. 1 conversation was deleted in Chatwoot."


def test_a_conversation_is_deleted_once(wire):
    number = wire.write()
    wire.webhooks()
    wire.world.delete_conversation(number)
    wire.tick(600)
    wire.search()

    assert wire.search().gone == 0


@pytest.mark.parametrize("what", ["deleted", "failed", "retried", "rated"])
def test_what_became_of_a_message_is_found_though_its_conversation_did_not_change(wire, what):
    number = wire.write()
    answer = wire.world.agent_writes(conversation_id=number, content="Here you are.")
    survey = wire.world.csat_request(number)
    if what == "retried":
        wire.world.fail_message(answer.id)
    wire.webhooks()
    run_due("slow", now=wire.now)
    wire.tick(300)
    acts = {
        "deleted": lambda: wire.world.delete_message(answer.id),
        "failed": lambda: wire.world.fail_message(answer.id),
        "retried": lambda: wire.world.retry_message(answer.id),
        "rated": lambda: wire.world.csat_answer(survey.id, 4, "Fine."),
    }
    acts[what]()
    wire.lose()
    wire.tick(300)

    run = wire.search()

    assert (run.changes, wire.ours()) == (1, wire.chatwoots())


def test_a_survey_answered_long_after_is_found(wire):
    survey = wire.world.csat_request(wire.write())
    wire.webhooks()
    wire.tick(3 * 86_400)
    wire.search()
    wire.tick(900)
    wire.world.csat_answer(survey.id, 5)
    wire.lose()
    wire.tick(900)

    assert wire.search().changes == 1
    assert wire.ours() == wire.chatwoots()


def test_a_failure_the_customer_waits_again_for_is_found(wire):
    number = wire.write()
    answer = wire.world.agent_writes(conversation_id=number, content="Here you are.")
    wire.webhooks()
    wire.tick(60)
    wire.world.fail_message(answer.id)
    wire.lose()
    wire.tick(300)

    wire.search()

    assert Conversation.objects.get(display_id=number).waiting_since is not None


@pytest.mark.parametrize("code", [401, 403, 422])
def test_a_conversation_that_is_refused_alone_is_left_out_and_named(wire, code):
    known, _ = gap(wire)
    wire.world.faults.add("status", "GET", f"/conversations/{known}$", times=None, code=code)

    run = wire.search()

    (skipped,) = reconcile_runs.skipped(run)
    assert (run.status, skipped.display_id) == ("DONE", known)
    assert f"Chatwoot answered {code}" in skipped.note
    assert reconcile_words.found(run, 1).endswith("recovered; 1 conversation could not be read.")


def test_a_refused_token_ends_the_search_with_one_alert(wire):
    gap(wire)
    wire.world.faults.add("status", "GET", "/conversations|/profile", times=None, code=401)

    run = wire.search()

    assert run.status == "FAILED"
    assert list(Alert.objects.values_list("kind", flat=True)) == ["credentials"]
    assert reconcile_runs.due(Source.objects.get(), now=wire.now + timedelta(days=1)) == ""


def test_a_list_that_is_refused_ends_the_search_and_says_so(wire):
    gap(wire)
    wire.world.faults.add("status", "GET", "/conversations$", times=None, code=422)

    run = wire.search()

    assert run.status == "FAILED"
    assert "cannot be asked for. Chatwoot answered 422" in Alert.objects.get(kind="reconcile").text


@pytest.mark.parametrize("kind", ["status", "html", "rate_limit", "drop_before", "cut"])
def test_while_the_api_is_down_the_search_waits_and_then_goes_on(wire, kind):
    gap(wire)
    wire.world.faults.add(kind, "GET", "/api/v1", times=None)
    run = wire.search()
    assert (run.status, bool(run.trouble), reconciled()) == ("RUNNING", True, 0)

    wire.world.faults.clear()
    assert reconcile_runs.go_on(run, now=wire.now, seconds=60) == 0, "not at once"
    wire.tick(31)
    reconcile_runs.step(now=wire.now)
    run_due("in", now=wire.now)

    run.refresh_from_db()
    assert (run.status, run.trouble, wire.ours()) == ("DONE", "", wire.chatwoots())


def test_an_api_that_stays_down_is_told_once(wire):
    wire.world.faults.add("status", "GET", "/api/v1", times=None)
    wire.begin()
    for _ in range(8):
        reconcile_runs.step(now=wire.now)
        wire.tick(601)

    assert Alert.objects.filter(kind="reconcile").count() == 1


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
