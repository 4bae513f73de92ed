"""Turns a customer's message into a proposed draft with evidence: by keyword search, or by a model if one is configured.

A model that fails is retried by policy. After the last attempt the built-in drafter takes the request (redrafting.py).
Nothing is sent from here.
"""

from collections.abc import Callable, Collection
from datetime import datetime
from typing import Any

from django.conf import settings

from webhooks.models import Contact, Delivery, Message

from .. import inbox_settings
from ..articles import search
from ..learning import customer_turn
from ..models import Article, Draft
from ..replies import decisions, incoming, message_digests
from ..risk import support
from ..text import frames, languages, quoting, redaction
from ..text.names import first_name
from . import model_calls, model_drafter, prompts, redrafting

AUTHOR = "Built-in drafter"
ENOUGH = 0.2  # below this share of the question's weight an article is a guess, and no draft is better than a guess
MOST_ARTICLES = 5  # that a model may draft from
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
    request, read = redrafting.request_of(payload), message_digests.of(conversation, message)
    record, drafted = None, None
    notes = _instead_of_a_model(payload.get("why"))
    by_model = bool(settings.DRAFTER_URL) and not payload.get("built_in")
    if by_model:
        try:
            drafted, record = draft_by_model(message, request, delivery=delivery, now=now)
        except model_drafter.Unusable as error:
            by_model, notes = False, _instead_of_a_model(str(error))
    if not by_model:
        drafted = draft_for(
            message,
            now=now,
            instructions=request.instructions,
            without=request.without,
            article=request.article,
        )
    if drafted is None:
        return lambda: redrafting.failed(
            payload,
            why=f"no {'other ' * bool(request.without)}approved article fits the customer's message.",
            now=now,
        )
    text, evidence, confidence = drafted
    author = record.model[:150] if record else AUTHOR

    def commit() -> str | None:
        try:
            fresh, created = decisions.propose(
                message, text=text, author=author, kind=Draft.AuthorKind.DRAFTER, now=now,
                evidence=[*evidence, *notes, *request.evidence], confidence=confidence, read=read,
                changed_by=request.authors, prompt_version=record.prompt_version if record else "",
            )  # fmt: skip
        except (
            decisions.Refused
        ) as refused:  # overtaken in the meantime: the newer message has its own request
            return redrafting.failed(payload, why=refused.detail, now=now)
        if record:
            record.link(fresh)
        came = redrafting.succeeded(payload, fresh, created=created, now=now)
        incoming.take_back_if_changed(fresh, now=now)
        return came

    return commit


def _instead_of_a_model(why: Any) -> list[dict[str, Any]]:
    return [{"title": "Written without the model", "why": str(why)}] if why else []


def draft_for(
    message: Message,
    *,
    now: datetime,
    instructions: str = "",
    without: Collection[str] = (),
    article: str = "",
) -> Drafted | None:
    """(text, evidence, confidence 0-1) from the best article in the customer's language, or None.

    instructions: a person's wishes, which may name another article. without: slugs of articles to leave out. article: the
    slug of the one that a person chose, in any language.
    """
    if article:
        return _from_the_chosen(message, article, now=now)
    question = " ".join(customer_turn.texts(message, and_since=True))
    language = languages.language(question)
    usable = Article.objects.draftable(now=now, inbox_id=message.conversation.inbox_id)
    articles = list(usable.filter(language=language).exclude(slug__in=without))
    hits = _named(instructions, articles) or _fitting(question, articles)
    if not hits:
        return None
    text = _with_greeting_and_signature(message, hits[0].article.body, language)
    return text, [_evidence(hit) for hit in hits], round(hits[0].score * MOST_SURE, 2)


def _from_the_chosen(message: Message, slug: str, *, now: datetime) -> Drafted | None:
    usable = Article.objects.draftable(now=now, inbox_id=message.conversation.inbox_id)
    article = usable.filter(slug=slug).first()
    if article is None:
        return None
    piece = {"article": slug, "version": article.version, "title": article.title, "why": "chosen by a person"}
    return _with_greeting_and_signature(message, article.body, article.language), [piece], None


def draft_by_model(
    message: Message, request: redrafting.Request, *, delivery: Delivery, now: datetime
) -> tuple[Drafted | None, model_calls.Record | None]:
    """The same with a model, from the nearest articles, and the record of its calls. It receives no names.

    Raises Unusable, Retryable or Permanent.
    """
    texts = customer_turn.texts(message, and_since=True)[-prompts.MOST_TEXTS :]
    question = " ".join(texts)
    articles = list(Article.objects.draftable(now=now, inbox_id=message.conversation.inbox_id))
    hits = search.search(f"{question} {request.instructions}", articles, limit=MOST_ARTICLES)
    if not hits:
        return None, None
    names, language = _names(message), support.language_of(question)
    drafted = model_drafter.ask(
        prompts.Question(
            texts=[redaction.redacted(text, names=names) for text in texts],
            articles=[{"slug": hit.article.slug, "title": hit.article.title, "body": hit.article.body} for hit in hits],
            instructions=redaction.redacted(request.instructions, names=names), language=language,
            previous=redaction.redacted(quoting.core(request.previous), names=names) if request.previous else "",
        ), delivery=delivery, key=message.conversation_id, now=now,
    )  # fmt: skip
    answer = drafted.answer
    if not answer.reply:
        return None, drafted.record
    cited = sorted((hit for hit in hits if hit.article.slug in answer.articles), key=lambda hit: -hit.score)
    evidence = [_evidence(hit) | ({"why": answer.why} if answer.why else {}) for hit in cited]
    written = language or support.language_of(answer.reply)
    text = _with_greeting_and_signature(message, quoting.core(answer.reply), written)
    return (text, evidence, answer.confidence), drafted.record


def _names(message: Message) -> list[str]:
    contact = message.conversation.contact
    return [name for name in dict.fromkeys((contact.name if contact else "", _writer(message))) if name]


def _with_greeting_and_signature(message: Message, text: str, language: str) -> str:
    own = inbox_settings.of(message.conversation.inbox_id)
    return frames.framed(
        text, language=language, name=first_name(_writer(message)), greeting=own.greeting, signature=own.signature
    )  # fmt: skip


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
