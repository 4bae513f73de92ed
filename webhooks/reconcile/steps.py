"""What a reconciliation run reads, step by step: the list of conversations, then each of them.

Every step commits what it found together with its progress, so that any host can continue an interrupted run.
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db import DataError, transaction
from django.db.models import Max, Min, Q, QuerySet

from ..errors import Permanent
from ..mirror import payloads
from ..models import Conversation, Message, ReconcileItem, ReconcileRun
from ..outbound import chatwoot
from ..parsing import identifier
from . import differences
from .differences import Missed

UNPAGED = timedelta(hours=2)  # Chatwoot returns changes of this span in one response
MARGIN = timedelta(minutes=10)  # for clocks that differ and late background jobs in Chatwoot
GRACE = timedelta(seconds=60)  # for younger events a webhook may still be in transit
MOST_PASSES = 5  # later changes are left to the next run
DENIED = (401, 403)
ODD = (LookupError, TypeError, ValueError, AttributeError, ArithmeticError, RecursionError, DataError)
WAITING, READ, SKIPPED = ReconcileItem.State.WAITING, ReconcileItem.State.READ, ReconcileItem.State.SKIPPED
FOUND = ("conversations", "messages", "changes", "young", "gone", "first_missed_at", "last_missed_at")
Commit = Callable[[], None]
logger = logging.getLogger(__name__)


def list_conversations(run: ReconcileRun, client: chatwoot.Client, *, now: datetime) -> Commit:
    """One page. Raises DeliveryError."""
    window = now - run.since
    if window <= UNPAGED:
        rows = client.conversations_changed(within=window.total_seconds())
        return lambda: _end_list(run, rows)
    rows = client.conversations_page(run.page)
    recent = [row for row in rows if _activity(row) >= run.floor.timestamp()]
    if len(rows) == len(recent) == chatwoot.CONVERSATIONS_PAGE:
        return lambda: _add(run, recent, page=run.page + 1)
    # Pages shift while they are read: conversations active meanwhile are now on the first pages.
    began, passes = run.pass_began_at or run.began_at, run.passes + 1
    again = passes < MOST_PASSES and (run.page > 1 or _any_newer(recent, began))
    if again:
        return lambda: _add(run, recent, page=1, passes=passes, floor=began - GRACE, pass_began_at=now)
    return lambda: _end_list(run, recent)


def _any_newer(rows: list[dict[str, Any]], began: datetime) -> bool:
    return any(_activity(row) > began.timestamp() for row in rows)


def _activity(row: dict[str, Any]) -> float:
    return payloads.number(row.get("last_activity_at"))


def _add(run: ReconcileRun, rows: list[dict[str, Any]], **progress: Any) -> None:
    numbers = [identifier(row.get("id")) for row in rows]
    items = [ReconcileItem(run=run, display_id=number) for number in numbers if number is not None]
    ReconcileItem.objects.bulk_create(items, ignore_conflicts=True)
    for name, value in progress.items():
        setattr(run, name, value)


def _end_list(run: ReconcileRun, rows: list[dict[str, Any]]) -> None:
    """Adds conversations that should have been listed, and those that wait: they may be deleted, or their window closed."""
    _add(run, rows, listed=True, page=1)
    listed = run.items.values("display_id")
    should_be = Q(last_activity_at__gte=run.since) | Q(waiting_since__isnull=False)
    ours = Conversation.objects.filter(should_be, source=run.source, deleted_at=None)
    unlisted = ours.exclude(display_id__in=listed).values_list("display_id", flat=True)
    items = [ReconcileItem(run=run, display_id=number, in_list=False) for number in unlisted]
    ReconcileItem.objects.bulk_create(items, ignore_conflicts=True)


def add_survey_answers(run: ReconcileRun, client: chatwoot.Client) -> Commit:
    """One page. A survey's answer changes a message of any age, and nothing else. Raises DeliveryError."""
    try:
        answers = client.survey_answers(since=run.since, page=run.page)
    except Permanent:  # an older Chatwoot, or one without surveys
        answers = []
    pairs = [(identifier(one.get("conversation_id")), identifier(one.get("message_id"))) for one in answers]
    items = [
        ReconcileItem(run=run, display_id=number, message_id=message) for number, message in pairs if number and message
    ]  # fmt: skip
    over = len(answers) < chatwoot.SURVEYS_PAGE

    def commit() -> None:
        ReconcileItem.objects.bulk_create(items, ignore_conflicts=True)
        run.page = 0 if over else run.page + 1

    return commit


