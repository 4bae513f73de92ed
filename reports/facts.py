"""The mirror's rows of a conversation → the facts that clocks are reckoned from. A function of the rows, in no order."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db.models import Q

from knowledge.models import Draft
from webhooks import fold
from webhooks.models import Conversation
from webhooks.parsing import identifier

from . import sla

BEGINS = ("open", "pending")


def of(conversation: Conversation) -> sla.Facts:
    registers = conversation.registers
    state = fold.values(registers)
    changes: dict[str, list[Any]] = {field: [] for field in fold.HISTORY}
    for change in conversation.attribute_changes.order_by("at"):
        changes.setdefault(change.field, []).append(change)

    def steps(field: str, register: str, read: Callable[[Any], Any]) -> sla.Steps[Any]:
        known = [(one.at, read(one.previous), read(one.current)) for one in changes[field]]
        version = registers[register][0] if register in registers else 0
        value = state.get(register)
        now = read(value) if register in ("labels", "priority") else str(value or "")
        return _steps(known, now, version)

    return sla.Facts(
        said=tuple(_said(conversation)),
        status=_status(conversation),
        assignee=steps("assignee_id", "assignee", lambda number: _named("assignee", number, state)),
        team=steps("team_id", "team", lambda number: _named("team", number, state)),
        labels=steps("label_list", "labels", _labels),
        priority=steps("priority", "priority", lambda value: str(value or "")),
        inbox=sla.Steps(conversation.inbox.inbox_id if conversation.inbox else None),
        blocked=bool(state.get("blocked")),
        deleted_at=conversation.deleted_at,
    )


def _said(conversation: Conversation) -> list[sla.Said]:
    """What was refused by its channel, or deleted, is no answer any more (fold.is_person_answer)."""
    approvers = {
        draft.sent_message_id: draft.decided_by
        for draft in Draft.objects.filter(
            conversation=conversation, sent_message_id__isnull=False
        ).select_related("decided_by")
    }
    counted = Q(is_customer_message=True) | Q(is_person_answer=True)
    found = []
    for row in conversation.messages.filter(counted).only(
        "message_id", "created_at", "is_customer_message", "sender_name"
    ):
        approver = approvers.get(row.message_id)
        who = approver.get_full_name() or approver.get_username() if approver else row.sender_name
        by = sla.CUSTOMER if row.is_customer_message else sla.PERSON
        found.append(sla.Said(row.created_at, row.message_id, by, who))
    return found


def _status(conversation: Conversation) -> sla.Steps[str]:
    known = [
        (one.at, one.previous, one.current)
        for one in conversation.status_changes.order_by("at", "previous", "current")
    ]
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
