"""What a change proposes: the fields that differ, from which version, and whether a second person approves it."""

from datetime import datetime

from django.utils.translation import gettext as _

from ..models import Article, Change
from . import fields
from .fields import Proposed
from .refusals import NOT_LIVE, SAME, TAKEN, Refused, moved

K, O, S = Change.Kind, Change.Origin, Change.Status  # noqa: E741
CREATES = (K.NEW, K.TRANSLATION)
BY_PROGRAMS = (O.SERVICE, O.MODEL)


def reserved(wanted: Proposed, *, now: datetime) -> Article:
    """A row without a version, so that the slug is taken. One whose proposal was dismissed is used again."""
    slug = wanted["slug"]
    article, created = Article.objects.get_or_create(
        slug=slug, defaults={"language": wanted.get("language", "en"), "updated_at": now}
    )
    if not created and (
        article.version
        or article.changes.filter(status=S.OPEN).exclude(digest=fields.digest(_new(wanted))).exists()
    ):
        raise Refused("slug_taken", _(TAKEN) % {"slug": slug})
    return article


def show(article: Article, proposed: Proposed) -> None:
    """Before its first version, an article is seen in the inboxes that its proposal names."""
    if not article.version:
        article.inboxes.set(proposed.get("inboxes", ()))


def of(article: Article, wanted: Proposed, *, kind: str) -> Proposed:
    if kind in (K.WITHDRAW, K.QUESTIONS):
        if article.status != Article.Status.LIVE:
            raise Refused("unchanged", _(NOT_LIVE))
        return {}
    if not article.version:  # what it becomes is all in its proposal
        return _new(wanted) if kind in CREATES else _new(fields.of(article) | wanted)
    proposed = fields.difference(article, wanted)
    if not proposed and article.status == Article.Status.LIVE and kind != K.MERGE:
        raise Refused("unchanged", _(SAME))
    return proposed


def _new(wanted: Proposed) -> Proposed:
    return {"language": "en", **{name: value for name, value in wanted.items() if name != "slug"}}


def needs_second_person(
    article: Article, proposed: Proposed, origin: str, merges: Article | None = None
) -> bool:
    is_policy = article.is_policy or bool(merges and merges.is_policy)
    return origin in BY_PROGRAMS or is_policy or bool(proposed.get("is_policy"))


def check_base(article: Article, named: int | None) -> None:
    if named is not None and named != article.version:
        raise moved(article.version)
