"""manage.py replay_deliveries: what it prints, when it fails, and that it never does more than it said."""

import io
from datetime import UTC, datetime
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from tests.factories import make_delivery, make_source, make_user, message_event
from webhooks.deliveries import replay_runs
from webhooks.deliveries.replay_plans import Filters
from webhooks.management.commands import replay_deliveries
from webhooks.models import Delivery, ReplayRun

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_sleep(monkeypatch) -> None:
    monkeypatch.setattr(replay_deliveries, "STEP_S", 0.01)


def run(*words: str, **options: Any) -> str:
    out = io.StringIO()
    call_command("replay_deliveries", *words, stdout=out, **options)
    return out.getvalue()


def make_rows(count: int, *, status: str = "DEAD", **facts: Any) -> list[Delivery]:
    rows = [make_delivery(message_event()) for _ in range(count)]
    Delivery.objects.filter(pk__in=[row.pk for row in rows]).update(
        status=status, next_attempt_at=None, attempts=9, **facts
    )
    return rows


def make_run() -> ReplayRun:
    filters = Filters(make_source())
    return replay_runs.start(
        filters, by=make_user("maria"), reason="x", pace=1, also_done=False, now=timezone.now()
    )


def test_it_says_its_plan_reopens_the_rows_and_tells_how_it_ended():
    make_rows(3)
    make_rows(2, status="DONE")

    said = run("--source", "acme", "--reason", "the ledger is back")

    number = ReplayRun.objects.get().pk
    assert said.splitlines() == [
        "3 deliveries, a few seconds. Left out: 2 already done.",
        f"Replay {number} started.",
        f"Replay {number} is finished: 3 of 3 reopened.",
        "Of these, 3 still being retried. The workers try the rest.",
    ]
    assert Delivery.objects.filter(status="PENDING").count() == 3


def test_a_dry_run_changes_nothing_and_needs_no_reason():
    make_rows(3)

    assert run("--source", "acme", "--dry-run") == "3 deliveries, a few seconds.\n"
    assert (ReplayRun.objects.count(), Delivery.objects.filter(status="DEAD").count()) == (0, 3)


def test_nothing_to_replay_is_no_failure():
    make_rows(2, status="DONE")

    said = run("--source", "acme", "--reason", "x")

    assert (
        said.splitlines()[-1]
        == "Nothing to replay. Deliveries that are done run again only when you ask for it."
    )


def test_without_waiting_it_leaves_the_run_to_the_workers():
    make_rows(2)

    said = run("--source", "acme", "--reason", "x", "--no-wait")

    row = ReplayRun.objects.get()
    assert row.status == "RUNNING"
    assert f"--cancel {row.pk}" in said


def test_ctrl_c_leaves_the_run_going_and_says_how_to_cancel_it(monkeypatch):
    make_rows(2)
    monkeypatch.setattr(replay_runs, "step", lambda *, now: (_ for _ in ()).throw(KeyboardInterrupt))
    out = io.StringIO()

    with pytest.raises(SystemExit) as ended:
        call_command("replay_deliveries", "--source", "acme", "--reason", "x", stdout=out)

    row = ReplayRun.objects.get()
    assert (ended.value.code, row.status) == (130, "RUNNING")
    assert f"replay_deliveries --cancel {row.pk}" in out.getvalue()


def test_a_run_that_somebody_cancels_meanwhile_ends_it_with_a_failure(monkeypatch):
    make_rows(2)

    def cancel(*, now: Any) -> int:
        replay_runs.cancel(ReplayRun.objects.get(), by=None, now=now)
        return 0

    monkeypatch.setattr(replay_runs, "step", cancel)

    with pytest.raises(CommandError, match="was cancelled: 0 of 2 reopened"):
        run("--source", "acme", "--reason", "x")


