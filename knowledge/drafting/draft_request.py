"""Turns a customer's message into a proposed draft with evidence: from an article as it is, or by a model if one is configured.

A model that fails is retried by policy. After the last attempt the built-in drafter takes the request (redrafting.py).
Nothing is sent from here.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.conf import settings

from webhooks.models import Contact, Conversation, Delivery, Message

from .. import inbox_settings
from ..learning import customer_turn
from ..models import Article, Draft, NoDraft
from ..replies import decisions, incoming, message_digests
from ..search import articles
from ..search.search import rows_of
from ..text import frames, quoting, redaction
from ..text.names import first_name
from . import built_in_drafter, candidates, model_calls, model_drafter, prompts, redrafting
from . import drafting_texts as texts
from .customer_question import Asked
from .customer_question import asked as asked_by

AUTHOR = texts.BUILT_IN
MOST_ARTICLES = 5  # that a model may draft from
Evidence = list[dict[str, Any]]
Drafted = tuple[str, Evidence, float | None]


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
        return lambda: f"{texts.PREFIX}{texts.NOT_WANTED}"
    request, read = redrafting.request_of(payload), message_digests.of(conversation, message)
    question, said = asked_by(message), customer_turn.digest(message)
    if question.is_thanks and payload.get("draft") is None:
        return lambda: _no_draft(message, payload, NoDraft.Reason.NO_REPLY_NEEDED, said=said, now=now)
    # A drafter can neither listen nor look at a picture: of nothing it would find that nothing fits, or make something up.
    if not (customer_turn.says_something(message) or request.article or request.instructions):
        return lambda: _no_draft(message, payload, NoDraft.Reason.NO_TEXT, said=said, now=now)
    found = _find(message, request, question, delivery=delivery, payload=payload, now=now)
    if found.drafted is None:
        reason = NoDraft.Reason.MAY_FIT if found.may_fit else NoDraft.Reason.NO_ARTICLE
        return lambda: _no_draft(message, payload, reason, said=said, may_fit=found.may_fit, now=now)
    drafted = found.drafted
    return lambda: _propose(message, drafted, found, request, payload=payload, read=read, now=now)


@dataclass(frozen=True)
class _Found:
    """may_fit: without a draft, what a person may look at. record: of the model's calls."""

    drafted: Drafted | None
    notes: Evidence
    may_fit: Evidence = field(default_factory=list)
    record: model_calls.Record | None = None


def _find(
    message: Message, request: redrafting.Request, question: Asked, *, delivery: Delivery, payload: dict[str, Any],
    now: datetime,
) -> _Found:  # fmt: skip
    """By the model if there is one, else by the built-in drafter. Raises Retryable or Permanent."""
    why = payload.get("why")
    if settings.DRAFTER_URL and not payload.get("built_in"):
        try:
            drafted, record = draft_by_model(message, request, question, delivery=delivery, now=now)
            return _Found(drafted, _instead_of_a_model(why), record=record)
        except model_drafter.Unusable as error:
            why = str(error)
    drafted, may_fit = draft_for(
        message, question, now=now, instructions=request.instructions, without=request.without, article=request.article
    )  # fmt: skip
    return _Found(drafted, _instead_of_a_model(why), may_fit=may_fit)


def _propose(
    message: Message, drafted: Drafted, found: _Found, request: redrafting.Request, *, payload: dict[str, Any],
    read: message_digests.Digests, now: datetime,
) -> str | None:  # fmt: skip
    (text, evidence, confidence), record = drafted, found.record
    try:
        fresh, created = decisions.propose(
            message, text=text, author=record.model[:150] if record else AUTHOR, kind=Draft.AuthorKind.DRAFTER, now=now,
            evidence=[*evidence, *found.notes, *request.evidence], confidence=confidence, read=read,
            changed_by=request.authors, prompt_version=record.prompt_version if record else "",
        )  # fmt: skip
    except decisions.Refused as refused:  # overtaken in the meantime: the newer message has its own request
        return redrafting.failed(payload, why=refused.detail, now=now)
    NoDraft.objects.filter(message=message).delete()
    if record:
        record.link(fresh)
    came = redrafting.succeeded(payload, fresh, created=created, now=now)
    incoming.take_back_if_changed(fresh, now=now)
    return came


def _instead_of_a_model(why: Any) -> list[dict[str, Any]]:
    return [{"title": texts.WITHOUT_MODEL, "why": str(why)}] if why else []