def read(item: ReconcileItem, client: chatwoot.Client, *, now: datetime) -> Commit:
    """One conversation, or one message of it. Raises DeliveryError, except for errors that concern only this conversation."""
    try:
        commit = _read(item, client, now=now)
    except ODD as error:
        return _skip(item, error)

    def guarded() -> None:
        try:
            with transaction.atomic():
                commit()
        except ODD as error:
            _skip(item, error)()

    return guarded


def _skip(item: ReconcileItem, error: Exception) -> Commit:
    """One conversation that Chatwoot tells oddly keeps no other from being read."""
    logger.exception(
        "reconcile.odd", extra={"source": item.run.source_id, "conversation": item.display_id}, exc_info=error
    )
    note = f"Chatwoot's answer has an unexpected format ({type(error).__name__})."
    return lambda: _end(item, [], state=SKIPPED, note=note)


def _read(item: ReconcileItem, client: chatwoot.Client, *, now: datetime) -> Commit:
    conversation = _conversation(item)
    after = _before_window(item)
    known = [] if item.message_id else list(_known_messages(item).filter(message_id__gt=after))
    try:
        state = client.conversation(item.display_id)
        rows = _rows(item, client, state, conversation, after=after)
    except Permanent as error:
        if error.http_status == 404:
            return lambda: _end(
                item, [], gone=bool(conversation.pk) and differences.record_deleted(conversation, now=now)
            )
        if error.http_status in DENIED:
            client.profile()  # raises if the token is refused everywhere, not only for this conversation
        note = str(error)[:200]
        return lambda: _end(item, [], state=SKIPPED, note=note)
    read_at = client.answered_at or now

    def commit() -> None:
        missed = differences.record_missing(conversation, state, rows or [], now=now, read_at=read_at)
        present = {row.get("id") for row in rows or []}
        for message in known if rows is not None else []:
            if message.message_id not in present:
                missed += differences.record_deleted_message(message, state, read_at=read_at, now=now)
        _end(item, missed, read_at=read_at)

    return commit


def _conversation(item: ReconcileItem) -> Conversation:
    known = Conversation.objects.filter(source=item.run.source, display_id=item.display_id)
    return known.select_related("source").first() or Conversation(
        source=item.run.source, display_id=item.display_id
    )


def _known_messages(item: ReconcileItem) -> QuerySet[Message]:
    """Looked up before the read: a message that arrives during it is missing in the answer but not deleted."""
    rows = Message.objects.filter(
        conversation__source=item.run.source, conversation__display_id=item.display_id,
        created_at__gte=item.run.since, deleted=False,
    )  # fmt: skip
    return rows.select_related("conversation__source")


def _before_window(item: ReconcileItem) -> int:
    """The message ID after which to read. A newer message may have a slightly lower ID."""
    messages = Message.objects.filter(
        conversation__source=item.run.source, conversation__display_id=item.display_id
    )
    since = item.run.since
    earlier = messages.filter(created_at__lt=since).aggregate(last=Max("message_id"))["last"] or 0
    first = messages.filter(created_at__gte=since).aggregate(first=Min("message_id"))["first"]
    return min(earlier, first - 1) if first else earlier


def _rows(
    item: ReconcileItem, client: chatwoot.Client, state: dict[str, Any], conversation: Conversation, *, after: int
) -> list[dict[str, Any]] | None:  # fmt: skip
    """The messages in the time range; None if nothing can be new. Raises DeliveryError."""
    if item.message_id:
        found = client.message(item.display_id, item.message_id)
        return [found] if found else []
    known = conversation.last_activity_at
    if not item.in_list and known and _activity(state) <= known.timestamp():
        return None
    rows = client.messages_after(item.display_id, after)
    since = int(item.run.since.timestamp())
    # One without a time is there, too: what is not listed counts as deleted.
    return [row for row in rows if (at := payloads.number(row.get("created_at"))) >= since or not at]


def _end(
    item: ReconcileItem, missed: list[Missed], *, gone: bool = False, read_at: datetime | None = None, state: str = READ,
    note: str = "",
) -> None:  # fmt: skip
    """Finish the item and add what was found to the run."""
    ReconcileItem.objects.filter(pk=item.pk).update(state=state, note=note)
    run = ReconcileRun.objects.select_for_update(of=("self",)).get(pk=item.run_id)
    old = [one for one in missed if not (one.at and read_at and one.at > read_at - GRACE)]
    run.conversations += 1
    run.messages += sum(not one.change for one in old)
    run.changes += sum(one.change for one in old)
    run.young += len(missed) - len(old)
    run.gone += gone
    times = [one.at for one in old if one.at] or ([read_at] if old and read_at else [])
    if times:
        run.first_missed_at = min(filter(None, [run.first_missed_at, *times]))
        run.last_missed_at = max(filter(None, [run.last_missed_at, *times]))
    run.save(update_fields=[*FOUND])