def test_it_says_when_the_workers_do_not_keep_up(monkeypatch):
    monkeypatch.setattr(replay_deliveries, "PROGRESS_S", 0)
    monkeypatch.setattr(replay_runs, "BACKLOG_S", 1)
    make_rows(3)
    steps = iter(range(5))
    step = replay_runs.step

    def step_and_stop(*, now: Any) -> int:
        if next(steps, None) is None:
            raise KeyboardInterrupt
        return step(now=now)

    monkeypatch.setattr(replay_runs, "step", step_and_stop)
    out = io.StringIO()

    with pytest.raises(SystemExit):
        call_command("replay_deliveries", "--source", "acme", "--reason", "x", "--pace", "1", stdout=out)

    assert "1 of 3 reopened; it continues once the workers have tried" in out.getvalue()


def test_a_run_is_cancelled_by_its_number():
    make_rows(2)
    row = make_run()

    said = run("--cancel", str(row.pk))

    row.refresh_from_db()
    assert row.status == "CANCELLED"
    assert said == f"Replay {row.pk} is cancelled: 0 of 2 reopened; the rest stay unchanged.\n"


@pytest.mark.parametrize(
    ("words", "trouble"),
    [
        (["--reason", "x"], "with --source. This site has acme."),
        (["--source", "other", "--reason", "x"], "no source 'other'. This site has acme."),
        (["--source", "acme"], "Give a reason for the log with --reason"),
        (["--source", "acme", "--reason", "x", "--pace", "0"], "--pace must be 1 to 100"),
        (["--source", "acme", "--reason", "x", "--since", "yesterday"], "'yesterday' is not a time"),
        (["--source", "acme", "--reason", "x", "--since", "2026-02-31"], "'2026-02-31' is not a time"),
        (["--source", "acme", "--reason", "x", "--ids", "1,two"], "“two” is not a delivery ID"),
        (["--source", "acme", "--reason", "x", "--status", "LOST"], "invalid choice: 'LOST'"),
        (["--cancel", "999"], "There is no replay 999."),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_it_fails_with_one_clear_line(words, trouble):
    make_rows(1)

    with pytest.raises(CommandError) as caught:
        run(*words)

    assert trouble in str(caught.value)
    assert "\n" not in str(caught.value)
    assert not ReplayRun.objects.exists()


def test_while_another_run_is_under_way_it_fails_and_says_how_to_end_that():
    make_rows(2)
    row = make_run()

    with pytest.raises(CommandError) as caught:
        run("--source", "acme", "--reason", "x")

    assert "A replay of acme by maria is in progress: 0 of 2." in str(caught.value)
    assert f"--cancel {row.pk}" in str(caught.value)


@pytest.mark.parametrize(
    "words",
    [
        ["--status", "held"],
        ["--event", "conversation_created"],
        ["--direction", "out"],
        ["--conversation", "8"],
        ["--fingerprint", "abc"],
        ["--since", "2026-11-24"],
        ["--until", "2026-11-22T10:00:00Z"],
    ],
    ids=" ".join,
)
def test_each_filter_is_passed_on(words):
    make_rows(2)
    changes = {
        "--status": {"status": "HELD", "held_for": "rule"},
        "--event": {"event": "conversation_created"},
        "--direction": {"direction": "OUT"},
        "--conversation": {"conversation_id": 8},
        "--fingerprint": {"error_fingerprint": "abc"},
        "--since": {"received_at": datetime(2026, 11, 25, tzinfo=UTC)},
        "--until": {"received_at": datetime(2026, 11, 20, tzinfo=UTC)},
    }
    [row] = make_rows(1)
    Delivery.objects.filter(pk=row.pk).update(**changes[words[0]])

    assert run("--source", "acme", "--dry-run", *words).startswith("1 delivery")


def test_named_deliveries_alone_are_replayed():
    rows = make_rows(3)

    run("--source", "acme", "--reason", "x", "--ids", f"{rows[0].pk},{rows[2].pk}")

    assert list(Delivery.objects.filter(status="DEAD")) == [rows[1]]


def test_what_is_done_runs_again_when_it_is_asked_for():
    make_rows(2, status="DONE")

    run("--source", "acme", "--reason", "x", "--also-done")

    assert Delivery.objects.filter(status="PENDING").count() == 2
