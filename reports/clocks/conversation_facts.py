"""The mirror's rows of conversations → the facts that clocks are reckoned from. A function of the rows, in no order."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Min, Q

from knowledge.models import Draft
from webhooks.mirror import fold
from webhooks.models import AttributeChange, Conversation, Message, StatusChange
from webhooks.parsing import identifier

from .. import sla
from ..models import Clock

BEGINS = ("open", "pending")


@dataclass(frozen=True)
class _Rows:
    """What is known beside the conversation's own row."""

    messages: list[Message]
    approvers: dict[int | None, Any]  # by the message that their reply became
    statuses: list[StatusChange]
    attributes: list[AttributeChange]
    known_since: datetime | None


def of(conversations: Sequence[Conversation]) -> list[sla.Facts]:
    """In their order; five reads, however many they are. Their inboxes are read already, or one by one."""
    keys = [one.pk for one in conversations]
    counted = Q(is_customer_message=True) | Q(is_person_answer=True)
    messages = Message.objects.filter(counted, conversation__in=keys).only(
        "conversation_id", "message_id", "created_at", "is_customer_message", "sender_name"
    )
    sent = Draft.objects.filter(conversation__in=keys, sent_message_id__isnull=False)
    known = Clock.objects.filter(conversation__in=keys).values_list("conversation")
    said, approved = _by_conversation(messages), _by_conversation(sent.select_related("decided_by"))
    statuses = _by_conversation(
        StatusChange.objects.filter(conversation__in=keys).order_by("at", "previous", "current")
    )
    attributes = _by_conversation(AttributeChange.objects.filter(conversation__in=keys).order_by("at"))
    since = dict(known.annotate(Min("first_calculated_at")).order_by())
    return [
        _facts(
            one,
            _Rows(
                said[one.pk], {draft.sent_message_id: draft.decided_by for draft in approved[one.pk]},
                statuses[one.pk], attributes[one.pk], since.get(one.pk),
            ),
        )
        for one in conversations
    ]  # fmt: skip


def _by_conversation(rows: Iterable[Any]) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = defaultdict(list)
    for row in rows:
        found[row.conversation_id].append(row)
    return found


def _facts(conversation: Conversation, rows: _Rows) -> sla.Facts:
    registers = conversation.registers
    state = fold.values(registers)
    changes: dict[str, list[Any]] = {field: [] for field in fold.HISTORY}
    for change in rows.attributes:
        changes.setdefault(change.field, []).append(change)

    def steps(field: str, register: str, read: Callable[[Any], Any]) -> sla.Steps[Any]:
        known = [(one.at, read(one.previous), read(one.current)) for one in changes[field]]
        version = registers[register][0] if register in registers else 0
        value = state.get(register)
        now = read(value) if register in ("labels", "priority") else str(value or "")
        return _steps(known, now, version)

    return sla.Facts(
        said=tuple(_said(rows)),
        status=_status(conversation, rows.statuses),
        assignee=steps("assignee_id", "assignee", lambda number: _named("assignee", number, state)),
        team=steps("team_id", "team", lambda number: _named("team", number, state)),
        labels=steps("label_list", "labels", _labels),
        priority=steps("priority", "priority", lambda value: str(value or "")),
        inbox=sla.Steps(conversation.inbox.inbox_id if conversation.inbox else None),
        blocked=bool(state.get("blocked")),
        deleted_at=conversation.deleted_at,
        known_since=rows.known_since,
    )


def _said(rows: _Rows) -> list[sla.Said]:
    """What was refused by its channel, or deleted, is no answer any more (fold.is_person_answer)."""
    found = []
    for row in rows.messages:
        approver = rows.approvers.get(row.message_id)
        who = approver.get_full_name() or approver.get_username() if approver else row.sender_name
        by = sla.CUSTOMER if row.is_customer_message else sla.PERSON
        found.append(sla.Said(row.created_at, row.message_id, by, who))
    return found


def _status(conversation: Conversation, changes: list[StatusChange]) -> sla.Steps[str]:
    known = [(one.at, one.previous, one.current) for one in changes]
    register = conversation.registers.get("status")
    version, now = register or (0, conversation.status)
    if not known and now not in BEGINS:  # how it came to be so was not heard
        known = [(fold.moment(version), "open", now)] if version else []
    return _steps(known, str(now), version)


def _steps(known: list[tuple[datetime, Any, Any]], now: Any, version: float) -> sla.Steps[Any]:
    """From changes as (at, before, after), in order; a change that was not heard of shows in the value as it is now."""
    if not known:
        return sla.Steps(now)
    steps = [(at, after) for at, _, after in known]
    if steps[-1][1] != now and version and fold.moment(version) > steps[-1][0]:
        steps.append((fold.moment(version), now))
    return sla.Steps(known[0][1], tuple(steps))


def _named(kind: str, number: Any, state: dict[str, Any]) -> str:
    if identifier(number) is None:
        return ""
    return str(state.get(f"{kind}:{number}") or f"{'agent' if kind == 'assignee' else kind} {number}")


def _labels(value: Any) -> frozenset[str]:
    return frozenset(str(one) for one in value) if isinstance(value, list) else frozenset()
