"""An approved reply stands in Chatwoot once (design, section 6). Reads only what approve() froze.

Everything up to the POST may be repeated; the POST happens once per approval unless it surely did nothing. What cannot
be known is looked up, and what cannot be looked up is parked for a person.
"""

import contextlib
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from webhooks import deliveries
from webhooks.deliveries import policies
from webhooks.errors import Hold, NotSent, Overtaken, Permanent, Retryable, Unknown
from webhooks.mirror import handlers
from webhooks.models import Conversation, Delivery
from webhooks.outbound import chatwoot
from webhooks.outbound.multipart import File
from webhooks.reconcile import differences
from webhooks.sources import modes

from ..models import ChatwootToken, Draft
from ..text.liquid import neutralised
from . import (
    attachments,
    chatwoot_messages,
    credentials,
    follow_ups,
    message_digests,
    recipients,
    sending_limits,
)
from .states import Refused, transition

S = Draft.Status
LOOKS_S = (10, 30, 120)  # seconds after the call; the last at least the policy's settle_s
LOOK_AGAIN_S = 60  # after a last look that failed
MOST_LOOKING_S = 86_400  # where the policy has no maximum age
Commit = Callable[[], None]


def enqueue(draft: Draft, *, at: datetime, now: datetime) -> None:
    """What was approved is to be sent, not before `at`: one row an approval."""
    conversation = draft.conversation
    deliveries.enqueue(
        conversation.source, event="reply.send", key=draft.send_key, lane="send", at=at, now=now,
        variant="email" if conversation.inbox and conversation.inbox.is_email else "",
        payload={"draft": draft.pk, "approval": draft.approval},
        conversation_id=conversation.display_id, message_id=draft.in_reply_to.message_id,
    )  # fmt: skip


def handle_send(delivery: Delivery, payload: dict[str, Any], *, now: datetime) -> Commit | None:
    """One try. 1 switches, caps, age; 2 read; 3 both again and SENDING, committed; 4 one POST; 5 SENT.

    A draft found SENDING is looked up.
    """
    draft = Draft.objects.select_related(
        "conversation__source", "conversation__contact", "conversation__inbox", "in_reply_to", "decided_by"
    ).get(pk=payload["draft"])
    if draft.status == S.SENT:
        return None  # the echo was faster
    if draft.approval != payload["approval"] or draft.status not in (S.APPROVED, S.SENDING):
        raise Overtaken(f"The draft is {draft.status} by now.")
    if draft.status == S.SENDING:
        return _look_up(delivery, draft, now=now)
    _check_allowed(delivery, draft, now=now)
    clock, token = _since(now), credentials.own(draft.decided_by, delivery.source)
    credentials.check_usable(token)
    # Read by the source's user, an administrator: a person's own token may not see everything.
    with credentials.trouble(delivery.source, now=now):
        newest = _read_before(chatwoot.client(delivery.source), draft, now=now)
    if newest is None:  # our marker is already there: settled
        return None
    files, upload = attachments.approved_files(draft), _upload_s(draft)
    started = clock()
    try:
        with sending_limits.alerting(now=started), transaction.atomic():
            sending_limits.check(draft, now=started, in_turn=True)
            modes.check_reply(delivery)
            deliveries.extend_lease(delivery, now=started, seconds=upload)
            transition(
                draft, S.SENDING, now=started, action="sending", call_started_at=started, read_up_to=newest,
                sender_id=token.sender_id if token else delivery.source.sender_id,
            )  # fmt: skip
    except Refused as error:
        raise Overtaken(error.detail) from error
    return _post(token, delivery, draft, files, clock=clock)


def _upload_s(draft: Draft) -> float:
    """Seconds that its files may take to leave: until then the call goes on, and what is absent may still come."""
    return chatwoot.upload_s(attachments.size_of(draft))


def _since(now: datetime) -> Callable[[], datetime]:
    """`now` as time goes on within one call, no matter which clock it came from."""
    began = time.monotonic()
    return lambda: now + timedelta(seconds=time.monotonic() - began)


def _check_allowed(delivery: Delivery, draft: Draft, *, now: datetime) -> None:
    with sending_limits.alerting(now=now):
        sending_limits.check(draft, now=now)
    if delivery.source.credentials_refused_at:
        raise Hold("Chatwoot refuses the source's token.", held_for="credentials")
    max_age = policies.current(delivery).max_age
    if max_age is not None and now > delivery.due_since + timedelta(seconds=max_age):
        raise Permanent(f"Too old: due over {max_age} s ago, an old answer is not sent by itself.")


