"""What is old enough goes, in small batches; what reports and audits need stays."""

import hashlib
import io
import os
from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError

from tests.factories import NOW, deliver, make_delivery, make_inbox, make_source, message_event
from webhooks import deliveries
from webhooks.deliveries import replay_plans
from webhooks.models import Attempt, Delivery, PruneRun, Rejection, RetentionRule
from webhooks.privacy import prune as pruning
from webhooks.privacy import retention
from webhooks.receiver import spool

pytestmark = pytest.mark.django_db


def days(count: float) -> datetime:
    return NOW + timedelta(days=count)


def keep(**rules: int | None) -> None:
    """These rules and no others."""
    for name in retention.rules():
        RetentionRule.objects.update_or_create(name=name, defaults={"days": rules.get(name)})


def prune(now: datetime) -> PruneRun:
    run = pruning.begin(list(retention.rules()), now=now)
    while run.finished_at is None:
        pruning.go_on(run, now=now)
    return run


def old_delivery(**facts) -> Delivery:
    make_inbox()
    row = deliver(message_event(**facts))
    assert row.status == "DONE"
    return row


def test_an_old_body_goes_and_its_hash_size_and_outcome_stay():
    row = old_delivery()
    body = bytes(row.body)
    keep(delivery_bodies=90)

    run = prune(days(91))

    row.refresh_from_db()
    assert (bytes(row.body), row.body_sha256, row.body_size) == (
        b"",
        hashlib.sha256(body).hexdigest(),
        len(body),
    )
    assert (row.status, row.attempt_log.get().outcome, row.redacted_for) == ("DONE", "ok", "age")
    assert run.counts == {"delivery_bodies": 1}


def test_a_younger_body_stays():
    row = old_delivery()
    keep(delivery_bodies=90)

    prune(days(89))

    row.refresh_from_db()
    assert row.body


def test_what_is_still_to_be_done_keeps_its_body_however_old():
    row = make_delivery()
    keep(delivery_bodies=90, deliveries=400)

    prune(days(1000))

    row.refresh_from_db()
    assert row.body


def test_a_replay_says_why_there_is_nothing_left_to_replay():
    row = old_delivery()
    keep(delivery_bodies=90)
    prune(days(91))
    row.refresh_from_db()

    with pytest.raises(deliveries.CannotReplay, match=r"Its body was removed on .* because of its age"):
        deliveries.replay(row, by=None, reason="Again.", now=days(92), also_done=True)


def test_a_body_that_goes_while_its_replay_begins_is_not_replayed():
    row = old_delivery()
    keep(delivery_bodies=90)
    prune(days(91))

    with pytest.raises(
        deliveries.CannotReplay, match="has changed since you opened it"
    ):  # row is as it was read before
        deliveries.replay(row, by=None, reason="Again.", now=days(92), also_done=True)


def test_a_replay_of_many_counts_those_without_a_body_apart():
    row = old_delivery()
    keep(delivery_bodies=90)
    prune(days(91))

    plan = replay_plans.plan(replay_plans.Filters(row.source, direction="IN"), also_done=True)

    assert (plan.count, plan.left_out) == (0, {"redacted": 1})


def test_an_old_delivery_goes_with_its_attempts():
    old_delivery()
    keep(deliveries=400)

    run = prune(days(401))

    assert run.counts == {"deliveries": 1}
    assert not Delivery.objects.filter(direction="IN").exists()
    assert not Attempt.objects.filter(delivery__direction="IN").exists()


def test_a_delivery_that_somebody_replayed_stays_with_its_audit():
    row = old_delivery()
    deliveries.replay(row, by=None, reason="A bug is fixed.", now=NOW, also_done=True)
    Delivery.objects.filter(pk=row.pk).update(status="DONE", next_attempt_at=None, finished_at=NOW)
    keep(deliveries=400)

    prune(days(401))

    assert row.audit.get().reason == "A bug is fixed."


def test_the_log_of_attempts_may_go_before_the_delivery():
    row = old_delivery()
    keep(attempts=180)

    prune(days(181))

    assert not row.attempt_log.exists()
    assert Delivery.objects.filter(pk=row.pk).exists()


def test_refused_requests_go_and_how_many_there_were_stays():
    source = make_source()
    Rejection.objects.create(source=source, at=NOW, code="timestamp_stale", detail="Late.", body=b"{}")
    source.rejection_counts.create(code="timestamp_stale", day=NOW.date(), count=3)
    keep(rejections=30)

    prune(days(31))

    assert (Rejection.objects.count(), source.rejection_counts.get().count) == (0, 3)


