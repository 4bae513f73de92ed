"""Verbs on waiting customers: assign, dismiss, put back. And the record of who is typing in Chatwoot."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from webhooks.accounts import access
from webhooks.models import Conversation, Delivery
from webhooks.parsing import identifier

from ..models import Assignment, Dismissal, Draft, Probe, TypingInChatwoot
from ..replies import follow_ups, guards, notices
from ..replies.states import Refused

ON_ITS_WAY = ("APPROVED", "SENDING", "PARKED")


def people(inbox_id: int | None = None) -> QuerySet[User]:
    """Who can be assigned: people who may answer and have access to the inbox, if one is given."""
    answers = Q(groups__name__in=access.RIGHTS["drafts"]) | Q(is_superuser=True)
    sees = Q()
    if inbox_id is not None:
        sees = Q(membership__all_inboxes=True) | Q(membership__inboxes=inbox_id) | Q(is_superuser=True)
    people = User.objects.filter(answers, sees, is_active=True).exclude(access.PROGRAM)
    return people.distinct().order_by("username")


def colleagues(user: User) -> QuerySet[User]:
    """Who can be assigned by this person: those who have an inbox in common with them. Others are not named."""
    if access.sees_every_inbox(user):
        return people()
    shared = (
        Q(membership__all_inboxes=True)
        | Q(membership__inboxes__in=access.inboxes_of(user))
        | Q(is_superuser=True)
    )
    return people().filter(shared)


def assign(conversation: Conversation, *, owner: User | None, by: User, now: datetime) -> None:
    """Holds until the customer is answered. Owner None means unassigned. Raises Refused."""
    if conversation.waiting_since is None:
        raise Refused("stale", _("This customer is no longer waiting."))
    if owner and not people(conversation.inbox_id).filter(pk=owner.pk).exists():
        raise Refused(
            "forbidden",
            _("%(owner)s has no access to %(inbox)s.") % {"owner": owner, "inbox": conversation.inbox},
        )
    with transaction.atomic():
        row = Assignment.objects.create(conversation=conversation, owner=owner, by=by, at=now)
        notices.assigned(row, now=now)


def dismiss(
    conversation: Conversation, *, reason: str, by: User, now: datetime, resolve: bool = False
) -> Dismissal:
    """This message needs no reply. Not while a reply to it is on its way. Raises Refused.

    resolve: also in Chatwoot, a few seconds later, unless somebody puts the customer back.
    """
    guards.may_decide(by)
    reason = reason.strip()[:300]
    if not reason:
        raise Refused("reason_required", _("Say why no reply is needed."))
    with transaction.atomic():
        fresh = Conversation.objects.locked(conversation.source, conversation.display_id)
        if fresh.waiting_message_id is None or fresh.waiting_message_id != conversation.waiting_message_id:
            raise Refused(
                "stale", _("The customer wrote again or was answered in the meantime. Check again.")
            )
        if Draft.objects.filter(conversation=fresh, status__in=ON_ITS_WAY).exists():
            raise Refused("already_decided", _("A reply is being sent or is parked."))
        row, _is_new = Dismissal.objects.get_or_create(
            conversation=fresh, message_id=fresh.waiting_message_id, put_back_at=None,
            defaults={"by": by, "at": now, "reason": reason},
        )  # fmt: skip
        if resolve:
            follow_ups.resolve(row, at=now + timedelta(seconds=settings.UNDO_SECONDS), now=now)
    return row


def put_back(dismissal: Dismissal, *, by: User, now: datetime) -> None:
    """The customer waits again, since the same time as before. A second click changes nothing."""
    guards.may_decide(by)
    with transaction.atomic():
        Dismissal.objects.filter(pk=dismissal.pk, put_back_at=None).update(put_back_by=by, put_back_at=now)
        Probe.objects.filter(dismissal=dismissal).delete()
        follow_ups.cancel_resolve(dismissal, now=now)


def on_typing(delivery: Delivery, payload: dict[str, Any], *, now: datetime) -> None:
    """Keeps each agent's newest event by its time of receipt: deliveries are not handled in order."""
    about, who = payload.get("conversation"), payload.get("user")
    if not isinstance(about, dict) or not isinstance(who, dict) or who.get("type") != "user":
        return
    number, agent = identifier(about.get("id")), identifier(who.get("id"))
    known = Conversation.objects.filter(source=delivery.source_id, display_id=number or 0).first()
    if known is None or agent is None or payload.get("is_private") is True:
        return
    row, created = TypingInChatwoot.objects.select_for_update().get_or_create(
        conversation=known, agent_id=agent,
        defaults={"name": "", "at": delivery.received_at, "types": False},
    )  # fmt: skip
    if created or row.at <= delivery.received_at:
        row.name = str(who.get("name") or "An agent")[:200]
        row.at, row.types = delivery.received_at, payload.get("event") == "conversation_typing_on"
        row.save()
