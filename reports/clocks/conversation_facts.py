"""The mirror's rows of conversations → the facts that clocks are calculated from. A function of the rows, in no order."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Min, Q

from knowledge.models import Draft
from webhooks.mirror import first_seen, fold, identities, payloads, status_history
from webhooks.models import AttributeChange, Conversation, Inbox, Message
from webhooks.parsing import identifier

from .. import sla
from ..models import Clock
from .people import Approvers

BEGINS = ("open", "pending")
Step = tuple[datetime, Any]
COUNTED = Q(is_customer_message=True) | Q(is_person_answer=True) | Q(withdrawn_at__isnull=False)
READ = (
    "conversation_id", "message_id", "created_at", "milliseconds", "is_person_answer", "sender_name", "sender_id",
    "sender_type", "withdrawn_at",
)  # fmt: skip


@dataclass(frozen=True)
class _Rows:
    """What is known beside the conversation's own row."""

    messages: list[Message]
    approvers: dict[int | None, sla.Named]  # by the message that their reply became
    attributes: list[AttributeChange]
    known_since: datetime | None
    inboxes: dict[int, int]  # Chatwoot's number → our key, where it ever changed


def of(conversations: Sequence[Conversation]) -> list[sla.Facts]:
    """In their order; a few reads, however many they are."""
    return [facts for facts, _, _ in read(conversations)]


def read(conversations: Sequence[Conversation]) -> list[tuple[sla.Facts, list[Message], bool]]:
    """With the messages that count, and whether there are AttributeChanges."""
    keys = [one.pk for one in conversations]
    said = _by_conversation(Message.objects.filter(COUNTED, conversation__in=keys).only(*READ))
    sent = Draft.objects.filter(conversation__in=keys, sent_message_id__isnull=False)
    approved = _by_conversation(sent.select_related("decided_by"))
    attributes = _by_conversation(AttributeChange.objects.filter(conversation__in=keys).order_by("at"))
    known = Clock.objects.filter(conversation__in=keys).values_list("conversation")
    since = dict(known.annotate(Min("first_calculated_at")).order_by())
    approvers = Approvers()
    return [
        (
            _facts(one, said[one.pk], approved[one.pk], attributes[one.pk], since.get(one.pk), approvers),
            said[one.pk],
            bool(attributes[one.pk]),
        )
        for one in conversations
    ]


def with_news(
    conversation: Conversation, news: list[Message], *, has_changes: bool, known_since: datetime | None,
    replies: list[Draft] | None,
) -> sla.Facts:  # fmt: skip
    """Facts in which only these messages are said. has_changes: whether there are AttributeChanges to read.

    replies: drafts that these messages are, if they are known.
    """
    changes = list(conversation.attribute_changes.order_by("at")) if has_changes else []
    if replies is None:
        answers = [one.message_id for one in news if one.is_person_answer]
        sent = Draft.objects.filter(conversation=conversation, sent_message_id__in=answers)
        replies = list(sent.select_related("decided_by")) if answers else []
    return _facts(conversation, news, replies, changes, known_since, Approvers())


def _facts(
    conversation: Conversation, said: list[Message], sent: list[Draft], changes: list[AttributeChange],
    known_since: datetime | None, approvers: Approvers,
) -> sla.Facts:  # fmt: skip
    named = {
        draft.sent_message_id: approvers.of(draft, conversation.source_id)
        for draft in sent
        if draft.decided_by
    }
    return _put_together(
        conversation, _Rows(said, named, changes, known_since, _inboxes(conversation, changes))
    )


def _by_conversation(rows: Iterable[Any]) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = defaultdict(list)
    for row in rows:
        found[row.conversation_id].append(row)
    return found


def _inboxes(conversation: Conversation, changes: list[AttributeChange]) -> dict[int, int]:
    seen = first_seen.of(conversation.registers, "inbox_id")
    if len(seen) < 2 and not any(change.field == "inbox_id" for change in changes):
        return {}
    rows = Inbox.objects.filter(source=conversation.source_id)
    return dict(rows.values_list("inbox_id", "pk"))


def _put_together(conversation: Conversation, rows: _Rows) -> sla.Facts:
    registers, state = conversation.registers, fold.values(conversation.registers)
    history = _History(conversation, rows)
    return sla.Facts(
        said=tuple(_said(conversation, rows)),
        status=_status(conversation),
        assignee=_assignee(history, state, conversation.source_id),
        team=_teams(
            history.steps(("team_id", identities.team), "team_key", ""), registers, conversation.source_id
        ),
        labels=_each(history.steps(("label_list", _listed), "labels", []), _labels),
        priority=_each(history.steps(("priority", str), "priority", ""), lambda value: str(value or "")),
        inbox=_inbox(conversation, history, rows.inboxes),
        blocked=bool(state.get("blocked")),
        deleted_at=conversation.deleted_at,
        known_since=rows.known_since,
    )


class _History:
    """Values of one conversation over time, in whole seconds."""

    def __init__(self, conversation: Conversation, rows: _Rows) -> None:
        self.registers = conversation.registers
        self.changes: dict[str, list[AttributeChange]] = defaultdict(list)
        for change in rows.attributes:
            self.changes[change.field].append(change)

    def known(self, field: str, read: Callable[[Any], Any]) -> list[tuple[datetime, Any, Any]]:
        return [(_second(one.at), read(one.previous), read(one.current)) for one in self.changes[field]]

    def steps(self, told: tuple[str, Callable[[Any], Any]], register: str, nothing: Any) -> sla.Steps[Any]:
        """told: the attribute that tells of its changes, and how its values are read."""
        version, now = self.registers.get(register, [0.0, nothing])
        read = told[1]
        known = self.known(told[0], lambda value: nothing if value is None else read(value))
        seen = [(at, value or nothing) for at, value in first_seen.of(self.registers, register)]
        return _steps(known, now or nothing, version=version, seen=seen)


