"""Turns a customer's message into a proposed draft with evidence: by keyword search, or by a model if one is configured.

A model that fails is retried by policy. After the last attempt the built-in drafter takes the request (redrafting.py).
Nothing is sent from here.
"""

import re
from collections.abc import Callable, Collection
from datetime import datetime
from typing import Any

from django.conf import settings

from webhooks.models import Contact, Delivery, Message

from .. import inbox_settings
from ..articles import search
from ..learning import learning_signals
from ..models import Article, Draft
from ..replies import asked, decisions, incoming
from ..text import languages, redaction, salutation
from ..text.names import first_name
from ..text.quoting import CLOSING, GREETING
from . import model_drafter, redrafting

AUTHOR = "Built-in drafter"
ENOUGH = 0.2  # below this share of the question's weight an article is a guess, and no draft is better than a guess
MOST_ARTICLES = 5  # that a model may draft from
MOST_TEXTS, MOST_TEXT = 10, 4000  # of what the customer wrote, for a model: messages, characters each
BEFORE_A_MARK = re.compile(r" +([,!.:;])")
Drafted = tuple[str, list[dict[str, Any]], float | None]
MOST_SURE = 0.8  # the same words do not prove the same question, however many they are


def handle_request(delivery: Delivery, payload: dict[str, Any], *, now: datetime) -> Callable[[], str | None]:
    """Runs after the settle time, so that three quick messages get one draft: for the newest, from all three."""
    message = Message.objects.select_related(
        "conversation__inbox", "conversation__contact", "conversation__source"
    ).get(pk=payload["message"])
    conversation = message.conversation
    near = bool(payload.get("near"))  # a person is looking at the customer: then no message is too old
    if payload.get("draft") is None and not incoming.wants_draft(
        conversation, message, now=now, however_old=near
    ):
        return lambda: (
            "No draft: this message no longer needs a reply, or drafting is switched off for its inbox."
        )
    request, read = redrafting.request_of(payload), asked.of(conversation, message)
    by_model = bool(settings.DRAFTER_URL) and not payload.get("built_in")
    if by_model:
        drafted = draft_by_model(message, request, now=now)
    else:
        drafted = draft_for(message, now=now, instructions=request.instructions, without=request.without)
    if drafted is None:
        return lambda: redrafting.failed(
            payload,
            why=f"no {'other ' * bool(request.without)}approved article fits the customer's message.",
            now=now,
        )
    text, evidence, confidence = drafted
    author = settings.DRAFTER_MODEL[:150] if by_model else AUTHOR

    def commit() -> str | None:
        try:
            fresh, created = decisions.propose(
                message, text=text, author=author, kind=Draft.AuthorKind.DRAFTER, now=now,
                evidence=[*evidence, *request.evidence], confidence=confidence, read=read, changed_by=request.authors,
            )  # fmt: skip
        except (
            decisions.Refused
        ) as refused:  # overtaken in the meantime: the newer message has its own request
            return redrafting.failed(payload, why=refused.detail, now=now)
        came = redrafting.succeeded(payload, fresh, created=created, now=now)
        incoming.take_back_if_changed(fresh, now=now)
        return came

    return commit


def draft_for(
    message: Message, *, now: datetime, instructions: str = "", without: Collection[str] = ()
) -> Drafted | None:
    """(text, evidence, confidence 0-1) from the best article in the customer's language, or None.

    instructions: a person's wishes, which may name another article. without: slugs of articles to leave out.
    """
    question = " ".join(learning_signals.customer_texts(message, and_since=True))
    language = languages.language(question)
    usable = Article.objects.draftable(now=now, inbox_id=message.conversation.inbox_id)
    articles = list(usable.filter(language=language).exclude(slug__in=without))
    hits = _named(instructions, articles) or _fitting(question, articles)
    if not hits:
        return None
    text = _with_greeting_and_signature(message, hits[0].article.body, language)
    return text, [_evidence(hit) for hit in hits], round(hits[0].score * MOST_SURE, 2)


def draft_by_model(message: Message, request: redrafting.Request, *, now: datetime) -> Drafted | None:
    """The same with a model, from the nearest articles. It receives no names. Raises Retryable or Permanent."""
    texts = [
        text[:MOST_TEXT] for text in learning_signals.customer_texts(message, and_since=True)[-MOST_TEXTS:]
    ]
    question, contact = " ".join(texts), message.conversation.contact
    articles = list(Article.objects.draftable(now=now, inbox_id=message.conversation.inbox_id))
    hits = search.search(f"{question} {request.instructions}", articles, limit=MOST_ARTICLES)
    if not hits:
        return None
    names = [name for name in dict.fromkeys((contact.name if contact else "", _writer(message))) if name]
    answer = model_drafter.ask(
        model_drafter.Question(
            texts=[redaction.redacted(text, names=names) for text in texts],
            articles=[{"slug": hit.article.slug, "title": hit.article.title, "body": hit.article.body} for hit in hits],
            instructions=request.instructions,
            previous=redaction.redacted(request.previous, names=names),
        )
    )  # fmt: skip
    if not answer.reply:
        return None
    cited = sorted((hit for hit in hits if hit.article.slug in answer.articles), key=lambda hit: -hit.score)
    evidence = [_evidence(hit) | ({"why": answer.why} if answer.why else {}) for hit in cited]
    language = languages.language(question)
    if language == languages.UNKNOWN:
        evidence.append(
            {
                "title": "Another language",
                "why": "The customer writes neither English nor German. Read the message first.",
            }
        )
    return _with_greeting_and_signature(message, answer.reply, language), evidence, answer.confidence


def _with_greeting_and_signature(message: Message, text: str, language: str) -> str:
    """The inbox's own, or the usual ones of the language; for an unknown language, no text is added."""
    settings_of_inbox = inbox_settings.of(message.conversation.inbox_id)
    name = first_name(_writer(message)) or {"en": "there"}.get(language, "")
    usual = GREETING.get(language, "{name}," if name else "").strip()
    greeting = BEFORE_A_MARK.sub(r"\1", (settings_of_inbox.greeting.strip() or usual).replace("{name}", name))
    signature = settings_of_inbox.signature.strip() or CLOSING.get(language, "").strip()
    body = salutation.continued(text.strip(), after=greeting, language=language)
    return "\n\n".join(filter(None, (greeting, body, signature)))


def _writer(message: Message) -> str:
    """Who wrote this message: in a mail's thread not always the contact of the conversation."""
    conversation = message.conversation
    contact = conversation.contact
    # A contact that this conversation had before was merged into the one it has now.
    theirs = contact and (
        message.sender_id in (None, contact.contact_id)
        or f"contact:{message.sender_id}" in conversation.registers
    )
    if contact and theirs:
        return contact.name
    known = Contact.objects.filter(source=conversation.source_id, contact_id=message.sender_id or 0).first()
    return known.name if known and known.name else message.sender_name


def _fitting(question: str, articles: list[Article]) -> list[search.Hit]:
    hits = search.search(question, articles)
    return hits if hits and hits[0].score >= ENOUGH else []


def _named(instructions: str, articles: list[Article]) -> list[search.Hit]:
    """Articles that the instructions name by a word of their title or keywords, however low the score."""
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
