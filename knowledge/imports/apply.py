"""What an import does with one article: it proposes an open change. Saved replies are written at once."""

from datetime import datetime

from ..articles import changes, fields
from ..models import Article, Change, ImportItem, ImportRun, SavedReply
from . import compare

K, Outcome = Change.Kind, ImportItem.Outcome


def apply(item: ImportItem, run: ImportRun, *, now: datetime) -> None:
    """Notes what was refused; nothing is lost and the run goes on."""
    try:
        if run.kind == ImportRun.Kind.SAVED_REPLIES:
            _save_reply(item, run)
        elif item.outcome == Outcome.GONE:
            item.change = _withdraw(item, run, now=now)
        else:
            item.change = _propose(item, run, now=now)
    except (changes.Refused, fields.Invalid) as error:
        item.outcome, item.note = Outcome.ERROR, str(error)[:500]
    item.done, item.found = True, {}
    item.save(update_fields=["outcome", "note", "change", "done", "found"])


def _propose(item: ImportItem, run: ImportRun, *, now: datetime) -> Change:
    source, values = compare.source_of(run), item.found
    article = Article.objects.filter(source=source, external_ref=item.ref).first()
    article = article or Article.objects.filter(slug=values["slug"]).first()
    grounds = {"origin": Change.Origin.IMPORT, "by": run.by, "now": now, "note": f"Imported: {run}."[:500]}
    wanted = values | (
        {"inboxes": sorted(run.inboxes.values_list("pk", flat=True))} if article is None else {}
    )
    if article is None:
        change = changes.propose(None, wanted, kind=K.NEW, **grounds)
    else:
        change = changes.propose(article, wanted, kind=K.EDIT if article.version else K.NEW, **grounds)
    found = {"source_hash": compare.source_hash(values)}
    if change.article.source in ("", source):
        found |= {"source": source, "external_ref": item.ref}
    Article.objects.filter(pk=change.article_id).update(**found)
    return change


def _withdraw(item: ImportItem, run: ImportRun, *, now: datetime) -> Change | None:
    article = Article.objects.filter(source=compare.source_of(run), external_ref=item.ref).first()
    if article is None:
        return None
    return changes.propose(
        article, {}, kind=K.WITHDRAW, origin=Change.Origin.IMPORT, by=run.by, now=now,
        note=f"No longer there: {run}."[:500],
    )  # fmt: skip


def _save_reply(item: ImportItem, run: ImportRun) -> None:
    if item.outcome in (Outcome.NEW, Outcome.CHANGED):
        SavedReply.objects.update_or_create(
            source=run.account, external_id=int(item.ref), defaults=item.found
        )
