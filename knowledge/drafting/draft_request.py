"""Turns a customer's message into a proposed draft with evidence: from an article as it is, or by a model if one is configured.

A model that fails is retried by policy. After the last attempt the built-in drafter takes the request (redrafting.py).
Nothing is sent from here.
"""

import re
from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from typing import Any

from django.conf import settings

from webhooks.models import Contact, Delivery, Message

from .. import inbox_settings
from ..models import Article, Draft, NoDraft
from ..replies import asked, decisions, incoming
from ..search.search import rows_of
from ..text import languages, redaction, salutation
from ..text.names import first_name
from ..text.quoting import CLOSING, GREETING
from . import absence, built_in_drafter, candidates, model_drafter, redrafting
from .customer_question import Asked
from .customer_question import asked as asked_by

AUTHOR = "Built-in drafter"
MOST_ARTICLES = 5  # that a model may draft from
MOST_TEXTS, MOST_TEXT = 10, 4000  # of what the customer wrote, for a model: messages, characters each
BEFORE_A_MARK = re.compile(r" +([,!.:;])")
Evidence = Sequence[dict[str, Any]]
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
        return lambda: (
            "No draft: this message no longer needs a reply, or drafting is switched off for its inbox."
        )
    request, read = redrafting.request_of(payload), asked.of(conversation, message)
    question = asked_by(message)
    if question.is_thanks and payload.get("draft") is None:
        return lambda: _no_draft(message, payload, NoDraft.Reason.NO_REPLY_NEEDED, now=now)
    by_model = bool(settings.DRAFTER_URL) and not payload.get("built_in")
    if by_model:
        drafted, may_fit = draft_by_model(message, request, question)
    else:
        drafted, may_fit = draft_for(
            message, question, instructions=request.instructions, without=request.without
        )
    if drafted is None:
        reason = NoDraft.Reason.MAY_FIT if may_fit else NoDraft.Reason.NO_ARTICLE
        return lambda: _no_draft(message, payload, reason, may_fit=may_fit, now=now)
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
        NoDraft.objects.filter(message=message).delete()
        came = redrafting.succeeded(payload, fresh, created=created, now=now)
        incoming.take_back_if_changed(fresh, now=now)
        return came

    return commit


def _no_draft(
    message: Message, payload: dict[str, Any], reason: NoDraft.Reason, *, may_fit: Evidence = (), now: datetime
) -> str:  # fmt: skip
    """Keeps why, and the articles that may fit, for the queue and the conversation's page."""
    NoDraft.objects.update_or_create(
        message=message, defaults={"reason": reason, "articles": list(may_fit), "at": now}
    )
    other = "other " if payload.get("draft") else ""
    why = {
        NoDraft.Reason.NO_REPLY_NEEDED: "the customer only says thanks, so no reply is needed.",
        NoDraft.Reason.MAY_FIT: f"no {other}approved article {absence.MAY_FIT} the customer's message. Some may.",
        NoDraft.Reason.NO_ARTICLE: f"no {other}approved article fits the customer's message.",
    }[reason]
    return redrafting.failed(payload, why=why, now=now)


def draft_for(
    message: Message, asked: Asked | None = None, *, instructions: str = "", without: Collection[str] = ()
) -> tuple[Drafted | None, Evidence]:
    """(a draft from the best article in the customer's language, or None; without one, the articles that may fit)"""
    asked = asked or asked_by(message)
    choice = built_in_drafter.choose(asked, message, instructions=instructions, without=without)
    evidence = candidates.evidence_of(
        choice.answers or choice.may_fit, embedder=choice.embedder, question=asked.text, names=_names(message)
    )
    if not choice.answers:
        return None, evidence
    text = _with_greeting_and_signature(message, choice.body, choice.language)
    return (text, evidence, choice.answers[0].confidence), ()


def draft_by_model(
    message: Message, request: redrafting.Request, asked: Asked
) -> tuple[Drafted | None, Evidence]:
    """The same with a model, from the nearest articles in any language. It receives no names. Raises Retryable or Permanent."""
    texts = [text[:MOST_TEXT] for text in asked.texts[-MOST_TEXTS:]]
    question, names = " ".join(texts), _names(message)
    result = candidates.found(f"{question} {request.instructions}".strip(), message, limit=MOST_ARTICLES)
    given, rows = candidates.may_fit(result.answers), rows_of(result.answers)
    if not texts or not (given or any(answer.hit.other_language for answer in result.answers)):
        return None, ()
    answer = model_drafter.ask(
        model_drafter.Question(
            texts=[redaction.redacted(text, names=names) for text in texts],
            articles=[_for_model(rows[one.live.pk]) for one in result.answers if one.live.pk in rows],
            instructions=request.instructions,
            previous=redaction.redacted(request.previous, names=names),
        )
    )  # fmt: skip
    if not answer.reply:
        return None, candidates.evidence_of(given, embedder=result.embedder, question=question, names=names)
    cited = [one for one in result.answers if one.live.slug in answer.articles]
    evidence = [
        item | ({"why": answer.why} if answer.why else {})
        for item in candidates.evidence_of(cited, embedder=result.embedder, question=question, names=names)
    ]
    if result.language == languages.UNKNOWN:
        evidence.append(
            {
                "title": "Unknown language",
                "why": "The customer's language is not known. Read the message first.",
            }
        )
    return (
        _with_greeting_and_signature(message, answer.reply, result.language),
        evidence,
        answer.confidence,
    ), ()


def _for_model(article: Article) -> dict[str, str]:
    return {"slug": article.slug, "title": article.title, "body": article.body}


def _names(message: Message) -> list[str]:
    contact = message.conversation.contact
    return [name for name in dict.fromkeys((contact.name if contact else "", _writer(message))) if name]


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