def _read_before(client: chatwoot.Client, draft: Draft, *, now: datetime) -> int | None:
    """The newest message id in Chatwoot, after deciding from its own words whether to send. The mirror lags.

    None: our reply is already there. Raises Overtaken (the draft is STALE then) or Permanent (to be parked).
    """
    conversation = draft.conversation
    answered = draft.in_reply_to.message_id
    rows = client.messages_after(conversation.display_id, message_digests.oldest(draft) - 1)
    later = [row for row in rows if row["id"] > answered]
    ours = _marked(later, draft)
    if ours is not None:
        _mark_sent(draft, ours, now=now)
        return None
    state = client.conversation(conversation.display_id)
    known = conversation.messages.filter(message_id__in=[row["id"] for row in rows])
    rows = chatwoot_messages.with_marks(rows, state, known)
    later = [row for row in rows if row["id"] > answered]
    why = message_digests.change_in(draft, rows) or _overtaken(
        chatwoot_messages.since(later, draft.in_reply_to), state
    )
    contact = ((state.get("meta") or {}).get("sender") or {}).get("id")
    approved = draft.approved_recipients.get("contact_id")
    another = bool(contact and approved and contact != approved)
    if why or another:  # the queue and the page show what stopped it, though its webhook may never come
        differences.record_missing(conversation, state, rows, now=now, read_at=client.answered_at or now)
    if why:
        try:
            transition(draft, S.STALE, now=now, action="stale", detail=why, why=why)
        except Refused as error:
            raise Overtaken(error.detail) from error
        raise Overtaken(why)
    if another:
        raise Permanent("The conversation belongs to another contact than the approved one.")
    return max([answered, *(row["id"] for row in later)])


def _overtaken(later: list[dict[str, Any]], state: dict[str, Any]) -> str:
    if chatwoot_messages.customer_wrote(later):
        return "The customer wrote again."
    if chatwoot_messages.person_answered(later):
        return "Somebody answered in Chatwoot."
    if state.get("status") == "resolved":
        return "The conversation was resolved."
    return "The channel's reply window has closed." if state.get("can_reply") is False else ""


def _post(
    token: ChatwootToken | None, delivery: Delivery, draft: Draft, files: list[File], *, clock: Callable[[], datetime]
) -> Commit | None:  # fmt: skip
    try:
        answer = credentials.client(delivery.source, token).create_message(
            draft.conversation.display_id,
            content=neutralised(draft.approved_text),
            content_attributes={"support_reply": draft.marker},
            recipients=recipients.for_chatwoot(draft.approved_recipients),
            files=files,
        )
    except Unknown as error:
        error.after = _next_look(delivery, draft, now=clock())
        raise
    except (NotSent, Permanent) as error:
        error.tries = _calls(delivery, draft)
        if not _back_to_approved(draft, now=clock(), why=str(error)):
            return None
        with credentials.trouble(delivery.source, now=clock(), token=token):
            raise
    return lambda: _mark_sent(draft, answer, now=clock())


def _mark_sent(draft: Draft, message: dict[str, Any], *, now: datetime) -> None:
    """message: as Chatwoot's API has it."""
    with transaction.atomic():
        conversation = Conversation.objects.locked(draft.conversation.source, draft.conversation.display_id)
        draft.refresh_from_db()
        if draft.status != S.SENT:  # else the echo was faster
            follow_ups.mark_sent(draft, now=now, sent_message_id=message["id"])
        handlers.keep_own_message(conversation, message)


def _back_to_approved(draft: Draft, *, now: datetime, why: str) -> bool:
    """Surely not sent. False where the echo says otherwise."""
    try:
        transition(draft, S.APPROVED, now=now, action="not sent", detail=why, call_started_at=None)
    except Refused:
        if draft.status == S.SENT:
            return False
        raise
    return True


