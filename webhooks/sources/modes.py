"""Verbs on a source's mode. active: normal operation. paused: events are held, nothing runs, nothing is sent. legacy: like
paused, and events are forwarded to the previous handler.

The gates are where rows run (deliveries/mode_gate.py) and where a reply is sent (check_reply). This module does the switch.
"""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from .. import deliveries
from ..deliveries import mode_gate, replay_plans, replay_runs
from ..display.formats import mode as mode_text
from ..display.formats import number
from ..errors import DeliveryError, Hold, Permanent
from ..models import Delivery, ModeChange, Source
from ..outbound import allowed_addresses, chatwoot
from . import mode_notices

Mode, HeldAction = Source.Mode, ModeChange.HeldAction
REPLY = replay_plans.REPLY
RESUME_PACE = 50  # held deliveries per second, beside new events


class CannotSwitch(Exception):
    """The text says why, and what to do."""


class AlreadySo(CannotSwitch):
    """It has this mode already, and nothing is held."""


@dataclass(frozen=True)
class Facts:
    """events: held incoming ones. work: held outgoing ones except replies. replies: approved and not sent. calling: replies
    that are being sent right now and cannot be recalled. forwards: not yet with the previous handler."""

    events: int
    work: int
    replies: int
    calling: int
    forwards: int

    @property
    def held(self) -> int:
        return self.events + self.work


class HeldRows(replay_plans.Filters):
    """What a pause has held, for a replay run: the first of them, as many as one run takes."""

    def rows(self) -> QuerySet[Delivery]:
        first = held(self.source).exclude(event=REPLY).order_by("pk")[: replay_plans.MOST]
        return Delivery.objects.filter(pk__in=first.values("pk"))


def held(source: Source) -> QuerySet[Delivery]:
    return Delivery.objects.filter(source=source, status="HELD", held_for="paused")


def facts(source: Source) -> Facts:
    rows = held(source).exclude(event=mode_gate.FORWARD)
    out = Delivery.objects.filter(source=source, direction="OUT")
    replies = out.filter(event=REPLY).filter(Q(status="PENDING") | Q(status="HELD", held_for="paused"))
    return Facts(
        events=rows.filter(direction="IN").count(), work=rows.filter(direction="OUT").exclude(event=REPLY).count(),
        replies=replies.count(), calling=replies.filter(running_since__isnull=False).count(),
        forwards=out.filter(event=mode_gate.FORWARD, status__in=["PENDING", "HELD"]).count(),
    )  # fmt: skip


def switch(
    source: Source, mode: str, *, by: User | None, reason: str, now: datetime, then: str = HeldAction.PROCESS
) -> ModeChange:
    """then: what happens to held deliveries when switching back to active. Raises CannotSwitch.

    A reply whose call has not begun is held from the commit on, since its gate takes the same lock.
    """
    if not reason.strip():
        raise CannotSwitch(_("Enter a reason for the log."))
    with transaction.atomic():
        row = Source.objects.select_for_update(no_key=True).get(pk=source.pk)
        _check(row, mode)
        change = ModeChange(
            source=row, before=row.mode, mode=mode, at=now, by=by, reason=reason.strip()[:500]
        )
        _set(row, change)
        if mode == Mode.ACTIVE:
            change.held_action = then
            (_process if then == HeldAction.PROCESS else _discard)(row, change)
        else:
            _stop_replay(row, by=by, now=now)
        # Forwards run in legacy mode; in active mode they run to find that they are no longer needed.
        if mode != Mode.PAUSED:
            deliveries.release_held(row, held_for="paused", now=now, event=mode_gate.FORWARD)
        change.save()
        if change.before != mode:
            mode_notices.notify(change, now=now)
    source.refresh_from_db()
    return change


def _check(row: Source, mode: str) -> None:
    if row.mode == mode and not (mode == Mode.ACTIVE and held(row).exists()):
        raise AlreadySo(_("%(source)s is already %(mode)s.") % {"source": row, "mode": mode_text(mode)})
    if mode == Mode.LEGACY:
        check_legacy_url(row.legacy_url)
    run = replay_runs.under_way(row) if mode == Mode.ACTIVE else None
    if run and row.mode == mode:
        raise AlreadySo(
            _("%(source)s is already %(mode)s. %(replay)s")
            % {"source": row, "mode": mode_text(mode), "replay": replay_runs.describe(run)}
        )
    if run:
        raise CannotSwitch(
            _("%(replay)s Wait for it, or cancel it first (replay %(number)s).")
            % {"replay": replay_runs.describe(run), "number": run.pk}
        )


def check_legacy_url(url: str) -> None:
    """Raises CannotSwitch."""
    if not url:
        raise CannotSwitch(
            _(
                "There is no previous handler: enter its URL first (--forward-to, or on the source's mode page)."
            )
        )
    try:
        allowed_addresses.target(url)
    except DeliveryError as error:
        raise CannotSwitch(
            _("The previous handler cannot be called: %(error)s") % {"error": error}
        ) from error


