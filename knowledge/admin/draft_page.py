"""A draft's page: everything needed to decide, the buttons, and the requests of an open page while a person reads or types.

Each button is one POST and one verb (draft_actions.py). A refused verb shows the page again with everything that was typed,
so that a lost race loses no text.
"""

from collections.abc import Iterator
from datetime import datetime
from functools import partial
from itertools import pairwise
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.models import User
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from webhooks.accounts import access
from webhooks.database import clock

from .. import inbox_settings
from ..calendars import deadlines, inbox_calendars
from ..drafting import article_choice, redrafting
from ..learning import edits
from ..models import Draft, DraftEvent
from ..replies import decisions, insertions, message_digests, proposals, reply_windows
from ..replies.states import Refused
from . import (
    contact_strip,
    conversations,
    draft_actions,
    draft_autosave,
    draft_evidence,
    draft_form,
    draft_presence,
    escalation_form,
    queue_next,
    send_tries,
)
from .draft_form import Typed

GRADES = (
    ("tone", "Tone", "1 puts the customer off · 3 correct but stiff · 5 as our best agent would write it"),
    ("accuracy", "Accuracy", "1 wrong · 3 right, but something is missing · 5 right and complete"),
    ("policy", "Policy", "1 breaks our policy · 3 unclear · 5 exactly our policy"),
)
STATUS_OF = conversations.STATUS_OF | {"meant": 400, "recipients": 400, "then": 400}
Facts = dict[str, Any]
S = Draft.Status
STOP_POLLING = 286  # htmx's own status: stop polling
MOST_TEXTS = 30  # differences in one audit


def urls(model_admin: Any) -> list[URLPattern]:
    """Below the list of drafts in the admin."""
    view, name = model_admin.admin_site.admin_view, model_admin.url_name
    ones = {
        "state": state, "tries": tries, "autosave": save, "audit": audit, "similar": similar, "insert": insert,
    }  # fmt: skip
    pages = {page: partial(answer, model_admin) for page, answer in ones.items()}
    pages["autosave"] = require_POST(pages["autosave"])
    verbs = {verb: partial(act, model_admin, verb=verb) for verb in draft_actions.ACTIONS}
    return [
        path("undoable/", view(partial(undoable, model_admin)), name=name("undoable")),
        *(
            path(f"<int:object_id>/{page}/", view(answer), name=name(page))
            for page, answer in (pages | verbs).items()
        ),
    ]


def act(model_admin: Any, request: HttpRequest, object_id: int, verb: str) -> HttpResponse:
    draft = model_admin.find(request, object_id)
    if (
        request.method != "POST"
    ):  # a person who had to sign in first returns by GET; the text is kept on the page
        return HttpResponseRedirect(conversations.draft_url(draft))
    typed = Typed.posted(request.POST, draft)
    try:
        shown, said = draft_actions.run(verb, draft, typed, by=access.person(request), now=clock.now())
    except Refused as error:
        fresh = model_admin.find(request, object_id)
        return show(model_admin, request, fresh, typed=typed, refused=error, verb=verb)
    if said:
        messages.success(request, said)
    if verb == "reject" and said:
        return queue_next.lead_on(request, but=draft.conversation_id)
    return HttpResponseRedirect(conversations.draft_url(shown))


def show(
    model_admin: Any, request: HttpRequest, draft: Draft, *, typed: Typed | None = None, refused: Refused | None = None,
    verb: str = "",
) -> HttpResponse:  # fmt: skip
    """Everything needed to decide, on one screen. Opening it changes nothing: the first edit, grade or “Take the next” claims."""
    now, user = clock.now(), access.person(request)
    live = draft.status in decisions.LIVE
    if live:
        draft_presence.note(draft, by=user, now=now)
    unsaved = draft_autosave.found(draft, by=user) if typed is None else None
    kept = typed or _kept(draft, user, unsaved if live else None)
    return model_admin.page(
        request, "knowledge/draft.html", title=conversations.title_of(draft.conversation), draft=draft,
        conversation=draft.conversation, live=live, typed=kept, refused=refused, verb=verb, unsaved=unsaved,
        overwritten=bool(live and kept.revision != draft.revision and kept.text != draft.body),
        unsent=_unsent(draft, unsaved.text if unsaved else kept.text if refused else "", live=live),
        theirs=is_anothers(draft, user, now), now=now,
        readers=draft_presence.others(draft, than=user, now=now) if live else [],
        status=STATUS_OF.get(refused.code, 409) if refused else 200,
        **_facts(draft, user, now), **_deciding(draft, user, kept, refused), **_addresses(draft),
    )  # fmt: skip


