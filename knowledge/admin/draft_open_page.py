"""The requests of a draft's open page while a person reads or types: is it up to date, keep this text, show me more."""

import json
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

from django.contrib.auth.models import User
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from webhooks.accounts import access
from webhooks.database import clock

from ..learning import edits
from ..models import Draft, DraftEvent
from ..replies import decisions, insertions, message_digests, proposals
from ..replies.states import Refused
from . import (
    desk_links,
    draft_attachments,
    draft_autosave,
    draft_evidence,
    draft_form,
    draft_presence,
    send_tries,
)

S = Draft.Status
STOP_POLLING = 286  # htmx's own status: stop polling
MOST_TEXTS = 30  # differences in one audit


def state(model_admin: Any, request: HttpRequest, object_id: int) -> HttpResponse:
    """204 while the page is up to date; else a reload, or a notice if the person may be typing."""
    draft, seen = model_admin.find(request, object_id), request.GET
    was_live, me = seen.get("status") in decisions.LIVE, access.person(request)
    if draft.status in decisions.LIVE:
        draft_presence.note(draft, by=me, now=clock.now())
    same = seen.get("status") == draft.status and seen.get("revision") == str(draft.revision)
    taken = seen.get("mine") == "1" and draft_presence.is_anothers(draft, me, clock.now())
    if same and not taken:
        return _with_readers(HttpResponse(status=204), draft, me)
    if not was_live:
        return HttpResponse(headers={"HX-Refresh": "true"})
    suffix = desk_links.suffix(request)
    conversation, last = draft.conversation, draft_form.number(seen.get("seen")) or 0
    said = Q(message_id__gt=last)
    if message_digests.change(draft):  # shown as it reads now
        said |= Q(message_id__in=list(map(int, draft.message_digests)))
    public = conversation.messages.filter(said, private=False).exclude(kind="activity")
    return render(
        request, "knowledge/newer.html", status=STOP_POLLING, context={
            "draft": draft, "conversation": conversation, "live": draft.status in decisions.LIVE, "taken": taken,
            "taken_for": _taken_for(draft) if taken else "", "fresh_url": _fresh_url(model_admin, draft, suffix),
            "newer": public.order_by("created_at", "message_id")[:20],
            "carries": draft.status == S.STALE and proposals.can_carry_over(draft, conversation),
            # Beside it, in a frame too.
            "carry_over_url": request.path.removesuffix("state/") + "carry-over/" + suffix,
            "redraft_url": request.path.removesuffix("state/") + "redraft/" + suffix,
        },
    )  # fmt: skip


def _fresh_url(model_admin: Any, draft: Draft, suffix: str) -> str:
    """Of the draft that took its place. Empty without one."""
    fresh = (
        draft.conversation.drafts.filter(status__in=decisions.LIVE, pk__gt=draft.pk).order_by("-pk").first()
    )
    return model_admin.url("change", fresh.pk) + suffix if fresh and draft.status == S.WITHDRAWN else ""


def _with_readers(response: HttpResponse, draft: Draft, me: User) -> HttpResponse:
    """htmx turns the header into an event: the page names who else views it, without a swap that would take the focus."""
    others = draft_presence.others(draft, than=me, now=clock.now()) if draft.status in decisions.LIVE else []
    response["HX-Trigger"] = json.dumps({"readers": {"text": draft_presence.said(others)}})
    return response


def _taken_for(draft: Draft) -> str:
    last = draft.events.filter(action="taken over").order_by("-pk").first()
    return last.detail.partition(": ")[2] if last else ""


def tries(model_admin: Any, request: HttpRequest, object_id: int) -> HttpResponse:
    draft = model_admin.find(request, object_id)
    return render(request, "knowledge/send_tries.html", {"draft": draft, "tries": send_tries.of(draft)})


def save(model_admin: Any, request: HttpRequest, object_id: int) -> HttpResponse:
    """Autosave, after each pause in typing. Returns a CSRF token for the form, in case the person signed in again."""
    draft, sent, now = model_admin.find(request, object_id), request.POST, clock.now()
    text = draft_form.same_breaks(sent.get("text", ""), draft.body)
    if len(text) > draft_autosave.MOST:
        return JsonResponse({"detail": _("This text is longer than Chatwoot allows.")}, status=400)
    kept = draft_autosave.keep(
        draft, by=access.person(request), text=text, revision=draft_form.number(sent.get("revision")) or draft.revision,
        note=sent.get("note", ""), grades=draft_form.grades(sent), now=now,
    )  # fmt: skip
    at = timezone.localtime(kept.saved_at)
    return JsonResponse({"saved": f"{at:%H:%M:%S}", "holder": kept.holder, "csrf": get_token(request)})


def audit(model_admin: Any, request: HttpRequest, object_id: int) -> HttpResponse:
    """Every change of state and text: who, when, before and after. Nothing is ever removed."""
    draft = model_admin.find(request, object_id)
    events = list(draft.events.select_related("by").order_by("pk"))
    steps = list(_with_differences(events))
    facts = {"draft": draft, "steps": steps[::-1]}
    return _piece(model_admin, request, draft, "audit", facts, title=_("History of this draft"))


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
    past = {"past": draft_evidence.similar(draft, user=access.person(request))}
    return _piece(model_admin, request, draft, "similar", past, title=_("Similar approved replies"))


def _piece(
    model_admin: Any, request: HttpRequest, draft: Draft, name: str, facts: dict[str, Any], *, title: str
) -> HttpResponse:
    """A part of the draft's page: alone for the open page that asks for it, else in a page of its own."""
    template = f"knowledge/{name}.html"
    if request.headers.get("HX-Request"):
        return render(request, template, facts)
    shown: HttpResponse = model_admin.page(
        request, "knowledge/piece.html", title=title, original=draft, part=template, **facts
    )
    return shown


def insert(model_admin: Any, request: HttpRequest, object_id: int) -> HttpResponse:
    """GET: articles and saved replies for ?q=, as options. POST: an article was inserted, and is cited from now on."""
    draft, user = model_admin.find(request, object_id), access.person(request)
    if request.method == "POST":
        try:
            insertions.record(draft, slug=request.POST.get("article", ""), by=user, now=clock.now())
        except Refused as error:
            return JsonResponse({"detail": error.detail}, status=409)
        return HttpResponse(status=204)
    found = insertions.search(draft, request.GET.get("q", "")[:200], user=user, now=clock.now())
    return render(request, "knowledge/insertable.html", {"options": found})


def undoable(model_admin: Any, request: HttpRequest) -> HttpResponse:
    """This person's approvals that can still be undone, as a toast on every admin page."""
    model_admin.require(request, "drafts")
    now = clock.now()
    mine = model_admin.get_queryset(request).filter(
        decided_by=request.user, status=S.APPROVED, send_after__gt=now
    )
    here = draft_form.number(request.GET.get("except")) or 0
    drafts = mine.exclude(pk=here).order_by("send_after")
    return (
        render(request, "knowledge/undoable.html", {"drafts": drafts, "suffix": desk_links.suffix(request)})
        if drafts
        else HttpResponse(status=204)
    )


REQUESTS: dict[str, Callable[..., HttpResponse]] = {
    "state": state, "tries": tries, "autosave": save, "audit": audit, "similar": similar, "insert": insert,
    "file": draft_attachments.serve,
}  # fmt: skip