def _look_up(delivery: Delivery, draft: Draft, *, now: datetime) -> Commit | None:
    """The answer was lost, or the worker died: is the message there? Absent in a complete read after settle_s: no."""
    client = chatwoot.client(delivery.source)
    try:
        with credentials.trouble(delivery.source, now=now):
            later = client.messages_after(draft.conversation.display_id, draft.in_reply_to.message_id)
    except Retryable as error:
        after = _look_again(delivery, draft, error, now=now)
        if after is None:
            raise Permanent(f"It cannot be known whether this was sent: {error}") from error
        raise Unknown(f"Looked it up: {error}", after=after) from error
    ours = _marked(later, draft)
    if ours is not None:
        return lambda: _mark_sent(draft, ours, now=now)
    sender = draft.sender_id or delivery.source.sender_id
    if any(_could_be_ours(row, sender) for row in later if row["id"] > draft.read_up_to):
        raise Permanent(
            "There is a public message by the same user without the marker: it may be this reply."
        )
    settle = settle_s(delivery, draft)
    if _passed(draft, now=now) < settle:
        raise Unknown("Not there yet.", after=_next_look(delivery, draft, now=now))
    if not _back_to_approved(draft, now=now, why=f"Absent in a complete read {settle:.0f} s after the call."):
        return None
    absent = NotSent(f"It is not in Chatwoot {settle:.0f} s after the call, so it was not sent.")
    absent.tries = _calls(delivery, draft)
    raise absent


def _calls(delivery: Delivery, draft: Draft) -> int:
    """How often this delivery called: the policy's delays count calls, not the look-ups between them."""
    return draft.events.filter(action="sending", at__gte=delivery.received_at).count()


def _next_look(delivery: Delivery, draft: Draft, *, now: datetime) -> float | None:
    """Seconds until the next look, or None after the last."""
    last = max(LOOKS_S[-1], settle_s(delivery, draft)) + 1
    passed = _passed(draft, now=now)
    # A look due within a second is the one being taken: its own clock began a moment after the call's.
    return next((look - passed for look in (*LOOKS_S[:-1], last) if look > passed + 1), None)


def settle_s(delivery: Delivery, draft: Draft) -> float:
    """Seconds after the beginning of the call in which what was sent may still appear."""
    return policies.current(delivery).settle_s + _upload_s(draft)


def _look_again(delivery: Delivery, draft: Draft, error: Retryable, *, now: datetime) -> float | None:
    """Seconds until a look that failed is repeated, or None where the reply would be too old for its policy by then."""
    policy = policies.current(delivery)
    after = _next_look(delivery, draft, now=now) or LOOK_AGAIN_S
    if policy.respect_retry_after and error.retry_after:
        after = max(after, min(error.retry_after, policy.retry_after_cap))
    max_age = policy.max_age if policy.max_age is not None else MOST_LOOKING_S
    late = now + timedelta(seconds=after) > delivery.due_since + timedelta(seconds=max_age)
    return None if late else after


def _passed(draft: Draft, *, now: datetime) -> float:
    """Seconds since the call; a SENDING draft has one by constraint."""
    return (now - draft.call_started_at).total_seconds() if draft.call_started_at else 0.0


def _marked(rows: list[dict[str, Any]], draft: Draft) -> dict[str, Any] | None:
    """The message that carries this draft's marker, of any of its approvals."""
    for row in rows:
        marker = str(chatwoot_messages.attributes(row).get("support_reply") or "")
        if marker.partition(":")[0] == str(draft.pk):
            return row
    return None


def _could_be_ours(row: dict[str, Any], sender: int | None) -> bool:
    """By the user that made the call. Deleting or retrying a message in Chatwoot erases its marker."""
    fact = chatwoot_messages.facts(row)
    unmarked = not chatwoot_messages.attributes(row).get("support_reply")
    return (
        fact["kind"] == "outgoing" and not row.get("private") and unmarked and fact["sender"]["id"] == sender
    )


def on_dead_letter(delivery: Delivery, *, error: str, now: datetime) -> None:
    """Given up, too old, or not to be known: a person decides. In the transaction that makes the delivery DEAD."""
    payload = delivery.payload()
    draft = Draft.objects.filter(
        pk=payload["draft"], approval=payload["approval"], status__in=[S.APPROVED, S.SENDING]
    ).first()
    if draft:
        # Settled by an echo in this very moment: then there is nothing to park.
        with contextlib.suppress(Refused):
            transition(draft, S.PARKED, now=now, action="parked", detail=error, why=error[:500])
