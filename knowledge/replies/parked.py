"""Settles parked replies, which may or may not have arrived: by a person's decision, or by Chatwoot's own echo."""

import re
from datetime import datetime, timedelta

from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from webhooks import deliveries
from webhooks.alerts import alerts, rules
from webhooks.models import Conversation, Delivery
from webhooks.reconcile import differences

from ..models import Draft
from . import follow_ups, guards, recipients, sending
from .states import Refused, transition

S = Draft.Status


def arrived(draft: Draft, *, by: User, now: datetime) -> None:
    """A person found the parked reply in Chatwoot. The conversation is read again, so that the customer stops waiting."""
    guards.parked(draft, by)
    with transaction.atomic():
        follow_ups.mark_sent(
            draft, now=now, action="arrived", by=by, why=gettext_noop("Marked as sent: found in Chatwoot.")
        )
        differences.request_refresh(
            draft.conversation, after=draft.in_reply_to.message_id, cause=draft.marker, now=now
        )
        _settled(draft.conversation, draft.send_key, by=by, why="The reply arrived.", now=now)


def close(draft: Draft, *, by: User, now: datetime) -> None:
    """The parked reply is not sent again, and the conversation keeps its place in the queue."""
    guards.parked(draft, by)
    with transaction.atomic():
        transition(draft, S.CLOSED, now=now, action="closed", by=by)
        _settled(draft.conversation, draft.send_key, by=by, why="The reply was closed.", now=now)


def resend(draft: Draft, *, by: User, now: datetime) -> None:
    """A person decided that the reply did not arrive: sends it again, as a new approval of the same text.

    Not before the first call is settled: a person who looks a moment after it sees nothing, and it arrives then.
    """
    guards.parked(draft, by)
    at = _settled_at(draft, now=now)
    failed, goes_to = draft.send_key, recipients.for_contact_of(draft.conversation, draft.approved_recipients)
    if draft.needs_second_person and goes_to != draft.approved_recipients:
        raise Refused(
            "second_person_required",
            _("This conversation now belongs to another contact, and two people approved the reply for the previous one. "
              "Close it, and answer in a new draft."),
        )  # fmt: skip
    with transaction.atomic():
        transition(
            draft, S.APPROVED, now=now, action="resend", by=by, approval=draft.approval + 1, call_started_at=None,
            sender_id=None, send_after=at, decided_by=by, decided_at=now, why="",
            approved_recipients=goes_to,
        )  # fmt: skip
        sending.enqueue(draft, at=at, now=now)
        _settled(draft.conversation, failed, by=by, why="The reply is sent again.", now=now)


def _settled_at(draft: Draft, *, now: datetime) -> datetime:
    """From when on its lost call can no longer arrive."""
    sends = Delivery.objects.filter(
        source=draft.conversation.source_id, direction="OUT", delivery_key=draft.send_key
    )
    delivery = sends.first()
    if draft.call_started_at is None or delivery is None:
        return now
    return max(now, draft.call_started_at + timedelta(seconds=sending.settle_s(delivery, draft)))


def _settled(conversation: Conversation, key: str, *, by: User | None, why: str, now: datetime) -> None:
    """What the parked reply left among the dead letters raises no alarm any more."""
    deliveries.settle(conversation.source, key, by=by, why=why, now=now)


def watch(*, now: datetime) -> None:
    """A chore: raises an alert for the operators. The approver sees the parked reply first in the queue anyway."""
    count, most = Draft.objects.filter(status=S.PARKED).count(), rules.threshold("parked")
    replies = "1 reply is" if count == 1 else f"{count:,} replies are"
    it = "it" if count == 1 else "they"
    text = f"{replies} parked. It is unknown whether {it} arrived." if most and count >= most else ""
    alerts.update("parked", key="parked", text=text, now=now)


def settle(conversation: Conversation, marker: str, *, message_id: int, now: datetime) -> bool:
    """A message in Chatwoot carries our marker: that approval is SENT, whatever its state is here. Whether this was news."""
    if not re.fullmatch(r"[0-9]{1,18}:[0-9]{1,9}", marker):
        return False
    number, _, approval = marker.partition(":")
    draft = Draft.objects.filter(pk=int(number), conversation=conversation).first()
    if draft is None:
        return False
    if (
        draft.status == S.SENT and draft.sent_message_id is None
    ):  # a person marked it as sent, without the message's number
        return bool(
            Draft.objects.filter(pk=draft.pk, sent_message_id=None).update(sent_message_id=message_id)
        )
    if draft.status not in (S.APPROVED, S.SENDING, S.PARKED) or draft.approval < int(approval):
        return False
    with transaction.atomic():
        follow_ups.mark_sent(draft, now=now, sent_message_id=message_id)
        deliveries.cancel(conversation.source, draft.send_key, now=now)
        _settled(conversation, draft.send_key, by=None, why="The reply is in Chatwoot.", now=now)
    return True
