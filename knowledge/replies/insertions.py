"""Articles and saved replies that a person inserts while writing a reply. An inserted article becomes evidence of the draft."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext as _

from ..learning import learning_signals
from ..models import Article, Draft, DraftEvent, SavedReply, draft_texts
from ..search import search as article_search
from ..text.names import first_name
from .guards import LIVE
from .states import Refused, outcome_of

SHOWN = 6  # of each
VARIABLE = re.compile(r"\{\{\s*(contact\.name|contact\.first_name|agent\.name)\s*\}\}")


@dataclass(frozen=True)
class Insertable:
    """article: its slug; empty for a saved reply."""

    title: str
    text: str
    article: str = ""


def search(draft: Draft, query: str, *, user: User, now: datetime) -> list[Insertable]:
    """Saved replies by code and words, then articles. Without a query: the articles nearest to the customer's question."""
    inbox, query = draft.conversation.inbox_id, query.strip()
    replies = SavedReply.objects.visible_to(user)
    if inbox is not None:
        replies = replies.for_inbox(inbox)
    result = article_search.search(
        query or learning_signals.question(draft.in_reply_to),
        limit=SHOWN,
        inboxes=None if inbox is None else [inbox],
    )
    found = Article.objects.draftable(now=now, inbox_id=inbox).visible_to(user)
    rows = {row.pk: row for row in found.filter(pk__in=[answer.live.pk for answer in result.answers])}
    articles = [rows[answer.live.pk] for answer in result.answers if answer.live.pk in rows]
    return [
        *(Insertable(row.code, _filled(row.text, draft, user)) for row in _matching(replies, query)),
        *(Insertable(article.title, article.body, article.slug) for article in articles),
    ]


def _matching(replies: Iterable[SavedReply], query: str) -> list[SavedReply]:
    """Codes that begin with the query first; then those that contain each of its words."""
    wanted = query.casefold()
    ranked = []
    for row in replies:
        code, text = row.code.casefold(), row.text.casefold()
        if code.startswith(wanted) or all(word in f"{code} {text}" for word in wanted.split()):
            ranked.append((not code.startswith(wanted), code, row))
    return [row for _, _, row in sorted(ranked, key=lambda one: one[:2])[:SHOWN]]


def _filled(text: str, draft: Draft, user: User) -> str:
    """Chatwoot's variables for names. Other variables stay as they are, for the person to see."""
    contact = draft.conversation.contact
    name = contact.name if contact else ""
    values = {
        "contact.name": name, "contact.first_name": first_name(name) or name,
        "agent.name": str(user),
    }  # fmt: skip
    return VARIABLE.sub(lambda found: values[found[1]], text)


def record(draft: Draft, *, slug: str, by: User, now: datetime) -> None:
    """The draft cites the article's present version, once. Raises Refused."""
    article = Article.objects.live().visible_to(by).filter(slug=slug).first()
    if article is None:
        raise Refused("not_found", _("This article is no longer live."))
    with transaction.atomic():
        locked = Draft.objects.select_for_update().get(pk=draft.pk)
        if locked.status not in LIVE:
            raise Refused("already_decided", outcome_of(locked))
        named = [
            (item.get("article"), item.get("version")) for item in locked.evidence if isinstance(item, dict)
        ]
        if (article.slug, article.version) in named:
            return
        cited = {
            "article": article.slug, "version": article.version, "title": article.title,
            "why": draft_texts.INSERTED_BY % {"name": by},
        }  # fmt: skip
        Draft.objects.filter(pk=draft.pk).update(evidence=[*locked.evidence, cited])
        DraftEvent.objects.create(
            draft=draft, at=now, by=by, action="inserted", before=locked.status, after=locked.status,
            detail=(draft_texts.INSERTED % {"slug": article.slug, "n": article.version})[:500],
        )  # fmt: skip
