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
    if last := before(message).filter(is_person_answer=True).order_by("created_at", "message_id").last():
        written = written.exclude(_up_to(last))
    if not and_since:
        written = written.filter(_up_to(message))
    return written.order_by("created_at", "message_id")


def texts(message: Message, *, and_since: bool = False) -> list[str]:
    """The customer's words in them, without quoted mail: text, transcripts, choices, places and names."""
    return list(filter(None, map(message_parts.words, messages(message, and_since=and_since))))


def digest(message: Message) -> str:
    """Of the words that a draft would be made from, the same as long as they are."""
    return fold.digest("\n".join(texts(message, and_since=True)))


def before(message: Message) -> QuerySet[Message]:
    """Everything in the conversation up to this message, without it."""
    return Message.objects.filter(_up_to(message), conversation=message.conversation_id).exclude(
        pk=message.pk
    )


def _up_to(message: Message) -> Q:
    same_time = Q(created_at=message.created_at, message_id__lte=message.message_id)
    return Q(created_at__lt=message.created_at) | same_time
