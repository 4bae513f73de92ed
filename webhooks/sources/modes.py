"""Verbs on a source's mode. active: all goes on. paused: what arrives is kept, nothing runs, nothing leaves. legacy: as
paused, and what arrives goes on to the previous handler.

The gates stand where rows run (inbox/gate.py) and where a reply leaves (check_reply); here is what a switch does.
"""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.module_loading import import_string

from .. import deliveries
from ..deliveries import mode_gate, replay_runs
from ..errors import DeliveryError, Hold, Permanent
from ..models import Delivery, ModeChange, Source
from ..outbound import allowed_addresses
from . import mode_notices

Mode, Kept = Source.Mode, ModeChange.Kept
REPLY = replay_runs.REPLY
RESUME_PACE = 50  # kept deliveries a second, beside what arrives meanwhile


class CannotSwitch(Exception):
    """The text says why and how to mend it."""


class AlreadySo(CannotSwitch):
    """It has this mode, and nothing is kept."""


@dataclass(frozen=True)
class Facts:
    """events: kept ones that came in. work: kept work of ours. replies: approved and not sent. calling: replies in
    this moment's calls, which nothing takes back. forwards: not yet with the previous handler."""

    events: int
    work: int
    replies: int
    calling: int
    forwards: int

    @property
    def kept(self) -> int:
        return self.events + self.work


class KeptRows(replay_runs.Filters):
    """What a pause has kept, for a replay run: the first as many as one run takes."""

    def rows(self) -> QuerySet[Delivery]:
        first = kept(self.source).exclude(event=REPLY).order_by("pk")[: replay_runs.MOST]
        return Delivery.objects.filter(pk__in=first.values("pk"))


def kept(source: Source) -> QuerySet[Delivery]:
    return Delivery.objects.filter(source=source, status="HELD", held_for="paused")


def facts(source: Source) -> Facts:
    held = kept(source).exclude(event=mode_gate.FORWARD)
    out = Delivery.objects.filter(source=source, direction="OUT")
    replies = out.filter(event=REPLY).filter(Q(status="PENDING") | Q(status="HELD", held_for="paused"))
    return Facts(
        events=held.filter(direction="IN").count(), work=held.filter(direction="OUT").exclude(event=REPLY).count(),
        replies=replies.count(), calling=replies.filter(running_since__isnull=False).count(),
        forwards=out.filter(event=mode_gate.FORWARD, status__in=["PENDING", "HELD"]).count(),
    )  # fmt: skip


def switch(
    source: Source, mode: str, *, by: User | None, reason: str, now: datetime, then: str = Kept.PROCESS
) -> ModeChange:
    """then: what becomes of what is kept, on the way back to active. Raises CannotSwitch.

    A reply whose call has not begun is held from the commit on: its gate takes the same lock.
    """
    if not reason.strip():
        raise CannotSwitch("Say why, for whoever reads the log.")
    with transaction.atomic():
        row = Source.objects.select_for_update(no_key=True).get(pk=source.pk)
        _check(row, mode)
        change = ModeChange(
            source=row, before=row.mode, mode=mode, at=now, by=by, reason=reason.strip()[:500]
        )
        _set(row, change)
        if mode == Mode.ACTIVE:
            change.kept = then
            (_process if then == Kept.PROCESS else _end)(row, change)
        else:
            _stop_replay(row, by=by, now=now)
        # In legacy mode they go on; in active mode they find that they are no longer wanted.
        if mode != Mode.PAUSED:
            deliveries.release_held(row, held_for="paused", now=now, event=mode_gate.FORWARD)
        change.save()
        if change.before != mode:
            mode_notices.tell(change, now=now)
    source.refresh_from_db()
    return change


def _check(row: Source, mode: str) -> None:
    if row.mode == mode and not (mode == Mode.ACTIVE and kept(row).exists()):
        raise AlreadySo(f"{row} is {mode} already.")
    if mode == Mode.LEGACY:
        check_legacy_url(row.legacy_url)
    run = replay_runs.under_way(row) if mode == Mode.ACTIVE else None
    if run and row.mode == mode:
        raise AlreadySo(f"{row} is {mode} already. {replay_runs.describe(run)}")
    if run:
        raise CannotSwitch(f"{replay_runs.describe(run)} Wait for it or cancel it first (replay {run.pk}).")


def check_legacy_url(url: str) -> None:
    """Raises CannotSwitch."""
    if not url:
        raise CannotSwitch(
            "There is no previous handler: give its URL first (--forward-to, or on the source's modes page)."
        )
    try:
        allowed_addresses.target(url)
    except DeliveryError as error:
        raise CannotSwitch(f"The previous handler cannot be called: {error}") from error


