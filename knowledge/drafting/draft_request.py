"""A customer message becomes a proposed draft with its evidence: by keyword search, or by a model where one is set.

A model that fails is retried by policy; once that gives up, the built-in drafter takes the request over (redrafting.py).
"""

from collections.abc import Callable, Collection
from datetime import datetime
from typing import Any

from django.conf import settings

from webhooks.models import Delivery, Message

from .. import inbox_settings
from ..articles import search
from ..learning import learning_signals
from ..models import Article, Draft
from ..replies import decisions, incoming
from ..text import redaction, salutation
from ..text.quoting import CLOSING, GREETING
from . import model_drafter, redrafting

AUTHOR = "Built-in drafter"
ENOUGH = 0.2  # below this share of the question's weight an article is a guess, and no draft is better than a guess
TOLD = 5  # articles that a model may draft from
MOST_TEXTS, MOST_TEXT = 10, 4000  # of what the customer wrote, for a model: messages, characters each
Drafted = tuple[str, list[dict[str, Any]], float | None]
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
        return lambda: (
            "No draft: this message no longer needs a reply, or drafting is switched off for its inbox."
        )
    asked = redrafting.asked_for(payload)
    by_model = bool(settings.DRAFTER_URL) and not payload.get("built_in")
    if by_model:
        drafted = draft_by_model(message, asked)
    else:
        drafted = draft_for(message, instructions=asked.instructions, without=asked.without)
    if drafted is None:
        return lambda: redrafting.failed(
            payload,
            why=f"no {'other ' * bool(asked.without)}approved article fits the customer's message.",
            now=now,
        )
    text, evidence, confidence = drafted
    author = settings.DRAFTER_MODEL[:150] if by_model else AUTHOR

    def commit() -> str | None:
        try:
            fresh, created = decisions.propose(
                message, text=text, author=author, kind=Draft.AuthorKind.DRAFTER, now=now,
                evidence=[*evidence, *asked.evidence], confidence=confidence, changed_by=asked.authors,
            )  # fmt: skip
        except (
            decisions.Refused
        ) as refused:  # overtaken meanwhile: the newer message has a request of its own
            return redrafting.failed(payload, why=refused.detail, now=now)
        return redrafting.came(payload, fresh, created=created, now=now)

    return commit


def draft_for(message: Message, *, instructions: str = "", without: Collection[str] = ()) -> Drafted | None:
    """(text, evidence, confidence 0-1) from the best article in the customer's language, or None.

    instructions: what a person asks for, which may name another article; without: slugs that are not wanted again.
    """
    question = " ".join(learning_signals.asked(message, and_since=True))
    language = search.language(question)
    articles = list(Article.objects.filter(approved=True, language=language).exclude(slug__in=without))
    hits = _named(instructions, articles) or _fitting(question, articles)
    if not hits:
        return None
    text = _with_greeting_and_signature(message, hits[0].article.body, language)
    return text, [_evidence(hit) for hit in hits], round(hits[0].score * MOST_SURE, 2)


def draft_by_model(message: Message, asked: redrafting.Asked) -> Drafted | None:
    """The same by a model, from the articles that come nearest; it is told no names. Raises Retryable or Permanent."""
    texts = [text[:MOST_TEXT] for text in learning_signals.asked(message, and_since=True)[-MOST_TEXTS:]]
    question, contact = " ".join(texts), message.conversation.contact
    articles = list(Article.objects.filter(approved=True))
    hits = search.search(f"{question} {asked.instructions}", articles, limit=TOLD)
    if not hits:
        return None
    names = [contact.name] if contact else []
    answer = model_drafter.ask(
        model_drafter.Question(
            texts=[redaction.redacted(text, names=names) for text in texts],
            articles=[{"slug": hit.article.slug, "title": hit.article.title, "body": hit.article.body} for hit in hits],
            instructions=asked.instructions,
            previous=redaction.redacted(asked.previous, names=names),
        )
    )  # fmt: skip
    if not answer.reply:
        return None
    cited = sorted((hit for hit in hits if hit.article.slug in answer.articles), key=lambda hit: -hit.score)
    evidence = [_evidence(hit) | ({"why": answer.why} if answer.why else {}) for hit in cited]
    return (
        _with_greeting_and_signature(message, answer.reply, search.language(question)),
        evidence,
        answer.confidence,
    )


def _with_greeting_and_signature(message: Message, text: str, language: str) -> str:
    """The inbox's own, or the usual ones of the language."""
    contact = message.conversation.contact
    name = (contact.name if contact else "").split(" ")[0] or {"en": "there", "de": ""}[language]
    settings_of_inbox = inbox_settings.of(message.conversation.inbox_id)
    greeting = (
        (settings_of_inbox.greeting.strip() or GREETING[language].strip())
        .replace("{name}", name)
        .replace(" ,", ",")
    )
    signature = settings_of_inbox.signature.strip() or CLOSING[language].strip()
    return "\n\n".join(
        (greeting, salutation.continued(text.strip(), after=greeting, language=language), signature)
    )


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


def _evidence(hit: search.Hit) -> dict[str, Any]:
    return {
        "article": hit.article.slug, "version": hit.article.version, "title": hit.article.title, "score": hit.score,
        "why": f"shares {', '.join(hit.words[:6])}",
    }  # fmt: skip
