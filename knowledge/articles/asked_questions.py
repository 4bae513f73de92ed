"""Verbs on customers' questions that lead to an article: propose them in a change, mask them, remove one that leads astray."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext as _

from webhooks.accounts import access
from webhooks.models import Conversation

from ..models import Article, Change, Question
from ..models.question import MOST_TEXT
from ..text import facts, injection, languages, redaction
from . import changes


@dataclass(frozen=True)
class Asked:
    """What a customer wrote in a conversation. writer: who wrote it, if that is not the conversation's contact."""

    conversation: Conversation
    text: str
    language: str = ""
    writer: str = ""


def may_learn(article: Article, inbox_id: int | None) -> bool:
    """An article for some inboxes learns from these only: others' customers are not the business of those who see it."""
    own = set(article.inboxes.values_list("pk", flat=True))
    return not own or inbox_id in own


def masked(text: str, *, conversation: Conversation, writer: str = "") -> str:
    """Without names, numbers and addresses, and without instructions to a machine; what is left may be empty."""
    contact = conversation.contact
    names = [name for name in (contact.name if contact else "", writer) if name]
    return redaction.redacted(injection.without(text.strip()), names=names)[:MOST_TEXT].strip()


def propose(
    article: Article, asked: Sequence[Asked], *, origin: str, now: datetime, by: User | None = None, note: str = "",
    **grounds: Any,
) -> Change:  # fmt: skip
    """An open change of kind QUESTIONS; approved, the questions lead to this article. If one is open, they join it.

    Masks the texts and the facts in them, which customers state and nobody checked. Leaves out questions of inboxes that the
    article is not for. grounds: customers, people, evidence.
    Raises changes.Refused where the article is not live or no question is left.
    """
    usable = [one for one in asked if may_learn(article, one.conversation.inbox_id)]
    texts = [_asked(one) for one in usable]
    if not any(texts):
        raise changes.Refused("unchanged", _("None of these questions is from an inbox of this article."))
    with transaction.atomic():
        change = changes.propose(
            article, {}, kind=Change.Kind.QUESTIONS, origin=origin, by=by, now=now, note=note, **grounds
        )
        Question.objects.bulk_create(
            [Question(article=article, conversation=one.conversation, text=text, language=one.language, change=change, at=now)
             for one, text in zip(usable, texts, strict=True) if text],
            ignore_conflicts=True,
        )  # fmt: skip
        Change.objects.filter(pk=change.pk).update(probe_result=None)  # to be measured with these
        change.probe_result = None
    return change


def _asked(one: Asked) -> str:
    text = masked(one.text, conversation=one.conversation, writer=one.writer)
    return facts.without(text, language=languages.known(text), instead="…").strip()


def remove(question: Question, *, by: User) -> None:
    """Search no longer learns from it. Raises changes.Refused."""
    if not access.may(by, "edit_articles"):
        raise changes.Refused("forbidden", _("Only Leads and Managers can remove questions of articles."))
    question.delete()