def set_legacy_url(source: Source, url: str) -> None:
    """url: empty to remove it. Raises CannotSwitch."""
    url = url.strip()
    if url:
        check_legacy_url(url)
    elif source.mode == Mode.LEGACY:
        raise CannotSwitch(
            _(
                "The source is in legacy mode: switch it to another mode before you remove its previous handler."
            )
        )
    Source.objects.filter(pk=source.pk).update(legacy_url=url)
    source.legacy_url = url


def _set(row: Source, change: ModeChange) -> None:
    if row.mode == Mode.LEGACY:
        row.legacy_ended_at = change.at
    row.mode, row.mode_reason = change.mode, change.reason[:200]
    row.save(update_fields=["mode", "mode_reason", "legacy_ended_at"])


def _process(row: Source, change: ModeChange) -> None:
    """Events are paced by a replay run. Replies are released at once, since their caps and lane pace them."""
    change.replies = deliveries.release_held(row, held_for="paused", now=change.at, event=REPLY)
    filters = HeldRows(row, status="HELD")
    if filters.rows().exclude(event=mode_gate.FORWARD).exists():
        reason = f"Resumed: {change.reason}"
        change.run = replay_runs.start(
            filters, by=change.by, reason=reason, pace=RESUME_PACE, also_done=False, now=change.at
        )
        change.events = change.run.total


def _discard(row: Source, change: ModeChange) -> None:
    """CANCELLED with the reason. Rows with an ON_DEAD_LETTER handler get it called: a reply is parked for a person."""
    began = row.mode_changes.order_by("-pk").values_list("at", flat=True).first() or change.at
    arrived = Q(status="PENDING", running_since=None, received_at__gte=began)
    rows = Delivery.objects.filter(source=row).filter(Q(status="HELD", held_for="paused") | arrived)
    rows = rows.exclude(event__in=[*mode_gate.IN_ANY_MODE, mode_gate.FORWARD])
    text = f"Not processed: {row} was resumed and its held events were discarded. {change.reason}"[:2000]
    for one in rows.filter(event__in=settings.ON_DEAD_LETTER).defer("headers"):
        import_string(settings.ON_DEAD_LETTER[one.event])(one, error=text, now=change.at)
        change.replies += one.event == REPLY
    change.events = rows.update(
        status="CANCELLED", held_for="", next_attempt_at=None, finished_at=change.at, last_error=text, error_fingerprint=""
    ) - change.replies  # fmt: skip


def _stop_replay(row: Source, *, by: User | None, now: datetime) -> None:
    """What it reopens would only be held again."""
    run = replay_runs.under_way(row)
    if run:
        replay_runs.cancel(run, by=by, now=now)


def check_reply(delivery: Delivery) -> None:
    """Within the transaction before the call: an earlier switch holds the reply, a later one waits for this transaction.

    Raises Hold, or Permanent if the previous handler may have answered since the approval.
    """
    source = (
        Source.objects.select_for_update(no_key=True)
        .only("slug", "mode", "moved_from", "legacy_ended_at")
        .get(pk=delivery.source_id)
    )
    chatwoot.check_installation(source)
    if source.mode != Mode.ACTIVE:
        raise Hold(f"The source is {source.mode}.", held_for="paused")
    if source.legacy_ended_at and delivery.received_at <= source.legacy_ended_at:
        raise Permanent(
            f"{source} was in legacy mode after this was approved: the previous handler may have answered. Look in Chatwoot."
        )


def summary(change: ModeChange) -> str:
    """What a switch did with held deliveries, for the person who made it."""
    if change.mode != Mode.ACTIVE:
        waiting = facts(change.source).replies
        text = ngettext(
            "Events are held, and %(number)s approved reply waits here.",
            "Events are held, and %(number)s approved replies wait here.",
            waiting,
        )
        return text % {"number": number(waiting)}
    events, replies = {"number": number(change.events)}, {"number": number(change.replies)}
    if change.held_action == HeldAction.END:
        cancelled = ngettext(
            "%(number)s held delivery was cancelled",
            "%(number)s held deliveries were cancelled",
            change.events,
        )
        parked = ngettext(
            "%(number)s reply is parked for a person",
            "%(number)s replies are parked for a person",
            change.replies,
        )
        return f"{cancelled % events}, {parked % replies}."
    processed = ngettext(
        "%(number)s held delivery is processed", "%(number)s held deliveries are processed", change.events
    )
    released = ngettext("%(number)s reply was released", "%(number)s replies were released", change.replies)
    if not change.run_id:
        return f"{processed % events}; {released % replies}."
    run = {
        "what": processed % events,
        "replies": released % replies,
        "run": change.run_id,
        "pace": RESUME_PACE,
    }
    return _("%(what)s as replay %(run)s, %(pace)s per second; %(replies)s.") % run