def is_anothers(draft: Draft, user: User, now: datetime) -> bool:
    held = draft.claimed_by_id not in (None, user.pk) and draft.claimed_until and draft.claimed_until > now
    return bool(held and draft.status in decisions.LIVE)


def _kept(draft: Draft, user: User, unsaved: Any) -> Typed:
    """The unsaved text; else, after this person's own undo, the decision as it was; else the draft."""
    if unsaved:
        return Typed.kept(draft, unsaved)
    typed = Typed.of(draft)
    if draft.status == Draft.Status.PROPOSED and _undone_by(draft, user):
        typed.grades, typed.note = {name: getattr(draft, name) for name in decisions.GRADES}, draft.note
    return typed


def _undone_by(draft: Draft, user: User) -> bool:
    last = draft.events.order_by("-pk").first()
    return bool(last and last.action == "undone" and last.by_id == user.pk)


def _unsent(draft: Draft, text: str, *, live: bool) -> str:
    """This person's text, if the draft was decided without it."""
    known = {draft.approved_text.strip(), draft.body.strip(), ""}
    return "" if live or text.strip() in known else text


def _facts(draft: Draft, user: User, now: datetime) -> Facts:
    """What the page shows: the conversation, the customer, the deadlines, the evidence and the outcome."""
    conversation, live = draft.conversation, draft.status in decisions.LIVE
    calendars = inbox_calendars.in_force()
    waits = conversation.waiting_message_id is not None
    newest = (
        conversation.messages.filter(is_customer_message=True).order_by("-created_at", "-message_id").first()
    )
    after = conversation.drafts.filter(
        pk__gt=draft.pk, status__in=[*decisions.LIVE, "APPROVED", "SENDING", "PARKED"]
    )
    changed = draft.approved_text not in ("", draft.proposed_text)
    return {
        "thread": conversations.thread(conversation, draft.in_reply_to),
        "newest": newest,
        "strip": contact_strip.strip(conversation, user=user),
        "reply_due_at": deadlines.reply_due_at(conversation, calendars=calendars, now=now) if waits else None,
        "review_due_at": deadlines.review_due_at(draft, conversation, calendars=calendars) if live else None,
        "window_closes_at": reply_windows.closes_at(conversation),
        "window_closed": "" if conversation.can_reply else reply_windows.closed(conversation),
        "window_trouble": reply_windows.trouble(conversation, now=now) if live else "",
        "evidence": draft_evidence.cited(draft),
        "changes": edits.words_between(draft.proposed_text, draft.approved_text) if changed else [],
        "sent": conversation.messages.filter(message_id=draft.sent_message_id or 0).first(),
        "waits": waits,
        "carries": draft.status == Draft.Status.STALE and proposals.can_carry_over(draft, conversation),
        "newer_draft": None if live else after.order_by("-pk").first(),
        "by_model": bool(settings.DRAFTER_URL),
        "choices": article_choice.choices(draft, now=now)
        if draft.status == S.PROPOSED and not settings.DRAFTER_URL
        else None,
        "redrafting": redrafting.is_under_way(draft, now=now),
        "redraft_failed": redrafting.last_failure(draft) if live else "",
        "escalations": conversation.escalations.filter(closed_at=None).select_related("owner", "raised_by"),
        "happened": draft.events.count(),
        "tries": send_tries.of(draft),
    }


