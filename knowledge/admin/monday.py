"""The Lead's Monday: open changes and gaps on one page, by the customers they would help, each decided in place."""

from typing import Any

from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from webhooks.accounts import access
from webhooks.database import clock
from webhooks.models import Conversation

from ..articles import changes, evidence, fields, proposal
from ..articles.probe_gate import CODES
from ..learning import lesson_changes, review
from ..models import Article, Change, ChangeEvidence, Gap
from .change_differences import differences, is_own
from .draft_form import number
from .gaps import cards

MOST, MOST_EVIDENCE, MOST_GAPS = 10, 50, 5
PAGE = "admin:knowledge_change_monday"
EDITABLE = frozenset(Change.Kind) - {Change.Kind.WITHDRAW, Change.Kind.QUESTIONS}  # those with texts
REASON = "reason_required"  # probes are lost: the person says here why that is right


def show(
    admin: Any, request: HttpRequest, *, trouble: str = "", about: int | None = None, text: str = "", code: str = "",
    saved: bool = False,
) -> HttpResponse:  # fmt: skip
    """about, code: the change that was refused, and why. text: what was written and is not saved. saved: the edit stands."""
    admin.require(request, "articles")
    user, now = access.person(request), clock.now()
    found, gaps = review.open_changes(user), review.open_gaps(user)
    rows = [_row(admin, change, user, text if change.pk == about else "") for change in found[:MOST]]
    return admin.page(
        request, "knowledge/monday.html", title=_("Changes"), rows=rows, remain=found.count(), gaps_remain=gaps.count(),
        most=MOST, gaps=cards(gaps[:MOST_GAPS], user), may=access.may(user, "edit_articles"), trouble=trouble,
        about=about, kept=bool(text), saved=saved, asks_why=about if code == REASON else None,
        list_url=admin.url("changelist") + "?status__exact=OPEN", gaps_url=reverse("admin:knowledge_gap_changelist"), now=now,
        status=409 if trouble else 200,
    )  # fmt: skip


def decisions(change: Change, user: User) -> list[ChangeEvidence]:
    """Newest first, for those who may open the decisions of others."""
    return list(evidence.visible(change, user)[:MOST_EVIDENCE]) if access.may(user, "learning") else []


def _hidden(change: Change, user: User, shown: int) -> int:
    """Of inboxes that this person does not see."""
    if not access.may(user, "learning"):
        return 0
    theirs = evidence.visible(change, user).count() if shown == MOST_EVIDENCE else shown
    return max(change.evidence.count() - theirs, 0)


def _row(admin: Any, change: Change, user: Any, text: str) -> dict[str, Any]:
    texts, facts = differences(change)
    seen = decisions(change, user)
    return {
        "change": change, "texts": texts, "facts": facts, "decisions": seen,
        "hidden": _hidden(change, user, len(seen)), "second": is_own(change, user),
        "moved": change.base_version != change.article.version, "url": admin.url("change", change.pk),
        "body": text or change.proposed.get("body", change.article.body), "editable": change.kind in EDITABLE,
        "unwritten": change.kind in proposal.CREATES and not change.proposed.get("body"),
        "before": evidence.dismissed_before(change),
        "conversations": _conversations(change, user) if change.origin == Change.Origin.GAP else [],
    }  # fmt: skip


def _conversations(change: Change, user: Any) -> list[Conversation]:
    """Of the gap that it fills."""
    gap = Gap.objects.filter(change=change).first()
    return cards([gap], user)[0]["conversations"] if gap else []


def decide(admin: Any, request: HttpRequest, object_id: int) -> HttpResponse:
    """Approve, edit and approve, or dismiss; back to what remains."""
    admin.require(request, "edit_articles")
    change, by, now, text = (
        admin.find(request, object_id),
        access.person(request),
        clock.now(),
        request.POST.get("body", ""),
    )
    base = number(request.POST.get("base_version"))
    seen = -1 if base is None else base
    try:
        if request.POST.get("verb") == "dismiss":
            changes.dismiss(change, by=by, reason=request.POST.get("reason", ""), now=now)
            return admin.back_to(request, "monday", said=_("Dismissed."))
        if request.POST.get("verb") == "edit":
            changes.edit(
                change, {"body": text}, by=by, base_version=seen, now=now, seen=request.POST.get("digest", "")
            )
        version = changes.approve(
            change, by=by, base_version=seen, now=now, reason=request.POST.get("reason", "")
        )
    except fields.Invalid as error:
        return show(admin, request, trouble=str(error), about=change.pk, text=text)
    except changes.Refused as error:
        verb, gated = request.POST.get("verb"), error.code in CODES
        return show(
            admin, request, trouble=error.detail, about=change.pk, text="" if gated else text,
            code=error.code if verb != "dismiss" else "", saved=gated and verb == "edit",
        )  # fmt: skip
    lesson_changes.follow(Article.objects.get(pk=change.article_id), now=now)
    return admin.back_to(
        request,
        "monday",
        said=_("Approved: %(title)s is now version %(number)s.")
        % {"title": version.title, "number": version.number},
    )
