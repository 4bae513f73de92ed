"""A search that is killed, shared or refused: it goes on, or it ends and says why."""

from datetime import timedelta

import pytest

from tests.factories import run_due
from tests.webhooks.reconcile.reconciling import gap, reads, reconciled
from webhooks.display import reconcile_text
from webhooks.models import Alert, Message, ReconcileRun, Source
from webhooks.outbound import chatwoot
from webhooks.reconcile import runs, steps

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


# Interrupted


def test_a_search_that_was_killed_half_way_goes_on_where_it_was(wire, monkeypatch):
    gap(wire)
    run = wire.begin()
    read, seen = steps.read, []

    def dies(item, client, *, now):
        if len(seen) == 2:
            raise SystemExit(1)
        seen.append(item.display_id)
        return read(item, client, now=now)

    monkeypatch.setattr(steps, "read", dies)
    with pytest.raises(SystemExit):
        runs.go_on(run, now=wire.now, seconds=60)
    monkeypatch.setattr(steps, "read", read)
    lists = reads(wire, "/conversations")

    assert runs.go_on(run, now=wire.now, seconds=60) == 0, "the dead one's lease still runs"
    wire.tick(61)
    runs.go_on(run, now=wire.now, seconds=60)

    run.refresh_from_db()
    run_due("in", now=wire.now)
    assert (run.status, run.conversations) == ("DONE", 3)
    assert reads(wire, "/conversations") == lists, "the list is not read again"
    assert wire.ours() == wire.chatwoots()


def test_two_hosts_do_not_read_the_same_search(wire):
    gap(wire)
    run = wire.begin()
    ReconcileRun.objects.filter(pk=run.pk).update(leased_until=wire.now + MINUTE, holder="another host")

    assert runs.step(now=wire.now) == 0


def test_whoever_took_too_long_commits_nothing_more(wire, monkeypatch):
    gap(wire)
    run = wire.begin()
    read = steps.read

    def slow(item, client, *, now):
        ReconcileRun.objects.filter(pk=run.pk).update(holder="another host")
        return read(item, client, now=now)

    monkeypatch.setattr(steps, "read", slow)
    runs.go_on(run, now=wire.now, seconds=60)

    assert reconciled() == 0


# Refused


@pytest.mark.parametrize("code", [401, 403, 422])
def test_a_conversation_that_is_refused_alone_is_left_out_and_named(wire, code):
    known, _ = gap(wire)
    wire.world.faults.add("status", "GET", f"/conversations/{known}$", times=None, code=code)

    run = wire.search()

    (skipped,) = runs.skipped(run)
    assert (run.status, skipped.display_id) == ("DONE", known)
    assert f"Chatwoot answered {code}" in skipped.note
    assert reconcile_text.found(run, 1).endswith("recovered; 1 conversation could not be read.")


def test_a_conversation_that_is_told_oddly_is_left_out_and_named(wire, monkeypatch):
    known, _ = gap(wire)
    monkeypatch.setattr(steps, "_read", oddly(steps._read, known))

    run = wire.search()

    (skipped,) = runs.skipped(run)
    assert (run.status, skipped.display_id, run.conversations) == ("DONE", known, 3)
    assert "unexpected format" in skipped.note


def oddly(read, number):
    """What the answer about this conversation makes of code that reads it."""

    def act(item, client, *, now):
        commit = read(item, client, now=now)
        return commit if item.display_id != number else lambda: {}["no such key"]

    return act


def test_a_message_without_a_time_is_neither_kept_nor_taken_for_deleted(wire, monkeypatch):
    number = wire.write("I wait.")
    wire.webhooks()
    real = chatwoot.Client.messages_after
    monkeypatch.setattr(chatwoot.Client, "messages_after",
                        lambda *asked: [row | {"created_at": "soon"} for row in real(*asked)])  # fmt: skip
    wire.write("And another thing.", to=number)
    wire.lose()
    wire.tick(600)

    run = wire.search()

    assert (run.status, runs.skipped(run)) == ("DONE", [])
    assert [(one.content, one.deleted) for one in Message.objects.all()] == [("I wait.", False)]


def test_a_refused_token_ends_the_search_with_one_alert(wire):
    gap(wire)
    wire.world.faults.add("status", "GET", "/conversations|/profile", times=None, code=401)

    run = wire.search()

    assert run.status == "FAILED"
    assert list(Alert.objects.values_list("kind", flat=True)) == ["credentials"]
    assert runs.due(Source.objects.get(), now=wire.now + timedelta(days=1)) == ""


def test_a_list_that_is_refused_ends_the_search_and_says_so(wire):
    gap(wire)
    wire.world.faults.add("status", "GET", "/conversations$", times=None, code=422)

    run = wire.search()

    assert run.status == "FAILED"
    assert "cannot be read. Chatwoot answered 422" in Alert.objects.get(kind="reconcile").text


@pytest.mark.parametrize("kind", ["status", "html", "rate_limit", "drop_before", "cut"])
def test_while_the_api_is_down_the_search_waits_and_then_goes_on(wire, kind):
    gap(wire)
    wire.world.faults.add(kind, "GET", "/api/v1", times=None)
    run = wire.search()
    assert (run.status, bool(run.trouble), reconciled()) == ("RUNNING", True, 0)

    wire.world.faults.clear()
    assert runs.go_on(run, now=wire.now, seconds=60) == 0, "not at once"
    wire.tick(31)
    runs.step(now=wire.now)
    run_due("in", now=wire.now)

    run.refresh_from_db()
    assert (run.status, run.trouble, wire.ours()) == ("DONE", "", wire.chatwoots())


def test_an_api_that_stays_down_is_told_once(wire):
    wire.world.faults.add("status", "GET", "/api/v1", times=None)
    wire.begin()
    for _ in range(8):
        runs.step(now=wire.now)
        wire.tick(601)

    assert Alert.objects.filter(kind="reconcile").count() == 1
