"""What an open page asks for while somebody reads or types: news, autosave, audit, similar replies, what can be undone."""

from collections.abc import Iterator
from functools import partial
from itertools import pairwise
from typing import Any

from django.db.models import Q
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from webhooks.accounts import access

from ..learning import edits
from ..models import Draft, DraftEvent
from ..replies import asked, decisions, proposals
from . import draft_autosave, draft_evidence, draft_form, draft_page
from .draft_actions import ACTS

S = Draft.Status
STOP_POLLING = 286  # htmx's own: this was the last of the news
MOST_TEXTS = 30  # differences in one audit


def urls(model_admin: Any) -> list[URLPattern]:
    """Below the list of drafts in the admin."""
    view, name = model_admin.admin_site.admin_view, model_admin.url_name
    ones = {"state": state, "autosave": save, "audit": audit, "similar": similar}
    pages = {page: partial(answer, model_admin) for page, answer in ones.items()}
    pages["autosave"] = require_POST(pages["autosave"])
    verbs = {verb: partial(draft_page.act, model_admin, verb=verb) for verb in ACTS}
    return [
        path("undoable/", view(partial(undoable, model_admin)), name=name("undoable")),
        *(
            path(f"<int:object_id>/{page}/", view(answer), name=name(page))
            for page, answer in (pages | verbs).items()
        ),
    ]


def state(model_admin: Any, request: HttpRequest, object_id: int) -> HttpResponse:
    """204 while what the page shows is true; else a reload, or a notice where somebody types."""
    draft, seen = model_admin.find(request, object_id), request.GET
    was_live, me = seen.get("status") in decisions.LIVE, access.person(request)
    same = seen.get("status") == draft.status and seen.get("revision") == str(draft.revision)
    taken = seen.get("mine") == "1" and draft_page.is_anothers(draft, me, timezone.now())
    if same and not taken:
        return HttpResponse(status=204)
    if not was_live:
        return HttpResponse(headers={"HX-Refresh": "true"})
    conversation, last = draft.conversation, draft_form.number(seen.get("seen")) or 0
    said = Q(message_id__gt=last)
    if asked.change(draft):  # shown as it reads now
        said |= Q(message_id__in=list(map(int, draft.asked)))
    public = conversation.messages.filter(said, private=False).exclude(kind="activity")
    return render(
        request, "knowledge/newer.html", status=STOP_POLLING, context={
            "draft": draft, "conversation": conversation, "live": draft.status in decisions.LIVE, "taken": taken,
            "taken_for": _taken_for(draft) if taken else "",
            "newer": public.order_by("created_at", "message_id")[:20],
            "carries": draft.status == S.STALE and proposals.can_carry_over(draft, conversation),
            "carry_over_url": reverse("admin:knowledge_draft_carry-over", args=[draft.pk]),
            "redraft_url": reverse("admin:knowledge_draft_redraft", args=[draft.pk]),
        },
    )  # fmt: skip


def _taken_for(draft: Draft) -> str:
    last = draft.events.filter(action="taken over").order_by("-pk").first()
    return last.detail if last else ""


def save(model_admin: Any, request: HttpRequest, object_id: int) -> HttpResponse:
    """The editor's text, a moment after each pause. Answers with a token for the form, in case somebody signed in again."""
    draft, sent, now = model_admin.find(request, object_id), request.POST, timezone.now()
    text = draft_form.same_breaks(sent.get("text", ""), draft.body)
    if len(text) > draft_autosave.MOST:
        return JsonResponse({"detail": "This is longer than Chatwoot takes."}, status=400)
    kept = draft_autosave.keep(
        draft, by=access.person(request), text=text, revision=draft_form.number(sent.get("revision")) or draft.revision,
        note=sent.get("note", ""), grades=draft_form.grades(sent), now=now,
    )  # fmt: skip
    at = timezone.localtime(kept.saved_at)
    return JsonResponse({"saved": f"{at:%H:%M:%S}", "holder": kept.holder, "csrf": get_token(request)})


def audit(model_admin: Any, request: HttpRequest, object_id: int) -> HttpResponse:
    """Every change of state and text: who, when, before and after. Nothing is ever taken out."""
    draft = model_admin.find(request, object_id)
    events = list(draft.events.select_related("by").order_by("pk"))
    steps = list(_with_differences(events))
    return render(request, "knowledge/audit.html", {"draft": draft, "steps": steps[::-1]})


def _with_differences(events: list[DraftEvent]) -> Iterator[tuple[DraftEvent, list[edits.Piece]]]:
    texts = [event for event in events if event.text]
    changed = {
        after.pk: (before.text, after.text) for before, after in pairwise(texts) if before.text != after.text
    }
    shown = set(sorted(changed)[-MOST_TEXTS:])
    for event in events:
        yield event, edits.words_between(*changed[event.pk]) if event.pk in shown else []


def similar(model_admin: Any, request: HttpRequest, object_id: int) -> HttpResponse:
    draft = model_admin.find(request, object_id)
    model_admin.require(request, "decide")
    return render(
        request,
        "knowledge/similar.html",
        {"past": draft_evidence.similar(draft, user=access.person(request))},
    )


def undoable(model_admin: Any, request: HttpRequest) -> HttpResponse:
    """One's own approvals that can still be taken back: a toast on every page of the admin."""
    model_admin.require(request, "drafts")
    now = timezone.now()
    mine = model_admin.get_queryset(request).filter(
        decided_by=request.user, status=S.APPROVED, send_after__gt=now
    )
    here = draft_form.number(request.GET.get("except")) or 0
    drafts = mine.exclude(pk=here).order_by("send_after")
    return (
        render(request, "knowledge/undoable.html", {"drafts": drafts}) if drafts else HttpResponse(status=204)
    )
