"""What a customer said since a person last answered: the one selection that drafts, flags, signals and digests are made from.

Forms and choices count: Chatwoot writes the customer's answer onto our message that asked (webhooks/mirror/message_parts.py).
"""

from django.db.models import Q, QuerySet

from webhooks.mirror import fold, message_parts
from webhooks.models import Message


def messages(message: Message, *, and_since: bool = False) -> QuerySet[Message]:
    """Oldest first, up to this message. and_since: also after it. Deleted ones are left out."""
    written = message.conversation.messages.filter(
        Q(is_customer_message=True) | Q(content_type__in=message_parts.FORMS), deleted=False
    )
    # A form that was filled in asked for more: what it was sent for still waits.
    answers = _said_before(message).filter(is_person_answer=True, submitted_at=None)
    if last := answers.order_by("created_at", "message_id").last():
        since = Q(submitted_at__gt=last.created_at) | Q(
            submitted_at=last.created_at, message_id__gt=last.message_id
        )
        written = written.filter(~_up_to(last) | since)
    if not and_since:
        written = written.filter(_up_to(message))
    return written.order_by("created_at", "message_id")


def texts(message: Message, *, and_since: bool = False) -> list[str]:
    """The customer's words in them, without quoted mail: text, transcripts, choices, places and names."""
    return list(filter(None, map(message_parts.words, messages(message, and_since=and_since))))


def says_something(message: Message) -> bool:
    """Whether any of them can be answered by its words."""
    return any(map(message_parts.says_something, messages(message, and_since=True)))


def things(message: Message) -> list[str]:
    """What the customer sent in them beside words: voice messages, pictures, a place, each by its name once."""
    sent = messages(message, and_since=True).filter(is_customer_message=True)
    return list(dict.fromkeys(name for row in sent for name in message_parts.things(row)))


def digest(message: Message) -> str:
    """Of the words that a draft would be made from, the same as long as they are."""
    return fold.digest("\n".join(texts(message, and_since=True)))


def before(message: Message) -> QuerySet[Message]:
    """Everything in the conversation up to this message, without it."""
    return Message.objects.filter(_up_to(message), conversation=message.conversation_id).exclude(
        pk=message.pk
    )


def _said_before(message: Message) -> QuerySet[Message]:
    """Of a form that was filled in: until then, not until we sent it."""
    said = Q(created_at__lt=message.said_at) | Q(
        created_at=message.said_at, message_id__lt=message.message_id
    )
    return Message.objects.filter(said, conversation=message.conversation_id).exclude(pk=message.pk)


def _up_to(message: Message) -> Q:
    same_time = Q(created_at=message.created_at, message_id__lte=message.message_id)
    return Q(created_at__lt=message.created_at) | same_time