def test_files_set_aside_go_when_they_are_old():
    old, young = (spool.folder() / spool.BAD / name for name in ("old", "young"))
    old.parent.mkdir(parents=True)
    for file, at in ((old, NOW), (young, days(20))):
        file.write_bytes(b"?")
        os.utime(file, (at.timestamp(), at.timestamp()))
    keep(spool_files=30)

    pruning.discard_files(now=days(31))

    assert (old.exists(), young.exists()) == (False, True)


def test_what_has_no_number_of_days_is_kept_for_ever():
    row = old_delivery()
    keep()

    prune(days(10_000))

    row.refresh_from_db()
    assert row.body


def test_batches_are_small_and_every_row_has_its_turn(monkeypatch):
    monkeypatch.setattr(pruning, "BATCH", 2)
    for number in range(5):
        old_delivery(message_id=100 + number)
    keep(delivery_bodies=90)
    before = Delivery.objects.filter(status="DONE").count()
    run = pruning.begin(["delivery_bodies"], now=days(91))

    batches = []
    while run.finished_at is None:
        batches.append(pruning.go_on(run, now=days(91)))

    assert max(batches) == 2
    assert sum(batches) == before == Delivery.objects.filter(redacted_for="age").count()


def test_a_step_goes_on_window_by_window_past_what_was_removed_before(monkeypatch):
    """A statement that looked for the next due row would read all that earlier nights have treated."""
    monkeypatch.setattr(pruning, "WINDOW", 2)
    for number in range(5):
        old_delivery(message_id=100 + number)
    keep(delivery_bodies=90)
    keys = list(Delivery.objects.filter(status="DONE").order_by("pk").values_list("pk", flat=True))
    Delivery.objects.filter(pk__in=keys[:4]).update(redacted_at=NOW)
    run = pruning.begin(["delivery_bodies"], now=days(91), night=days(91).date())
    pruning.go_on(run, now=days(91))
    assert (run.counts, run.after) == ({}, keys[0] + 1)

    pruning.step(now=days(91))

    run.refresh_from_db()
    assert run.counts == {"delivery_bodies": len(keys) - 4}


def test_the_workers_begin_one_round_a_night_and_go_on_with_it():
    keep(delivery_bodies=90)
    evening = datetime(2026, 11, 24, 1, 59, tzinfo=UTC)  # still the 23rd's night

    for now in (NOW, evening, evening + timedelta(minutes=2)):
        for _ in range(3):
            pruning.step(now=now)

    nights = list(PruneRun.objects.order_by("pk").values_list("night", "finished_at"))
    assert [(str(night), bool(done)) for night, done in nights] == [
        ("2026-11-23", True),
        ("2026-11-24", True),
    ]


def command(*arguments: str) -> str:
    out = io.StringIO()
    call_command("prune", *arguments, stdout=out)
    return out.getvalue()


def test_the_command_removes_by_all_rules_and_says_how_many_went():
    row = old_delivery()
    Delivery.objects.filter(pk=row.pk).update(finished_at=NOW - timedelta(days=2000))
    keep(delivery_bodies=90)

    said = command()

    assert "delivery_bodies: 1 older than 90 days" in said
    assert "deliveries: 0 kept for ever" in said
    assert said.endswith("1 removed.\n")


def test_a_dry_run_counts_and_removes_nothing():
    row = old_delivery()
    Delivery.objects.filter(pk=row.pk).update(finished_at=NOW - timedelta(days=2000))
    keep(delivery_bodies=90)

    said = command("--dry-run", "--only", "delivery_bodies")

    row.refresh_from_db()
    assert said == "delivery_bodies: 1 older than 90 days\n1 would be removed.\n"
    assert row.body


def test_an_unknown_rule_is_one_line_that_names_those_there_are():
    with pytest.raises(
        CommandError, match=r"There is no rule .bodies.\. The rules are delivery_bodies, attempts"
    ):
        command("--only", "bodies")


def test_a_database_that_fails_is_one_line_that_says_what_to_do(monkeypatch):
    def fail(*args: object, **facts: object) -> None:
        raise DatabaseError("disk full")

    monkeypatch.setattr(pruning, "go_on", fail)

    with pytest.raises(CommandError, match=r"What it removed stays removed: run it again\."):
        command()