def set_legacy_url(source: Source, url: str) -> None:
    """Empty: none. Raises CannotSwitch."""
    url = url.strip()
    if url:
        check_legacy_url(url)
    elif source.mode == Mode.LEGACY:
        raise CannotSwitch("The source is in legacy mode: switch it back before its previous handler goes.")
    Source.objects.filter(pk=source.pk).update(legacy_url=url)
    source.legacy_url = url


def _set(row: Source, change: ModeChange) -> None:
    if row.mode == Mode.LEGACY:
        row.legacy_ended_at = change.at
    row.mode, row.mode_reason = change.mode, change.reason[:200]
    row.save(update_fields=["mode", "mode_reason", "legacy_ended_at"])


def _process(row: Source, change: ModeChange) -> None:
    """Paced by a replay run; replies at once, since their caps and their lane pace them."""
    change.replies = deliveries.release_held(row, held_for="paused", now=change.at, event=REPLY)
    filters = KeptRows(row, status="HELD")
    if filters.rows().exclude(event=mode_gate.FORWARD).exists():
        reason = f"Resumed: {change.reason}"
        change.run = replay_runs.start(
            filters, by=change.by, reason=reason, pace=RESUME_PACE, also_done=False, now=change.at
        )
        change.events = change.run.total


def _end(row: Source, change: ModeChange) -> None:
    """CANCELLED with the reason. What stands for something (a reply, a draft) is told: a reply is parked for a person."""
    began = row.mode_changes.order_by("-pk").values_list("at", flat=True).first() or change.at
    arrived = Q(status="PENDING", running_since=None, received_at__gte=began)
    rows = Delivery.objects.filter(source=row).filter(Q(status="HELD", held_for="paused") | arrived)
    rows = rows.exclude(event__in=[*mode_gate.IN_ANY_MODE, mode_gate.FORWARD])
    text = f"Not processed: {row} was switched back to active without what it had kept. {change.reason}"[
        :2000
    ]
    for one in rows.filter(event__in=settings.ON_DEAD_LETTER).defer("headers"):
        import_string(settings.ON_DEAD_LETTER[one.event])(one, error=text, now=change.at)
        change.replies += one.event == REPLY
    change.events = rows.update(
        status="CANCELLED", held_for="", next_attempt_at=None, finished_at=change.at, last_error=text, error_fingerprint=""
    ) - change.replies  # fmt: skip


def _stop_replay(row: Source, *, by: User | None, now: datetime) -> None:
    """What it re-opens would only be held again."""
    run = replay_runs.under_way(row)
    if run:
        replay_runs.cancel(run, by=by, now=now)


def check_reply(delivery: Delivery) -> None:
    """Within the transaction before the call: a switch that comes first holds it, one that comes later waits for this.

    Raises Hold; Permanent where the previous handler may have answered since the approval.
    """
    source = (
        Source.objects.select_for_update(no_key=True)
        .only("slug", "mode", "legacy_ended_at")
        .get(pk=delivery.source_id)
    )
    if source.mode != Mode.ACTIVE:
        raise Hold(f"The source is {source.mode}.", held_for="paused")
    if source.legacy_ended_at and delivery.received_at <= source.legacy_ended_at:
        raise Permanent(
            f"{source} was in legacy mode after this was approved: the previous handler may have answered. Look in Chatwoot."
        )


def said(change: ModeChange) -> str:
    """What a switch does with what is kept, for whoever made it."""
    if change.mode != Mode.ACTIVE:
        waits = facts(change.source).replies
        return f"{waits:,} approved {'reply waits' if waits == 1 else 'replies wait'} here; what arrives is kept."
    if change.kept == Kept.END:
        ended = f"{_deliveries(change, 'was', 'were')} ended unprocessed"
        return f"{ended}, {_replies(change, 'is', 'are')} parked for a person."
    run = f" as replay {change.run_id}, {RESUME_PACE} a second" if change.run_id else ""
    return f"{_deliveries(change, 'goes', 'go')} on{run}; {_replies(change, 'goes', 'go')} on."


def _deliveries(change: ModeChange, one: str, several: str) -> str:
    return f"1 kept delivery {one}" if change.events == 1 else f"{change.events:,} kept deliveries {several}"


def _replies(change: ModeChange, one: str, several: str) -> str:
    return f"1 reply {one}" if change.replies == 1 else f"{change.replies:,} replies {several}"
