"""A draft's evidence: the articles in the version that it cites, the drafter's reasons, and similar approved replies."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import User
from django.db.models.functions import Substr
from django.utils.translation import gettext as _
from rapidfuzz import fuzz, process

from webhooks.accounts.access import in_inboxes_of

from ..learning import learning_signals
from ..models import Article, ArticleVersion, Draft, LearningSignal
from ..text import languages

ALIKE = 60  # of 100, by the words that two questions share
SHOWN = 3
AMONG = 400  # the newest approved replies
COMPARED = 600  # characters of a question


@dataclass(frozen=True)
class Cited:
    title: str
    slug: str
    version: int | None
    score: float | None
    why: str
    confidence: float | None
    language: str  # if it is another one than the customer's
    asked: str  # the customer's words that it answers
    sentence: str  # of the article, that answers them
    text: str  # of that version; empty if it is not known here
    newer: int | None  # the article's current version, if it is newer
    withdrawn: bool


def cited(draft: Draft) -> list[Cited]:
    """Outside agents can put anything into the evidence: what cannot be read is left out."""
    items = [item for item in draft.evidence if isinstance(item, Mapping)]
    slugs = {str(item["article"]) for item in items if item.get("article")}
    articles = {row.slug: row for row in Article.objects.filter(slug__in=slugs).select_related("current")}
    past = {
        (row.article.slug, row.number): row.body
        for row in ArticleVersion.objects.filter(article__slug__in=slugs).select_related("article")
    }
    return [_cited(item, articles, past) for item in items]


def _cited(item: Mapping[str, Any], articles: dict[str, Article], past: dict[tuple[str, int], str]) -> Cited:
    slug, version, score = str(item.get("article") or ""), item.get("version"), item.get("score")
    version = version if isinstance(version, int) else None
    article = articles.get(slug)
    return Cited(
        title=str(item.get("title") or slug or _("Note")), slug=slug if article else "", version=version,
        score=float(score) if isinstance(score, int | float) else None, why=str(item.get("why") or ""),
        confidence=_share(item.get("confidence")), language=_other_language(item), asked=str(item.get("asked") or ""),
        sentence=str(item.get("sentence") or ""),
        text=past.get((slug, version), "") if version else "",
        newer=article.version if article and version and article.version > version else None,
        withdrawn=bool(article and article.status == Article.Status.WITHDRAWN),
    )  # fmt: skip


def _share(value: Any) -> float | None:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if is_number and 0 <= value <= 1 else None


def _other_language(item: Mapping[str, Any]) -> str:
    parts = item.get("parts")
    is_other = isinstance(parts, Mapping) and parts.get("other_language") is True
    return languages.shown(str(item.get("language") or "")) if is_other else ""


@dataclass(frozen=True)
class Past:
    signal: LearningSignal
    alike: float


def similar(draft: Draft, *, user: User) -> list[Past]:
    """Approved replies to questions like this one. For reviewers only: a drafter that read them would copy itself."""
    question = learning_signals.question(draft.in_reply_to)[:COMPARED]
    approved = LearningSignal.objects.filter(
        in_inboxes_of(user, path="conversation__inbox"),
        decision=LearningSignal.Decision.APPROVED,
        withdrawn_at=None,
    ).exclude(draft=draft)
    newest = approved.annotate(beginning=Substr("question", 1, COMPARED)).order_by("-pk")
    questions = dict(newest.values_list("pk", "beginning")[:AMONG])
    found = process.extract(question, questions, scorer=fuzz.token_set_ratio, score_cutoff=ALIKE, limit=SHOWN)
    rows = LearningSignal.objects.select_related("reviewer", "conversation__contact").in_bulk(
        [pk for _, _, pk in found]
    )
    return [Past(rows[pk], score) for _, score, pk in found]