def _deciding(draft: Draft, user: User, kept: Typed, refused: Refused | None) -> Facts:
    """What this person may do, and the form as filled in so far."""
    decides, live = access.may(user, "decide"), draft.status in decisions.LIVE
    wanted = edits.grades_wanted(
        draft.pk, setting=inbox_settings.of(draft.conversation.inbox_id).grading, rejected=False, flagged=bool(draft.risk),
        edited=draft.body != draft.proposed_text,
    )  # fmt: skip
    return {
        "may_decide": decides, "may_approve": decisions.may_approve(draft, by=user), "grades_wanted": wanted,
        "grades": list(_grades(kept, refused)),
        "escalation": _escalation(draft, user, kept, refused) if decides and live else None,
        "is_mail": "to" in draft.recipients,
        "to": ", ".join(draft.recipients.get("to", []) if kept.to is None else kept.to),
        "cc": ", ".join(draft.recipients.get("cc", []) if kept.cc is None else kept.cc),
        "wrong": list(_wrong(kept, refused)),
    }  # fmt: skip


def _escalation(draft: Draft, user: User, kept: Typed, refused: Refused | None) -> Facts:
    return escalation_form.fields(draft.conversation, user, typed=vars(kept) if refused else {})


def _grades(typed: Typed, refused: Refused | None) -> Iterator[Facts]:
    required = refused is not None and refused.code == "grades_required"
    for name, label, rubric in GRADES:
        value = typed.grades.get(name)
        yield {
            "name": name,
            "label": label,
            "rubric": rubric,
            "value": value,
            "missing": required and not value,
        }


def _wrong(typed: Typed, refused: Refused | None) -> Iterator[str]:
    """The address fields that a refusal is about: those with an address that it names, or else To."""
    if refused is None or refused.code != "recipients":
        return
    fields = {"to": typed.to or [], "cc": typed.cc or []}
    named = [
        field for field, addresses in fields.items() if any(one[:80] in refused.detail for one in addresses)
    ]
    yield from named or ["to"]


def _addresses(draft: Draft) -> Facts:
    def at(page: str) -> str:
        return reverse(f"admin:knowledge_draft_{page}", args=[draft.pk])

    return {
        "urls": {name.replace("-", "_"): at(name) for name in draft_actions.ACTIONS},
        "page_url": conversations.draft_url(draft),
        "state_url": at("state"),
        "tries_url": at("tries"),
        "autosave_url": at("autosave"),
        "audit_url": at("audit"),
        "similar_url": at("similar"),
        "insert_url": at("insert"),
    }


# Requests of an open page


def state(model_admin: Any, request: HttpRequest, object_id: int) -> HttpResponse:
    """204 while the page is up to date; else a reload, or a notice if the person may be typing."""
    draft, seen = model_admin.find(request, object_id), request.GET
    was_live, me = seen.get("status") in decisions.LIVE, access.person(request)
    if draft.status in decisions.LIVE:
        draft_presence.note(draft, by=me, now=clock.now())
    same = seen.get("status") == draft.status and seen.get("revision") == str(draft.revision)
    taken = seen.get("mine") == "1" and is_anothers(draft, me, clock.now())
    if same and not taken:
        return HttpResponse(status=204)
    if not was_live:
        return HttpResponse(headers={"HX-Refresh": "true"})
    conversation, last = draft.conversation, draft_form.number(seen.get("seen")) or 0
    said = Q(message_id__gt=last)
    if message_digests.change(draft):  # shown as it reads now
        said |= Q(message_id__in=list(map(int, draft.message_digests)))
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
    return last.detail.partition(": ")[2] if last else ""


def tries(model_admin: Any, request: HttpRequest, object_id: int) -> HttpResponse:
    draft = model_admin.find(request, object_id)
    return render(request, "knowledge/send_tries.html", {"draft": draft, "tries": send_tries.of(draft)})


def save(model_admin: Any, request: HttpRequest, object_id: int) -> HttpResponse:
    """Autosave, after each pause in typing. Returns a CSRF token for the form, in case the person signed in again."""
    draft, sent, now = model_admin.find(request, object_id), request.POST, clock.now()
    text = draft_form.same_breaks(sent.get("text", ""), draft.body)
    if len(text) > draft_autosave.MOST:
        return JsonResponse({"detail": "This text is longer than Chatwoot allows."}, status=400)
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
        render(request, "knowledge/undoable.html", {"drafts": drafts}) if drafts else HttpResponse(status=204)
    )
