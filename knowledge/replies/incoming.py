"""Handlers that run after the mirror: what a message or a status means for drafts. Our database only."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Q
from django.utils.translation import gettext_noop

from webhooks import deliveries
from webhooks.mirror import fold, message_parts
from webhooks.mirror.handlers import applied
from webhooks.mirror.waiting import is_with_bot
from webhooks.models import Conversation, Delivery, Message
from webhooks.parsing import identifier

from ..learning import customer_turn, learning_signals
from ..models import Draft, NoDraft
from . import decisions, draft_requests, guards, message_digests, proposals, recipients, states

S = Draft.Status
STALE_FROM = (S.PROPOSED, S.SECOND_LOOK, S.APPROVED)
# A message this old when it reaches us was found later, or replayed: a person looks, nothing drafts by itself.
DRAFT_WITHIN = timedelta(hours=24)


def on_message(delivery: Delivery, payload: dict[str, Any], *, now: datetime) -> None:
    done = applied(delivery)
    conversation, message = (
        done.conversation,
        done.message or done.conversation.messages.get(message_id=payload["id"]),
    )
    marker = message.content_attributes.get("support_reply")
    if marker and message.kind == "outgoing" and not message.private:
        settled = decisions.settle(conversation, str(marker), message_id=message.message_id, now=now)
        if settled and not done.news:
            conversation.clocks_memory = (
                None  # a message that counts already is somebody else's answer from now on
            )
    drafts = list(_drafts(conversation, STALE_FROM, message=message))
    done.replies = [draft for draft in drafts if draft.sent_message_id == message.message_id]
    renew_recipients(_without_overtaken(drafts, conversation, now=now), now=now)
    if message.kind == "outgoing" and not message.private:
        learning_signals.answered(message, now=now)
    if delivery.event == "message_created":
        request_draft(conversation, message, now=now)
    elif message.kind == "incoming" or message.content_type in message_parts.FORMS:
        if message.submitted_at and not _was_drafted_for(message):
            request_draft(conversation, message, now=now)
        else:
            request_after_change(conversation, now=now)


def _was_drafted_for(message: Message) -> bool:
    return (
        Draft.objects.filter(in_reply_to=message).exists() or NoDraft.objects.filter(message=message).exists()
    )


def on_conversation(delivery: Delivery, payload: dict[str, Any], *, now: datetime) -> None:
    conversation = applied(delivery).conversation
    renew_recipients(withdraw_overtaken(conversation, now=now), now=now)
    # A bot handed over: its customer has waited since before the conversation was open.
    if conversation.waiting_message:
        request_draft(conversation, conversation.waiting_message, now=now)


def on_contact(delivery: Delivery, payload: dict[str, Any], *, now: datetime) -> None:
    """Somebody corrected who the customer is."""
    live = Draft.objects.filter(
        conversation__contact__source=delivery.source_id, conversation__contact__contact_id=identifier(payload.get("id")) or 0,
        status__in=guards.LIVE,
    )  # fmt: skip
    for number in sorted(set(live.values_list("conversation__display_id", flat=True))):
        conversation = Conversation.objects.locked(delivery.source, number)
        renew_recipients(_drafts(conversation, guards.LIVE), now=now)


def _drafts(
    conversation: Conversation, statuses: Iterable[str], *, message: Message | None = None
) -> Iterator[Draft]:
    """With the conversation that is in hand. message: also those that it is, whatever their status."""
    wanted = Q(status__in=statuses)
    if message:
        wanted |= Q(sent_message_id=message.message_id)
    # Nothing is joined: most conversations have none, and then building the joins would be all that this costs.
    for draft in conversation.drafts.filter(wanted):
        draft.conversation = conversation
        yield draft


def renew_recipients(drafts: Iterable[Draft], *, now: datetime) -> None:
    """Undecided drafts go to the recipients that the page shows, after a merge or correction too. Call with the lock."""
    for draft in drafts:
        if draft.status not in guards.LIVE:
            continue
        wanted = recipients.renewed(draft)
        if wanted == draft.recipients:
            continue
        proposals.readdress(draft, wanted, now=now)


def request_after_change(conversation: Conversation, *, now: datetime) -> None:
    """Where the customer's words changed since the newest draft, or since none could be drafted from them: one for what is left.

    Words also come late: Chatwoot transcribes a voice message, or notes a choice, after it told of the message.
    """
    message = conversation.waiting_message
    if message is None:
        return
    newest, none = (
        conversation.drafts.order_by("-pk").first(),
        NoDraft.objects.filter(message=message).first(),
    )
    if (newest and message_digests.change(newest)) or (none and none.said != customer_turn.digest(message)):
        said = sorted(message_digests.of(conversation, message).items()), customer_turn.digest(message)
        request_draft(conversation, message, now=now, cause=f":changed:{fold.digest(str(said))}")


def take_back_if_changed(draft: Draft, *, now: datetime) -> None:
    """The customer edited or deleted what it answers while it was being written."""
    if message_digests.change(draft):
        conversation = draft.conversation
        withdraw_overtaken(conversation, now=now)
        request_after_change(conversation, now=now)


def request_draft(conversation: Conversation, message: Message, *, now: datetime, cause: str = "") -> None:
    """Once for each message and cause, no matter who asks: the key is derived from both."""
    if not wants_draft(conversation, message, now=now):
        return
    settled = now + timedelta(seconds=settings.DRAFT_SETTLE_SECONDS)
    draft_requests.enqueue(conversation, message, cause=cause, at=settled, now=now)


def wants_draft(
    conversation: Conversation, message: Message, *, now: datetime, however_old: bool = False
) -> bool:
    return (
        conversation.waiting_message_id == message.pk
        and bool(conversation.inbox and conversation.inbox.drafting)
        and (however_old or message.said_at > now - DRAFT_WITHIN)
    )


def withdraw_overtaken(conversation: Conversation, *, now: datetime) -> list[Draft]:
    """Drafts are stale whose customer wrote again, changed what they wrote, was answered, or cannot be answered.

    Returns the others.
    """
    return _without_overtaken(_drafts(conversation, STALE_FROM), conversation, now=now)


def _without_overtaken(drafts: Iterable[Draft], conversation: Conversation, *, now: datetime) -> list[Draft]:
    left = []
    for draft in drafts:
        why = _overtaken(draft, conversation) if draft.status in STALE_FROM else ""
        if not why:
            left.append(draft)
            continue
        approved = draft.status == S.APPROVED
        states.transition(draft, S.STALE, now=now, action="stale", detail=why, why=why)
        if approved:
            deliveries.cancel(conversation.source, draft.send_key, now=now)
    return left


def _overtaken(draft: Draft, conversation: Conversation) -> str:
    """By what, in words for people."""
    if conversation.deleted_at:
        return gettext_noop("The conversation was deleted in Chatwoot.")
    if conversation.status == "resolved":
        return gettext_noop("The conversation was resolved.")
    if conversation.waiting_message_id is not None and not conversation.can_reply:
        return gettext_noop("The channel's reply window has closed.")
    if conversation.waiting_message_id == draft.in_reply_to_id:
        return message_digests.change(draft)
    if changed := message_digests.change(draft):
        return changed
    if conversation.waiting_message_id is not None:
        return gettext_noop("The customer wrote again.")
    return (
        gettext_noop("A bot answers this conversation again.")
        if is_with_bot(conversation)
        else gettext_noop("Somebody answered in Chatwoot.")
    )