def _assignee(history: _History, state: dict[str, Any], source: int) -> sla.Steps[sla.Named]:
    """A user, or the bot or assistant that has it while no user does."""
    version, now = history.registers.get("assignee_key", [0.0, ""])
    users = history.known("assignee_id", _user)
    bots = history.known("assignee_agent_bot_id", lambda value: str(value or ""))
    whom, known = {"user": users[0][1] if users else "", "bot": bots[0][1] if bots else ""}, []
    for at, kind, after in sorted(
        [(at, "user", to) for at, _, to in users] + [(at, "bot", to) for at, _, to in bots]
    ):
        before = whom["user"] or whom["bot"]
        whom[kind] = after
        known.append((at, before, whom["user"] or whom["bot"]))
    found = _steps(known, now, version=version, seen=first_seen.of(history.registers, "assignee_key"))
    return _each(found, lambda who: _named(who, state, source))


def _user(value: Any) -> str:
    return value if isinstance(value, str) else identities.identity(identities.USER, value)


def _named(who: str, state: dict[str, Any], source: int) -> sla.Named:
    if not who:
        return sla.NOBODY
    kind, _, number = who.partition("/")
    unknown = f"{'agent' if kind == identities.USER else kind.replace('_', ' ')} {number}"
    return sla.Named(f"{source}/{who}", str(state.get(who) or unknown))


def _teams(found: sla.Steps[str], registers: dict[str, list], source: int) -> sla.Steps[sla.Named]:
    """As they were called then: policies name them, and a team that is renamed must not decide again what was decided."""

    def named(who: str, at: datetime | None) -> sla.Named:
        if not who:
            return sla.NOBODY
        called = first_seen.of(registers, who)
        by_then = [name for since, name in called if at and _second(since) <= at] or [
            name for _, name in called[:1]
        ]
        last = registers[who][1] if who in registers else ""
        return sla.Named(f"{source}/{who}", str(by_then[-1] if by_then else last or who.replace("/", " ")))

    teams = {found.first, *(who for _, who in found.changes)}
    renamed = {_second(since) for who in teams for since, _ in first_seen.of(registers, who)[1:]}
    first = named(found.first, None)
    steps = [(at, named(found.at(at), at)) for at in sorted({at for at, _ in found.changes} | renamed)]
    before = [first, *(team for _, team in steps)]
    return sla.Steps(first, tuple(step for last, step in zip(before, steps, strict=False) if step[1] != last))


def _inbox(conversation: Conversation, history: _History, keys: dict[int, int]) -> sla.Steps[int | None]:
    if not keys:
        return sla.Steps(conversation.inbox_id)
    return _each(
        history.steps(("inbox_id", identifier), "inbox_id", None), lambda number: keys.get(number or 0)
    )


def _said(conversation: Conversation, rows: _Rows) -> list[sla.Said]:
    """What was refused by its channel is no answer any more (authorship.is_person_answer); what was deleted later still is."""
    found = []
    for row in rows.messages:
        by = sla.PERSON if row.is_person_answer else sla.CUSTOMER
        who = identities.identity(row.sender_type or "contact", row.sender_id) if row.is_person_answer else ""
        named = rows.approvers.get(row.message_id) or (
            sla.Named(f"{conversation.source_id}/{who}", row.sender_name) if who else sla.NOBODY
        )
        found.append(
            sla.Said(
                row.created_at, row.message_id, by, named, withdrawn_at=row.withdrawn_at, ms=row.milliseconds
            )
        )
    return found


def _status(conversation: Conversation) -> sla.Steps[str]:
    """With its milliseconds: a conversation may be resolved and opened again within a second."""
    known: list[tuple[datetime, Any, Any]] = list(status_history.history(conversation.registers))
    version, now = conversation.registers.get("status") or (0, conversation.status)
    seen = first_seen.of(conversation.registers, "status")
    if not known and (seen or version):
        at, first = seen[0] if seen else (payloads.moment(version), now)
        if first not in BEGINS:  # how it came to be so was not heard
            known = [(at, "open", first)]
    return _steps(known, str(now), version=version, seen=seen)


def _steps(
    known: list[tuple[datetime, Any, Any]], now: Any, *, version: float, seen: list[tuple[datetime, Any]]
) -> sla.Steps[Any]:
    """From changes as (at, before, after), in order.

    A change that was not heard of shows in the value as it is now, from when it was first seen: newer payloads say the
    same, and must not move it.
    """
    begins = known[0][1] if known else seen[0][1] if seen else now
    steps = [(at, after) for at, _, after in known]
    if (steps[-1][1] if steps else begins) != now and version:
        last = steps[-1][0] if steps else None
        first = next(
            (at for at, value in seen if value == now and (last is None or at > last)),
            payloads.moment(version),
        )
        if last is None or first > last:
            steps.append((first, now))
    return sla.Steps(begins, tuple(steps))


def _each(found: sla.Steps[Any], read: Callable[[Any], Any]) -> sla.Steps[Any]:
    return sla.Steps(read(found.first), tuple((_second(at), read(value)) for at, value in found.changes))


def _second(at: datetime) -> datetime:
    return at.replace(microsecond=0)


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _labels(value: Any) -> frozenset[str]:
    return frozenset(str(one) for one in _listed(value))
