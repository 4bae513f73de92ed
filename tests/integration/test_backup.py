"""A backup is taken, all is lost, the backup comes back, and the site goes on: on SQLite and on PostgreSQL."""

import io
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from knowledge.models import Draft
from support_site.operations import backups
from tests.factories import make_delivery, make_source
from tests.knowledge.conftest import Desk
from webhooks.models import Delivery, Source, WorkerHost

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def desk(transactional_db, settings, seeded):
    settings.OUT_CALL_S, settings.UNDO_SECONDS = 5, 10
    desk = Desk()
    desk.start()
    yield desk
    desk.chatwoot.stop()


def command(name: str, *arguments: str) -> str:
    out = io.StringIO()
    call_command(name, *arguments, stdout=out)
    return out.getvalue()


def test_a_site_that_lost_everything_goes_on_from_its_backup_and_sends_nothing_twice(desk, tmp_path):
    file = tmp_path / "site.backup"
    first = desk.customer_writes("How do I reset my password?")
    approved = desk.approved(first, text="Choose Forgot password.")
    command("backup", str(file))
    # What happened after the backup, which the restored site does not know: it left, and so did another.
    desk.send()
    second = desk.customer_writes("Where is my invoice?")
    desk.approved(second, text="Under Billing.")
    desk.send()
    sent_later = Draft.objects.latest("pk").pk
    call_command("flush", interactive=False, verbosity=0)

    said = command("restore", str(file))

    assert "manage.py reconcile_chatwoot --slug acme --since 2026-11-23T08:50:00Z" in said
    assert "1 approved replies may not have been sent" in said
    draft = Draft.objects.get()
    assert (draft.pk, draft.status) == (approved.pk, "APPROVED")

    desk.now = draft.send_after + timedelta(seconds=1)
    desk.source = Source.objects.get()
    desk.send()

    draft.refresh_from_db()
    assert draft.status == "SENT"
    assert desk.replies_in_chatwoot(first) == ["Choose Forgot password."]
    assert desk.replies_in_chatwoot(second) == ["Under Billing."]
    # Chatwoot has a reply that bears the number of a draft nobody knows: no new draft may bear it.
    desk.lead = draft.decided_by
    third = desk.customer_writes("And my receipt?")
    fresh = desk.approved(third, text="Beside the invoice.")
    assert fresh.pk > sent_later
    desk.send()
    assert desk.replies_in_chatwoot(third) == ["Beside the invoice."]


@pytest.mark.once
def test_a_database_in_use_is_replaced_only_when_told_so(transactional_db, tmp_path):
    file = tmp_path / "site.backup"
    make_source("acme")
    command("backup", str(file))
    make_source("later")

    with pytest.raises(CommandError, match="This database is in use"):
        command("restore", str(file))
    assert Source.objects.count() == 2
    command("restore", str(file), "--replace")

    assert Source.objects.get().slug == "acme"


@pytest.mark.once
def test_nothing_is_restored_below_running_workers(transactional_db, tmp_path):
    file = tmp_path / "site.backup"
    command("backup", str(file))
    WorkerHost.objects.create(host="worker-1", pid=1, started_at=timezone.now(), beat_at=timezone.now())

    with pytest.raises(CommandError, match=r"Workers are running on worker-1\. Stop them"):
        command("restore", str(file))


@pytest.mark.once
def test_what_the_previous_handler_may_have_had_is_not_given_to_it_again(transactional_db, tmp_path):
    file = tmp_path / "site.backup"
    row = make_delivery()
    Delivery.objects.filter(pk=row.pk).update(event="event.forward")
    command("backup", str(file))

    command("restore", str(file), "--replace")

    assert Delivery.objects.get().status == "CANCELLED"


@pytest.mark.once
def test_a_backup_never_writes_over_a_file_and_is_its_owners_alone(transactional_db, tmp_path):
    file = tmp_path / "site.backup"
    command("backup", str(file))

    with pytest.raises(CommandError, match="already exists"):
        command("backup", str(file))

    assert file.stat().st_mode & 0o077 == 0
    assert [one.name for one in tmp_path.iterdir()] == ["site.backup"]


@pytest.mark.once
def test_what_is_no_backup_is_refused_in_one_line(transactional_db, tmp_path):
    file = tmp_path / "letter.txt"
    file.write_text("Dear Ada")

    with pytest.raises(
        CommandError, match=r"is not a SQLite backup|pg_restore failed: .*not appear to be a valid archive"
    ):
        command("restore", str(file))


@pytest.mark.once
def test_a_program_that_is_missing_is_named_with_its_package(monkeypatch):
    monkeypatch.setattr(backups.shutil, "which", lambda program: None)

    with pytest.raises(backups.BackupError, match=r"pg_dump is not installed .*postgresql-client"):
        backups._run("pg_dump")


@pytest.mark.once
def test_keys_that_do_not_fit_are_said(transactional_db, settings):
    make_source()
    settings.ENCRYPTION_KEYS = ["YW5vdGhlci1rZXktYW5vdGhlci1rZXktYW5vdGhlci0="]  # pragma: allowlist secret

    assert "ENCRYPTION_KEYS cannot decrypt the secrets of sources" in next(backups.next_steps())
