"""One escalation: the conversation, what was said about it, and what its owner can do. Each button is one POST and one verb."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import URLPattern, path
from django.utils.translation import gettext as _

from webhooks.accounts import access
from webhooks.database import clock

from ..models import Draft, Escalation
from ..replies import escalation_steps, escalations
from ..replies.states import Refused
from . import conversations
from .draft_form import number

Act = Callable[[Escalation, QueryDict, User, datetime], str]
OPEN_DRAFTS = (Draft.Status.PROPOSED, Draft.Status.SECOND_LOOK)


def _comment(row: Escalation, sent: QueryDict, by: User, now: datetime) -> str:
    escalation_steps.comment(row, by=by, text=sent.get("text", ""), now=now)
    return _("Comment added.")


def _reassign(row: Escalation, sent: QueryDict, by: User, now: datetime) -> str:
    owner = escalations.owners(row.conversation).filter(pk=number(sent.get("owner")) or 0).first()
    escalation_steps.reassign(row, owner=owner, by=by, text=sent.get("text", ""), now=now)
    return _("Reassigned to %(owner)s, who is notified.") % {"owner": owner}


def _give_back(row: Escalation, sent: QueryDict, by: User, now: datetime) -> str:
    escalation_steps.give_back(row, by=by, text=sent.get("text", ""), now=now)
    return _("Returned to %(owner)s, who is notified.") % {"owner": row.owner}


def _close(row: Escalation, sent: QueryDict, by: User, now: datetime) -> str:
    escalations.close(row, by=by, resolution=sent.get("resolution", ""), now=now)
    return _("Closed.")


ACTIONS: dict[str, Act] = {
    "comment": _comment,
    "reassign": _reassign,
    "give-back": _give_back,
    "close": _close,
}


def urls(model_admin: Any) -> list[URLPattern]:
    """A GET after signing in again shows the page."""

    def at(verb: str) -> URLPattern:
        def view(request: HttpRequest, object_id: int) -> HttpResponse:
            return act(model_admin, request, object_id, verb)

        return path(
            f"<int:object_id>/{verb}/",
            model_admin.admin_site.admin_view(view),
            name=model_admin.url_name(verb),
        )

    return [at(verb) for verb in ACTIONS]


def act(model_admin: Any, request: HttpRequest, object_id: int, verb: str) -> HttpResponse:
    row = model_admin.find(request, object_id)
    if request.method != "POST":
        return HttpResponseRedirect(model_admin.url("change", row.pk))
    try:
        said = ACTIONS[verb](row, request.POST, access.person(request), clock.now())
    except Refused as error:
        return show(model_admin, request, model_admin.find(request, object_id), verb=verb, refused=error)
    model_admin.log_change(request, row, said)
    return model_admin.back_to(
        request, *(("changelist",) if verb == "close" else ("change", row.pk)), said=said
    )


def show(
    model_admin: Any, request: HttpRequest, row: Escalation, *, verb: str = "", refused: Refused | None = None
) -> HttpResponse:
    """verb, refused: the button that was refused; what was typed stays in its form."""
    user, about = access.person(request), row.conversation
    return model_admin.page(
        request, "knowledge/escalation.html", title=_("Escalation"), original=row, row=row, conversation=about, now=clock.now(),
        thread=conversations.thread(about, about.waiting_message),
        draft=about.drafts.filter(status__in=OPEN_DRAFTS).order_by("-pk").first(),
        steps=row.steps.select_related("by", "owner").order_by("pk"),
        may_act=not row.closed_at and escalation_steps.may_act(row, user),
        can_give_back=escalation_steps.can_give_back(row), owners=escalations.owners(about).exclude(pk=row.owner_id),
        verb=verb, refused=refused, typed=(request.POST.get("text") or request.POST.get("resolution", "")) if refused else "",
        urls={name.replace("-", "_"): model_admin.url(name, row.pk) for name in ACTIONS},
        status=conversations.STATUS_OF.get(refused.code, 409) if refused else 200,
    )  # fmt: skip
