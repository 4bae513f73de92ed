"""The dry run: what each found article would become here. Reads only."""

import hashlib
import json
from collections.abc import Iterable, Iterator
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from ..articles import fields
from ..models import Article, Change, ImportItem, ImportRun, SavedReply
from . import texts
from .found import CannotRead, Found

Outcome = ImportItem.Outcome
Judged = tuple[str, Found, str]  # outcome, what was found, a note


def source_of(run: ImportRun) -> str:
    """Names the place, so that the next run of it finds its articles again."""
    return f"{run.kind}:{run.account.slug + '/' if run.account else ''}{run.name}"[:150]


def source_hash(values: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()


def judge(run: ImportRun, rows: list[Found]) -> Iterator[Judged]:
    """In the source's order; what is gone comes last. Raises CannotRead if nothing at all is left at the source."""
    if run.kind == ImportRun.Kind.SAVED_REPLIES:
        yield from _saved_replies(run, rows)
        return
    source = source_of(run)
    ours = Article.objects.filter(source=source)
    live = list(ours.filter(status=Article.Status.LIVE).select_related("current"))
    waiting = list(unpublished(ours))
    if (live or waiting) and not rows:
        raise CannotRead(texts.NOTHING_LISTED % {"run": run, "n": f"{len(live) + len(waiting):,}"})
    by_ref = {row.external_ref: row for row in ours.select_related("current", "owner")}
    seen = {row.ref for row in rows}
    by_slug = _by_slug(row.values["slug"] for row in rows if row.values)
    by_slug = {
        slug: row for slug, row in by_slug.items() if row.source != source or row.external_ref not in seen
    }
    still: set[int] = set()
    for row in rows:
        article = by_ref.get(row.ref) or by_slug.get(row.values.get("slug", ""))
        still |= {article.pk} if article else set()
        yield _judged(row, article)
    for article in (*live, *waiting):
        if article.external_ref not in seen and article.pk not in still:  # not even under another name
            where = f"{article.slug} (version {article.version})" if article.version else article.slug
            yield (
                Outcome.GONE,
                Found(article.external_ref, where, {"title": article.title, "slug": article.slug}),
                "",
            )


def unpublished(articles: QuerySet[Article]) -> QuerySet[Article]:
    """Those that an import proposed and nobody has published or edited yet."""
    proposed = Change.objects.filter(
        article=OuterRef("pk"), status=Change.Status.OPEN, origin=Change.Origin.IMPORT, edited_by=[]
    )
    return articles.filter(Exists(proposed), version=0)


def _by_slug(slugs: Iterable[str]) -> dict[str, Article]:
    wanted = list(slugs)
    found: dict[str, Article] = {}
    for start in range(0, len(wanted), 500):
        some = Article.objects.filter(slug__in=wanted[start : start + 500]).select_related("current", "owner")
        found |= {row.slug: row for row in some}
    return found


def _judged(row: Found, article: Article | None) -> Judged:
    """article: the one here that it would become."""
    if row.problem:
        return Outcome.ERROR, row, row.text
    if article is None or (not article.version and not article.source_hash):
        return Outcome.NEW, row, ""
    if article.source_hash == source_hash(row.values):
        return Outcome.UNCHANGED, row, ""
    if article.version and not fields.difference(article, row.values):
        return Outcome.UNCHANGED, row, ""
    return (Outcome.CHANGED if article.version else Outcome.NEW), row, ""


def _saved_replies(run: ImportRun, rows: list[Found]) -> Iterator[Judged]:
    known = {reply.external_id: reply for reply in SavedReply.objects.filter(source=run.account)}
    codes = dict(SavedReply.objects.exclude(source=run.account).values_list("code", "pk"))
    for row in rows:
        reply = known.get(int(row.ref)) if not row.problem else None
        if row.problem:
            yield Outcome.ERROR, row, row.text
        elif row.values["code"] in codes:
            yield Outcome.ERROR, row, f"{row.where}: {texts.TAKEN_CODE}"
        elif reply is None:
            yield Outcome.NEW, row, ""
        else:
            same = (reply.code, reply.text) == (row.values["code"], row.values["text"])
            yield (Outcome.UNCHANGED if same else Outcome.CHANGED), row, ""
