"""Verbs on import runs: start, read (the dry run), import, cancel, repeat. A run's state is only in the database.

Workers continue runs in the background; a lease says which one does.
"""

import time
import uuid
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Count, QuerySet
from django.utils.translation import gettext as _

from webhooks.errors import Permanent
from webhooks.models import Source
from webhooks.outbound import allowed_addresses

from ..models import ImportItem, ImportRun
from . import compare, csv_file, markdown_files, portal, texts, web_page
from .apply import apply
from .found import CannotRead, Found

S, Kind, Outcome = ImportRun.Status, ImportRun.Kind, ImportItem.Outcome
LEASE = timedelta(minutes=10)  # longer than reading a help centre of a thousand pages may take
NOBODY_AFTER = timedelta(seconds=30)
STEP_S = 5
BATCH = 50
WORK = (Outcome.NEW, Outcome.CHANGED, Outcome.GONE)
MOST_UPLOAD = 20 * 2**20  # bytes
REPEATS = (Kind.PORTAL, Kind.PAGE, Kind.SAVED_REPLIES)  # a file does not change by itself


class CannotStart(Exception):
    """The text says why."""


def start(
    *, kind: str, name: str, now: datetime, by: User | None = None, account: Source | None = None, upload: bytes | None = None,
    language: str = "en", locale: str = "", repeat: int = 0, inboxes: Any = (), held: bool = False,
) -> ImportRun:  # fmt: skip
    """A run whose dry run comes next. held: this process works on it, no worker. Raises CannotStart."""
    if upload is not None and len(upload) > MOST_UPLOAD:
        raise CannotStart(
            _("The file is over %(most_upload)s MiB. Import it in parts.")
            % {"most_upload": MOST_UPLOAD // 2**20}
        )
    if kind in (Kind.PORTAL, Kind.SAVED_REPLIES) and not (account and account.api_token):
        raise CannotStart(_("Connect this Chatwoot with an administrator's token first."))
    if kind == Kind.PAGE:
        _check_address(name)
    if repeat and kind not in REPEATS:
        raise CannotStart(_("A file cannot be imported again on a schedule."))
    with transaction.atomic():
        run = ImportRun.objects.create(
            kind=kind, name=name, by=by, account=account, upload=upload, language=language, locale=locale, repeat=repeat,
            began_at=now, leased_until=now + LEASE if held else now, holder="command" if held else "",
        )  # fmt: skip
        run.inboxes.set(inboxes)
    return run


def _check_address(url: str) -> None:
    """Before it is kept and listed: it may hold a password."""
    try:
        allowed_addresses.check_url(url)
    except Permanent as error:
        raise CannotStart(texts.shown(str(error))) from error


def read(run: ImportRun, *, now: datetime, path: Path | None = None) -> None:
    """The dry run: everything is read and compared, nothing is changed. path: a folder, instead of the upload."""
    try:
        judged = list(compare.judge(run, _found(run, path)))
    except CannotRead as error:
        _end(run, S.FAILED, now=now, trouble=str(error)[:500])
        return
    automatic = run.repeat and run.by is None
    with transaction.atomic():
        ImportItem.objects.bulk_create([_item(run, *one) for one in judged], batch_size=500)
        ImportRun.objects.filter(pk=run.pk, status=S.READING).update(
            status=S.RUNNING if automatic else S.READY, upload=None, leased_until=now
        )
    run.refresh_from_db()


def _found(run: ImportRun, path: Path | None) -> list[Found]:
    language, data = run.language, bytes(run.upload or b"")
    if run.kind == Kind.MARKDOWN:
        if path is not None:
            return markdown_files.read_folder(path, language=language)
        return markdown_files.read_zip(data, language=language)
    if run.kind == Kind.CSV:
        return csv_file.read(data, language=language)
    if run.kind == Kind.PAGE:
        return web_page.read(run.name, language=language)
    if run.account is None:
        raise CannotRead(texts.NOT_CONNECTED)
    if run.kind == Kind.PORTAL:
        return portal.read(run.account, run.name, locale=run.locale, language=language)
    return portal.read_canned_responses(run.account)


def _item(run: ImportRun, outcome: str, found: Found, note: str) -> ImportItem:
    values = found.values if outcome in WORK else {}
    title = str(found.values.get("title") or found.values.get("code") or found.where)[:200]
    done = outcome not in WORK
    return ImportItem(
        run=run, outcome=outcome, ref=found.ref[:500], title=title, found=values, note=note[:500], done=done
    )


def begin(run: ImportRun, *, now: datetime) -> None:
    """After a dry run: import what it found. Raises CannotStart."""
    started = ImportRun.objects.filter(pk=run.pk, status=S.READY).update(status=S.RUNNING, leased_until=now)
    run.refresh_from_db()
    if not started:
        raise CannotStart(_("This import is %(status)s.") % {"status": run.get_status_display().lower()})


def cancel(run: ImportRun, *, now: datetime) -> None:
    """What was proposed stays open. Raises CannotStart."""
    if not _end(run, S.CANCELLED, now=now, among=(S.READING, S.READY, S.RUNNING)):
        raise CannotStart(_("This import is %(status)s.") % {"status": run.get_status_display().lower()})


def stop_repeating(run: ImportRun) -> None:
    ImportRun.objects.filter(kind=run.kind, name=run.name, account=run.account).update(
        repeat=ImportRun.Repeat.NEVER
    )


def step(*, now: datetime) -> int:
    """Every few seconds, on every host: start what is due again, continue what is under way. Returns rows of work done."""
    for run in _due(now):
        again = start(
            kind=run.kind, name=run.name, account=run.account, language=run.language, locale=run.locale, repeat=run.repeat,
            inboxes=run.inboxes.all(), now=now,
        )  # fmt: skip
        ImportRun.objects.filter(pk=run.pk).update(repeat=ImportRun.Repeat.NEVER)  # the new one carries it on
        go_on(again, now=now)
    waiting = ImportRun.objects.filter(status__in=[S.READING, S.RUNNING], leased_until__lte=now).order_by(
        "pk"
    )
    return sum(go_on(run, now=now) for run in waiting)


def _due(now: datetime) -> list[ImportRun]:
    """The last run of each import that repeats, if its time has come."""
    rows = ImportRun.objects.exclude(repeat=0).filter(status__in=[S.DONE, S.FAILED]).select_related("account")
    return [run for run in rows if run.finished_at and run.finished_at + timedelta(days=run.repeat) <= now]


def go_on(run: ImportRun, *, now: datetime, seconds: float = STEP_S) -> int:
    """Work for some seconds, unless another process does."""
    holder = str(uuid.uuid4())
    free = ImportRun.objects.filter(pk=run.pk, status__in=[S.READING, S.RUNNING], leased_until__lte=now)
    if not free.update(holder=holder, leased_until=now + LEASE):
        return 0
    run = ImportRun.objects.select_related("account", "by").get(pk=run.pk)
    if run.status == S.READING:
        read(run, now=now)
        return 1
    done, ends = 0, time.monotonic() + seconds
    while time.monotonic() < ends and (count := batch(run, now=now)):
        done += count
    ImportRun.objects.filter(pk=run.pk, holder=holder, status=S.RUNNING).update(leased_until=now)
    return done


def batch(run: ImportRun, *, now: datetime) -> int:
    """The next items, in one transaction. None left: the run is done."""
    with transaction.atomic():
        if not ImportRun.objects.select_for_update(of=("self",)).filter(pk=run.pk, status=S.RUNNING).exists():
            return 0
        items = list(run.items.filter(done=False).order_by("pk")[:BATCH])
        apply(items, run, now=now)
    if not items:
        _end(run, S.DONE, now=now)
    return len(items)


def _end(
    run: ImportRun,
    status: str,
    *,
    now: datetime,
    among: tuple[str, ...] = (S.READING, S.RUNNING),
    **facts: Any,
) -> int:
    ended = ImportRun.objects.filter(pk=run.pk, status__in=among).update(
        status=status, finished_at=now, leased_until=now, upload=None, **facts
    )
    run.refresh_from_db()
    return ended


def counts(run: ImportRun) -> dict[str, int]:
    found = dict(run.items.order_by().values_list("outcome").annotate(Count("pk")))
    return {outcome: found.get(outcome, 0) for outcome in Outcome.values}


def problems(run: ImportRun) -> QuerySet[ImportItem]:
    return run.items.filter(outcome=Outcome.ERROR).order_by("pk")


def waits_for_workers(run: ImportRun, *, now: datetime) -> bool:
    return run.status in (S.READING, S.RUNNING) and run.leased_until < now - NOBODY_AFTER
