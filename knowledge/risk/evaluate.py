"""Reads the facts that risk rules may check a reply against, and applies the rules to it."""

from collections.abc import Iterable, Iterator
from typing import Any

from webhooks.models import Conversation, Message

from .. import inbox_settings
from ..learning import learning_signals
from ..models import Article, Draft, RiskRule
from . import checks

MOST_MESSAGES = 500  # the newest messages, searched for the customer's own data


def flags(text: str, *, message: Message, evidence: Any, confidence: float | None) -> list[checks.Flag]:
    """The flags of a reply with this text to this message, by the current rules."""
    rules = list(RiskRule.objects.filter(active=True))
    if not rules:
        return []
    conversation = message.conversation
    facts = checks.Facts(
        customer="\n\n".join(learning_signals.customer_texts(message)),
        known=list(_known(conversation, evidence)) if checks.has_personal_data(text) else [],
        labels=conversation.labels if isinstance(conversation.labels, list) else [],
        confidence=confidence,
    )
    return checks.flags(text, facts, rules)


def flags_of(draft: Draft, *, text: str | None = None) -> list[checks.Flag]:
    return flags(
        draft.body if text is None else text, message=draft.in_reply_to, evidence=draft.evidence,
        confidence=draft.confidence,
    )  # fmt: skip


def _known(conversation: Conversation, evidence: Any) -> Iterator[str]:
    """Texts whose personal data is expected: public messages, participants, cited articles and the inbox's own texts."""
    if conversation.contact:
        yield " · ".join((conversation.contact.email, conversation.contact.phone_number))
    public = conversation.messages.filter(private=False).order_by("-created_at", "-message_id")
    for content, attributes in public.values_list("content", "content_attributes")[:MOST_MESSAGES]:
        yield content
        yield from _addressed(attributes)
    yield from Article.objects.filter(slug__in=learning_signals.cited(evidence)).values_list(
        "body", flat=True
    )
    if conversation.inbox:
        row = inbox_settings.of(conversation.inbox_id)
        yield from (conversation.inbox.email, row.greeting, row.signature)


def _addressed(attributes: Any) -> Iterable[str]:
    """The addresses that an email came from and went to."""
    mail = attributes.get("email") if isinstance(attributes, dict) else None
    named = [mail.get(key) for key in ("from", "to", "cc", "reply_to")] if isinstance(mail, dict) else []
    for value in named:
        yield from (str(part) for part in (value if isinstance(value, list) else [value]) if part)
