"""A customer message becomes a proposed draft with its evidence: the built-in drafter, by keyword search."""

from collections.abc import Callable, Collection
from datetime import datetime
from typing import Any

from webhooks.models import Delivery, Message

from . import desk_settings, incoming, redrafting, replies, search
from .frames import CLOSING, GREETING
from .models import Article, Draft

AUTHOR = "Built-in drafter"
ENOUGH = 0.2  # below this share of the question's weight an article is a guess, and no draft is better than a guess
MOST_SURE = 0.8  # equal words are no proof of an equal question, however many they are


def handle_request(delivery: Delivery, payload: dict[str, Any], *, now: datetime) -> Callable[[], str | None]:
    """After the settle time: three quick messages get one draft, for the newest, which reads all three."""
    message = Message.objects.select_related(
        "conversation__inbox", "conversation__contact", "conversation__source"
    ).get(pk=payload["message"])
    conversation = message.conversation
    near = bool(payload.get("near"))  # somebody looks: then no message is too old
    if payload.get("draft") is None and not incoming.wants_draft(
        conversation, message, now=now, however_old=near
    ):
        return lambda: "No draft: this message waits for an answer no more, or its inbox has drafting off."
    asked = redrafting.asked_for(payload)
    drafted = draft_for(message, instructions=asked.instructions, without=asked.without)
    if drafted is None:
        return lambda: redrafting.failed(
            payload,
            why=f"no {'other ' * bool(asked.without)}approved article fits what the customer wrote.",
            now=now,
        )
    text, evidence, confidence = drafted

    def commit() -> str | None:
        try:
            fresh, created = replies.propose(
                message, text=text, author=AUTHOR, kind=Draft.AuthorKind.DRAFTER, now=now,
                evidence=[*evidence, *asked.evidence], confidence=confidence,
            )  # fmt: skip
        except replies.Refused as refused:  # overtaken meanwhile: the newer message has a request of its own
            return redrafting.failed(payload, why=refused.detail, now=now)
        return redrafting.came(payload, fresh, created=created, now=now)

    return commit


def draft_for(
    message: Message, *, instructions: str = "", without: Collection[str] = ()
) -> tuple[str, list[dict[str, Any]], float] | None:
    """(text, evidence, confidence 0-1) from the best article in the customer's language, or None.

    instructions: what a person asks for, which may name another article; without: slugs that are not wanted again.
    """
    question = " ".join(_waiting_texts(message))
    language = search.language(question)
    articles = list(Article.objects.filter(approved=True, language=language).exclude(slug__in=without))
    hits = _named(instructions, articles) or _fitting(question, articles)
    if not hits:
        return None
    contact = message.conversation.contact
    name = (contact.name if contact else "").split(" ")[0] or {"en": "there", "de": ""}[language]
    desk = desk_settings.of(message.conversation.inbox_id)
    greeting = (
        (desk.greeting.strip() or GREETING[language].strip()).replace("{name}", name).replace(" ,", ",")
    )
    signature = desk.signature.strip() or CLOSING[language].strip()
    text = "\n\n".join((greeting, hits[0].article.body.strip(), signature))
    return text, [_evidence(hit) for hit in hits], round(hits[0].score * MOST_SURE, 2)


def _fitting(question: str, articles: list[Article]) -> list[search.Hit]:
    hits = search.search(question, articles)
    return hits if hits and hits[0].score >= ENOUGH else []


def _named(instructions: str, articles: list[Article]) -> list[search.Hit]:
    """Articles that a person's words name, by a word of their title or keywords: then no share is too small."""
    hits = search.search(instructions, articles) if instructions else []
    return [
        hit
        for hit in hits
        if set(hit.words) & set(search.words(f"{hit.article.title} {hit.article.keywords}"))
    ]


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
