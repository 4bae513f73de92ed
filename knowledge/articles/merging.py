"""Two articles become one: the kept one gets the text, the other is withdrawn, and its probes and questions go along."""

import hashlib
from typing import Any

from django.utils.translation import gettext as _

from ..models import Article, Change, Probe, Question
from . import fields
from .fields import Proposed
from .refusals import Refused


def named(article: Article, other: Article | None) -> dict[str, Any]:
    """The change's facts about the other article. Raises Refused."""
    if other is None or other.pk == article.pk:
        raise Refused("merge_invalid", _("Choose another article to merge into this one."))
    if Article.Status.LIVE not in (article.status, other.status) or not article.version or not other.version:
        raise Refused("merge_invalid", _("Only articles that were published can be merged."))
    if other.status != Article.Status.LIVE:
        raise Refused(
            "merge_invalid",
            _("%(title)s is not live, so there is nothing to merge.") % {"title": other.title},
        )
    if other.language != article.language:
        raise Refused(
            "merge_invalid",
            _("The two articles are in different languages. Make them translations of each other instead."),
        )
    return {"merges": other, "merges_version": other.version}


def digest(proposed: Proposed, other: Article | None) -> str:
    """Two merges with the same text are different if they withdraw different articles."""
    plain = fields.digest(proposed)
    return plain if other is None else hashlib.sha256(f"{plain}.{other.pk}".encode()).hexdigest()


def unmoved(change: Change) -> None:
    """The other article is still as it was read; held until the transaction ends. Raises Refused."""
    if change.merges_id is None:
        return
    other = Article.objects.select_for_update(of=("self",)).select_related("current").get(pk=change.merges_id)
    if other.version != change.merges_version or other.status != Article.Status.LIVE:
        raise Refused(
            "version_changed",
            _("%(title)s has changed since this merge was proposed. Check it, then edit the change.")
            % {"title": other.title},
        )
    change.merges = other


def move_along(other: Article, kept: Article) -> None:
    """What led to the other article leads to the kept one."""
    Probe.objects.filter(expected=other).update(expected=kept)
    Question.objects.filter(article=other).update(article=kept, in_search=False)