def _no_draft(
    message: Message, payload: dict[str, Any], reason: NoDraft.Reason, *, said: str,
    may_fit: Sequence[dict[str, Any]] = (), now: datetime,
) -> str:  # fmt: skip
    """Keeps why, and the articles that may fit, for the queue and the conversation's page. said: the words that were read."""
    conversation = Conversation.objects.locked(message.conversation.source, message.conversation.display_id)
    NoDraft.objects.update_or_create(
        message=message, defaults={"reason": reason, "articles": list(may_fit), "said": said, "at": now}
    )
    incoming.request_after_change(conversation, now=now)  # they may have changed in the meantime
    other = bool(payload.get("draft"))
    why = {
        NoDraft.Reason.NO_REPLY_NEEDED: texts.ONLY_THANKS,
        NoDraft.Reason.MAY_FIT: texts.OTHERS_MAY_FIT if other else texts.MAY_FIT,
        NoDraft.Reason.NO_ARTICLE: texts.NO_OTHER_FITS if other else texts.NONE_FITS,
        NoDraft.Reason.NO_TEXT: texts.NOTHING_SAID,
    }[reason]
    return redrafting.failed(payload, why=why, now=now)


def draft_for(
    message: Message,
    asked: Asked | None = None,
    *,
    now: datetime,
    instructions: str = "",
    without: Collection[str] = (),
    article: str = "",
) -> tuple[Drafted | None, Evidence]:
    """(a draft from the best article in the customer's language, or None; without one, the articles that may fit)

    instructions: a person's wishes, which may name another article. without: slugs of articles to leave out. article: the
    slug of the one that a person chose, in any language.
    """
    if article:
        return _from_the_chosen(message, article, now=now), []
    asked = asked or asked_by(message)
    choice = built_in_drafter.choose(asked, message, instructions=instructions, without=without)
    evidence = candidates.evidence_of(
        choice.answers or choice.may_fit, embedder=choice.embedder, question=asked.text, names=_names(message)
    )
    if not choice.answers:
        return None, evidence
    text = _with_greeting_and_signature(message, choice.body, articles.language_of(asked.text))
    return (text, evidence, round(choice.answers[0].confidence, 4)), []


def _from_the_chosen(message: Message, slug: str, *, now: datetime) -> Drafted | None:
    usable = Article.objects.draftable(now=now, inbox_id=message.conversation.inbox_id)
    article = usable.filter(slug=slug).first()
    if article is None:
        return None
    piece = {"article": slug, "version": article.version, "title": article.title, "why": texts.CHOSEN}
    return _with_greeting_and_signature(message, article.body, article.language), [piece], None


def draft_by_model(
    message: Message, request: redrafting.Request, asked: Asked, *, delivery: Delivery, now: datetime
) -> tuple[Drafted | None, model_calls.Record | None]:
    """The same with a model, from the nearest articles in any language, and the record of its calls. It receives no names.

    Raises Unusable, Retryable or Permanent.
    """
    texts = list(asked.texts[-prompts.MOST_TEXTS :])
    question = " ".join(texts)
    result = candidates.found(f"{question} {request.instructions}".strip(), message, limit=MOST_ARTICLES)
    if not texts or not candidates.worth_asking(result):
        return None, None
    rows = rows_of(result.answers)
    names, language = _names(message), articles.language_of(question)
    drafted = model_drafter.ask(
        prompts.Question(
            texts=[redaction.redacted(text, names=names) for text in texts],
            articles=[_for_model(rows[one.live.pk]) for one in result.answers if one.live.pk in rows],
            instructions=redaction.redacted(request.instructions, names=names), language=language,
            previous=redaction.redacted(quoting.core(request.previous), names=names) if request.previous else "",
        ), delivery=delivery, key=message.conversation_id, now=now,
    )  # fmt: skip
    answer = drafted.answer
    if not answer.reply:
        return None, drafted.record
    cited = [one for one in result.answers if one.live.slug in answer.articles]
    found = candidates.evidence_of(cited, embedder=result.embedder, question=question, names=names)
    evidence = [item | ({"why": answer.why} if answer.why else {}) for item in found]
    written = language or articles.language_of(answer.reply)
    text = _with_greeting_and_signature(message, quoting.core(answer.reply), written)
    return (text, evidence, answer.confidence), drafted.record


def _for_model(article: Article) -> dict[str, str]:
    return {"slug": article.slug, "title": article.title, "body": article.body}


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
    # What was filled in on our form is the contact's: its sender is ours, and numbers of users and contacts overlap. And a
    # contact that this conversation had before was merged into the one it has now.
    theirs = contact and (
        message.kind != Message.Kind.INCOMING
        or message.sender_id in (None, contact.contact_id)
        or f"contact:{message.sender_id}" in conversation.registers
    )
    if contact and theirs:
        return contact.name
    known = Contact.objects.filter(source=conversation.source_id, contact_id=message.sender_id or 0).first()
    return known.name if known and known.name else message.sender_name
