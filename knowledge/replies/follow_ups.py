"""What follows a decision in Chatwoot besides the reply: private notes, a status, an assignment.

Each is enqueued in the transaction of its cause, under a key of that cause. A handler makes its one write.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.urls import reverse

from webhooks import deliveries
from webhooks.deliveries import policies
from webhooks.errors import NotYet, Overtaken, Retryable
from webhooks.mirror import payloads
from webhooks.models import Conversation, Delivery, Message

from .. import inbox_settings
from ..models import Comment, Dismissal, Draft, Escalation
from ..text import liquid
from . import chatwoot_messages, credentials
from .states import transition

LANE = "send"
MARK = "support_note"
REPLY_SETTLES = timedelta(seconds=60)  # until Chatwoot has mailed a reply
Then = Draft.Then
# The statuses that may still be changed; any other was set by a person.
FROM = {Then.RESOLVED: ("open", "pending"), Then.PENDING: ("open",)}


def mark_sent(
    draft: Draft,
    *,
    now: datetime,
    action: str = "sent",
    by: User | None = None,
    why: str = "",
    **changes: Any,
) -> None:
    """Marks the draft as SENT, and only then enqueues the status approved with it. Raises Refused."""
    with transaction.atomic():
        transition(draft, Draft.Status.SENT, now=now, action=action, by=by, why=why, **changes)
        if draft.after_send:
            payload = {"draft": draft.pk, "approval": draft.approval, "status": draft.after_send}
            _post(draft.conversation, "conversation.status", draft.marker, payload, now=now)


def resolve(dismissal: Dismissal, *, at: datetime, now: datetime) -> None:
    """Resolves a conversation that needs no reply, at the end of the time in which a person may put it back."""
    payload = {"dismissal": dismissal.pk, "status": str(Then.RESOLVED)}
    deliveries.enqueue(
        dismissal.conversation.source, event="conversation.status", key=_resolve_key(dismissal), lane=LANE, payload=payload,
        at=at, now=now, conversation_id=dismissal.conversation.display_id,
    )  # fmt: skip


def cancel_resolve(dismissal: Dismissal, *, now: datetime) -> None:
    deliveries.cancel(dismissal.conversation.source, _resolve_key(dismissal), now=now)


def _resolve_key(dismissal: Dismissal) -> str:
    return f"conversation.status:dismissal:{dismissal.pk}"


def mirror(draft: Draft, *, now: datetime) -> None:
    """Posts the draft in Chatwoot as a private note, if the inbox is set to."""
    if inbox_settings.of(draft.conversation.inbox_id).mirror_notes:
        _post(draft.conversation, "note.create", f"draft:{draft.pk}", {"draft": draft.pk}, now=now)


def notify_of(escalation: Escalation, *, now: datetime) -> None:
    """One private note, and an assignment if the inbox names a team or an agent."""
    cause, payload = f"escalation:{escalation.pk}", {"escalation": escalation.pk}
    _post(escalation.conversation, "note.create", cause, payload, now=now)
    row = inbox_settings.of(escalation.conversation.inbox_id)
    assignee = {"team_id": row.escalation_team, "assignee_id": row.escalation_assignee}
    named = {name: number for name, number in assignee.items() if number is not None}
    if named:
        _post(escalation.conversation, "conversation.assign", cause, payload | named, now=now)


def note_of_comment(comment: Comment, *, now: datetime) -> None:
    _post(comment.conversation, "note.create", f"comment:{comment.pk}", {"comment": comment.pk}, now=now)


def _post(
    conversation: Conversation, event: str, cause: str, payload: dict[str, Any], *, now: datetime
) -> None:
    deliveries.enqueue(
        conversation.source, event=event, key=f"{event}:{cause}", lane=LANE, payload=payload, at=now, now=now,
        conversation_id=conversation.display_id,
    )  # fmt: skip


def handle_note(delivery: Delivery, payload: dict[str, Any], *, now: datetime) -> Callable[[], str] | None:
    """Looks for the note before writing it: an earlier attempt may have arrived although its response was lost."""
    conversation, since, text = _note(payload)
    _wait_for_a_reply_on_its_way(conversation, now=now)
    client = credentials.client(delivery.source)
    with credentials.trouble(delivery.source, now=now):
        rows = client.messages_after(conversation.display_id, since)
        if any(chatwoot_messages.attributes(row).get(MARK) == delivery.delivery_key for row in rows):
            return lambda: "The note was already there."
        _wait_for_a_young_reply(rows, chatwoot_now=client.answered_at or now, now=now)
        _wait_for_a_lost_one(delivery, now=now)
        client.create_note(
            conversation.display_id, content=liquid.neutralised(text), content_attributes={MARK: delivery.delivery_key}
        )  # fmt: skip
    return None


def _wait_for_a_reply_on_its_way(conversation: Conversation, *, now: datetime) -> None:
    """Chatwoot addresses a mail by the newest outgoing message when its job runs, and a note is one, addressed to nobody."""
    on_its_way = conversation.drafts.filter(status__in=[Draft.Status.APPROVED, Draft.Status.SENDING])
    if on_its_way.exists():
        raise NotYet(
            "A reply is about to be sent: a note could take its recipients.", until=now + REPLY_SETTLES
        )


def _wait_for_a_young_reply(rows: list[dict[str, Any]], *, chatwoot_now: datetime, now: datetime) -> None:
    """rows: the newest are among them. No matter who wrote it, its email may still be on the way."""
    public = [
        payloads.number(row.get("created_at"))
        for row in rows
        if chatwoot_messages.facts(row)["kind"] == "outgoing" and not row.get("private")
    ]
    age = chatwoot_now.timestamp() - max(public, default=0.0)
    if age < REPLY_SETTLES.total_seconds():
        wait = REPLY_SETTLES.total_seconds() - max(age, 0.0) + 1
        raise NotYet(
            "A reply was sent a moment ago: a note could take its recipients.",
            until=now + timedelta(seconds=wait),
        )


def _wait_for_a_lost_one(delivery: Delivery, *, now: datetime) -> None:
    """A call without a response may still be carried out. Until the settle time is over, a second call could post it twice."""
    calls = delivery.attempt_log.filter(number__lt=delivery.attempts, outcome__in=["unknown", "crashed"])
    last = calls.order_by("-number").first()
    settle_s = policies.current(delivery).settle_s
    passed = (now - (last.finished_at or last.started_at)).total_seconds() if last else settle_s
    if passed < settle_s:
        error = Retryable("Not there yet: the lost call may still arrive.")
        error.after = settle_s - passed + 1
        raise error


def _note(payload: dict[str, Any]) -> tuple[Conversation, int, str]:
    """The conversation, the message after which the note can be, and the note's text."""
    if "escalation" in payload:
        row = Escalation.objects.select_related("conversation__source", "draft__in_reply_to", "owner", "raised_by").get(
            pk=payload["escalation"]
        )  # fmt: skip
        where = _address("knowledge_escalation_change", row.pk)
        since = row.draft.in_reply_to.message_id if row.draft else 0
        return (
            row.conversation,
            since,
            f"Escalated by {row.raised_by or 'a rule'} to {row.owner}: {row.reason}\n\n{where}",
        )
    if "comment" in payload:
        comment = Comment.objects.select_related("conversation__source", "by").get(pk=payload["comment"])
        return comment.conversation, _newest_before(comment), f"{comment.by}: {comment.text}"
    draft = Draft.objects.select_related("conversation__source", "in_reply_to").get(pk=payload["draft"])
    if draft.status not in (Draft.Status.PROPOSED, Draft.Status.SECOND_LOOK):
        raise Overtaken(f"The draft is now {draft.status}.")
    where = _address("knowledge_draft_change", draft.pk)
    text = f"Draft by {draft.author}, not sent. Review it here: {where}\n\n{draft.body}"
    return draft.conversation, draft.in_reply_to.message_id, text


