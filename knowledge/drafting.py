"""A customer message becomes a proposed draft with its evidence: the built-in drafter, by keyword search."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from webhooks.models import Delivery, Message

from . import incoming, replies, search
from .models import Article, Draft

AUTHOR = "Built-in drafter"
ENOUGH = 0.2  # below this share of the question's weight an article is a guess, and no draft is better than a guess
MOST_SURE = 0.8  # equal words are no proof of an equal question, however many they are
GREETING = {
    "en": "Hi {name},\n\nthanks for writing to us.\n\n",
    "de": "Guten Tag {name},\n\nvielen Dank für Ihre Nachricht.\n\n",
}
CLOSING = {"en": "\n\nBest regards,\nyour support team", "de": "\n\nFreundliche Grüße\nIhr Support-Team"}


def handle_request(
    delivery: Delivery, payload: dict[str, Any], *, now: datetime
) -> Callable[[], None] | None:
    """After the settle time: three quick messages get one draft, for the newest, which reads all three."""
    message = Message.objects.select_related(
        "conversation__inbox", "conversation__contact", "conversation__source"
    ).get(pk=payload["message"])
    conversation = message.conversation
    if not incoming.wants_draft(conversation, message, now=now):
        return None
    drafted = draft_for(message)
    if drafted is None:
        return None
    text, evidence, confidence = drafted

    def commit() -> None:
        try:
            replies.propose(
                message, text=text, author=AUTHOR, kind=Draft.AuthorKind.DRAFTER, now=now, evidence=evidence,
                confidence=confidence,
            )  # fmt: skip
        except replies.Refused:
            pass  # overtaken meanwhile: the newer message has a request of its own

    return commit


def draft_for(message: Message) -> tuple[str, list[dict[str, Any]], float] | None:
    """(text, evidence, confidence 0-1) from the best article in the customer's language, or None."""
    question = " ".join(_waiting_texts(message))
    language = search.language(question)
    hits = search.search(question, list(Article.objects.filter(approved=True, language=language)))
    if not hits or hits[0].score < ENOUGH:
        return None
    contact = message.conversation.contact
    name = (contact.name if contact else "").split(" ")[0] or {"en": "there", "de": ""}[language]
    greeting = GREETING[language].format(name=name).replace(" ,", ",")
    text = greeting + hits[0].article.body.strip() + CLOSING[language]
    return text, [_evidence(hit) for hit in hits], round(hits[0].score * MOST_SURE, 2)


def _waiting_texts(message: Message) -> list[str]:
    """Everything the customer wrote since the last answer, oldest first."""
    since = message.conversation.waiting_since or message.created_at
    waiting = message.conversation.messages.filter(is_customer_message=True, created_at__gte=since)
    return list(waiting.order_by("created_at", "message_id").values_list("content", flat=True))


def _evidence(hit: search.Hit) -> dict[str, Any]:
    return {
        "article": hit.article.slug, "version": hit.article.version, "title": hit.article.title, "score": hit.score,
        "why": f"shares {', '.join(hit.words[:6])}",
    }  # fmt: skip
