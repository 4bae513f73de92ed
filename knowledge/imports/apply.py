"""What an import does with the articles that it found: it proposes open changes. Saved replies are written at once."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import Q

from ..articles import change_notes, changes, fields
from ..models import Article, Change, ImportItem, ImportRun, SavedReply
from . import compare

K, Outcome = Change.Kind, ImportItem.Outcome


def apply(items: Sequence[ImportItem], run: ImportRun, *, now: datetime) -> None:
    """Within a transaction. Notes what was refused; nothing else is lost by it."""
    of_replies = run.kind == ImportRun.Kind.SAVED_REPLIES
    articles = {} if of_replies else _articles(items, run)
    inboxes = sorted(run.inboxes.values_list("pk", flat=True))
    for item in items:
        try:
            if of_replies:
                _save_reply(item, run)
            else:
                item.change = _propose(item, run, articles.get(item.pk), inboxes, now=now)
        except (changes.Refused, fields.Invalid) as error:
            item.outcome, item.note = Outcome.ERROR, str(error)[:500]
        item.done, item.found = True, {}
    ImportItem.objects.bulk_update(items, ["outcome", "note", "change", "done", "found"])


def _articles(items: Sequence[ImportItem], run: ImportRun) -> dict[int, Article]:
    """Item's key → its article here: by its name at the source, else by its slug, unless that is another item's article."""
    source = compare.source_of(run)
    refs, slugs = {item.ref for item in items}, {item.found.get("slug", "") for item in items}
    known = Article.objects.filter(Q(source=source, external_ref__in=refs) | Q(slug__in=slugs))
    rows = list(known.select_related("current", "owner"))
    by_ref = {row.external_ref: row for row in rows if row.source == source}
    others = set(
        run.items.filter(ref__in=[row.external_ref for row in rows]).exclude(outcome=Outcome.GONE).values_list("ref", flat=True)
    )  # fmt: skip
    by_slug = {row.slug: row for row in rows if row.source != source or row.external_ref not in others}
    found = {item.pk: by_ref.get(item.ref) or by_slug.get(item.found.get("slug", "")) for item in items}
    return {key: article for key, article in found.items() if article}


def _propose(
    item: ImportItem, run: ImportRun, article: Article | None, inboxes: list[int], *, now: datetime
) -> Change:
    facts: dict[str, Any] = {"origin": Change.Origin.IMPORT, "by": run.by, "now": now}
    if item.outcome == Outcome.GONE and article and not article.version:
        return _taken_back(article, run, now=now)
    if item.outcome == Outcome.GONE:
        return changes.propose(
            article, {}, kind=K.WITHDRAW, note=change_notes.NO_LONGER_THERE % {"run": run}, **facts
        )
    values, kind = item.found, K.EDIT if article and article.version else K.NEW
    wanted = values | ({"inboxes": inboxes} if inboxes and article is None else {})
    change = changes.propose(article, wanted, kind=kind, note=change_notes.IMPORTED % {"run": run}, **facts)
    source, found = compare.source_of(run), {"source_hash": compare.source_hash(values)}
    if change.article.source in ("", source):
        found |= {"source": source, "external_ref": item.ref}
    Article.objects.filter(pk=change.article_id).update(**found)
    return change


def _taken_back(article: Article, run: ImportRun, *, now: datetime) -> Change:
    """What nobody published or edited goes with its source. If it comes back there, it is proposed again."""
    change = article.changes.filter(
        origin=Change.Origin.IMPORT, status=Change.Status.OPEN, edited_by=[]
    ).latest("pk")
    changes.retire(change, Change.Status.EXPIRED, now=now, reason=change_notes.NO_LONGER_THERE % {"run": run})
    Article.objects.filter(pk=article.pk).update(source_hash="")
    return change


def _save_reply(item: ImportItem, run: ImportRun) -> None:
    if item.outcome in (Outcome.NEW, Outcome.CHANGED):
        SavedReply.objects.update_or_create(
            source=run.account, external_id=int(item.ref), defaults=item.found
        )