def _newest_before(comment: Comment) -> int:
    """A little before it: Chatwoot numbers all messages in order, and its clock is not ours."""
    known = comment.conversation.messages.filter(created_at__lt=comment.at - timedelta(minutes=5))
    return known.order_by("-message_id").values_list("message_id", flat=True).first() or 0


def _address(page: str, number: int) -> str:
    return settings.PUBLIC_URL.rstrip("/") + reverse(f"admin:{page}", args=[number])


def handle_status(delivery: Delivery, payload: dict[str, Any], *, now: datetime) -> Callable[[], str] | None:
    """Sets the chosen status, unless the customer wrote again, the reply failed or a person set another."""
    conversation, message, sent = _dismissed(payload) if "dismissal" in payload else _replied(payload)
    client, number, wanted = credentials.client(delivery.source), conversation.display_id, payload["status"]
    with credentials.trouble(delivery.source, now=now):
        later = client.messages_after(number, message.message_id)
        if chatwoot_messages.customer_wrote(later):
            raise Overtaken("The customer wrote again: the conversation stays open.")
        if any(row["id"] == sent and _failed(row) for row in later):
            raise Overtaken("The channel did not deliver the reply: the conversation stays open.")
        status = client.conversation(number).get("status")
        if status == wanted:
            return lambda: f"The conversation was already {wanted}."
        if status not in FROM[wanted]:
            raise Overtaken(f"The conversation was set to {status} in the meantime.")
        client.set_status(number, wanted)
    return None


def _replied(payload: dict[str, Any]) -> tuple[Conversation, Message, int | None]:
    """The conversation, the message that was answered, and the reply's number."""
    draft = Draft.objects.select_related("conversation__source", "in_reply_to").get(pk=payload["draft"])
    if draft.status != Draft.Status.SENT or draft.approval != payload["approval"]:
        raise Overtaken(f"The draft is now {draft.status}.")
    return draft.conversation, draft.in_reply_to, draft.sent_message_id


def _dismissed(payload: dict[str, Any]) -> tuple[Conversation, Message, int | None]:
    row = Dismissal.objects.select_related("conversation__source", "message").get(pk=payload["dismissal"])
    if row.put_back_at:
        raise Overtaken("The customer was put back in the queue.")
    return row.conversation, row.message, None


def _failed(row: dict[str, Any]) -> bool:
    return row.get("status") == "failed" or bool(chatwoot_messages.attributes(row).get("external_error"))


def handle_assign(delivery: Delivery, payload: dict[str, Any], *, now: datetime) -> Callable[[], str] | None:
    """Assigns the conversation to the team or agent that handles the inbox's escalations."""
    escalation = Escalation.objects.select_related("conversation__source").get(pk=payload["escalation"])
    client, number = credentials.client(delivery.source), escalation.conversation.display_id
    field, kept = ("team_id", "team") if "team_id" in payload else ("assignee_id", "assignee")
    with credentials.trouble(delivery.source, now=now):
        meta = client.conversation(number).get("meta") or {}
        if (meta.get(kept) or {}).get("id") == payload[field]:
            return lambda: "The conversation was already assigned."
        client.assign(number, **{field: payload[field]})
    return None
