"""One draft on one screen: everything to decide by, and the buttons. Each button is one POST, one verb.

A refused verb shows the same page again with everything that was typed: nobody loses a text to a lost race.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.models import User
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from webhooks import access

from . import pages, replies
from .models import Draft
from .moves import Refused

GRADES = (
    ("tone", "Tone", "1 puts the customer off · 3 correct but stiff · 5 as our best colleague would say it"),
    ("accuracy", "Accuracy", "1 wrong · 3 right, but something is missing · 5 right and complete"),
    ("policy", "Policy", "1 promises what we do not do · 3 unclear · 5 exactly what we stand for"),
)


@dataclass
class Typed:
    """What stands in the decision's form, as far as it was filled in."""

    text: str
    revision: int
    grades: dict[str, int | None] = field(default_factory=dict)
    note: str = ""
    reason: str = ""
    owner: str = ""

    @classmethod
    def of(cls, draft: Draft) -> "Typed":
        return cls(text=draft.body, revision=draft.revision)

    @classmethod
    def posted(cls, request: HttpRequest, draft: Draft) -> "Typed":
        sent = request.POST
        grades = {name: _number(sent.get(name)) for name in replies.GRADES}
        # Browsers post line breaks as CRLF, whatever the text had: a comparison must not see an edit.
        text = sent.get("text", draft.body).replace("\r\n", "\n")
        if text == draft.body.replace("\r\n", "\n"):
            text = draft.body
        return cls(
            text=text, revision=_number(sent.get("revision")) or 0, grades=grades, note=sent.get("note", "").strip(),
            reason=sent.get("reason", "").strip(), owner=sent.get("owner", ""),
        )  # fmt: skip


def _number(value: str | None) -> int | None:
    return int(value) if value and value.isascii() and value.isdigit() and len(value) < 10 else None


# What each button does. A verb answers with the draft to show next and what to say about it.
Act = Callable[[Draft, Typed, User, datetime], tuple[Draft, str]]


def _approve(draft: Draft, typed: Typed, by: User, now: datetime) -> tuple[Draft, str]:
    replies.approve(
        draft, by=by, revision=typed.revision, grades=typed.grades, now=now, text=typed.text, note=typed.note
    )  # fmt: skip
    if draft.status == Draft.Status.SECOND_LOOK:
        return draft, "Your approval is kept. A second person has to look before it is sent."
    return draft, "Approved."


def _reject(draft: Draft, typed: Typed, by: User, now: datetime) -> tuple[Draft, str]:
    replies.reject(draft, by=by, revision=typed.revision, grades=typed.grades, reason=typed.note, now=now)
    return draft, "Rejected. The customer still waits in the queue."


def _escalate(draft: Draft, typed: Typed, by: User, now: datetime) -> tuple[Draft, str]:
    owner = owners(draft).filter(pk=_number(typed.owner) or 0).first()
    row = replies.escalate(draft, by=by, reason=typed.reason, owner=owner, now=now)
    return draft, f"Escalated to {row.owner}. The draft stays as it is."


def _save(draft: Draft, typed: Typed, by: User, now: datetime) -> tuple[Draft, str]:
    replies.edit(draft, text=typed.text, by=by, revision=typed.revision, now=now)
    return draft, "Text saved."


def _plain(verb: Callable[..., None], said: str) -> Act:
    def act(draft: Draft, typed: Typed, by: User, now: datetime) -> tuple[Draft, str]:
        verb(draft, by=by, now=now)
        return draft, said

    return act


def _take_over(draft: Draft, typed: Typed, by: User, now: datetime) -> tuple[Draft, str]:
    replies.claim(draft, by=by, now=now, take_over=True)
    return draft, "It is yours for ten minutes."


def _carry_over(draft: Draft, typed: Typed, by: User, now: datetime) -> tuple[Draft, str]:
    return replies.carry_over(
        draft, by=by, now=now
    ), "Carried over: the same text now answers the newest message."


ACTS: dict[str, Act] = {
    "approve": _approve,
    "reject": _reject,
    "escalate": _escalate,
    "save": _save,
    "take-over": _take_over,
    "carry-over": _carry_over,
    "undo": _plain(replies.undo, "Taken back: nothing was sent."),
    "resend": _plain(replies.resend, "It is sent again."),
    "arrived": _plain(replies.arrived, "Marked as sent: you saw it in Chatwoot."),
    "close": _plain(replies.close, "Left. It is not sent; the customer keeps the place in the queue."),
}


def act(model_admin: Any, request: HttpRequest, object_id: int, verb: str) -> HttpResponse:
    draft = model_admin.find(request, object_id)
    typed = Typed.posted(request, draft)
    try:
        shown, said = ACTS[verb](draft, typed, access.person(request), timezone.now())
    except Refused as error:
        fresh = model_admin.find(request, object_id)
        return show(model_admin, request, fresh, typed=typed, refused=error, verb=verb)
    messages.success(request, said)
    return HttpResponseRedirect(pages.draft_url(shown))


def show(
    model_admin: Any, request: HttpRequest, draft: Draft, *, typed: Typed | None = None, refused: Refused | None = None,
    verb: str = "",
) -> HttpResponse:  # fmt: skip
    """Everything to decide by, on one screen. Opening it reserves an undecided draft for this person."""
    now, user, conversation = timezone.now(), access.person(request), draft.conversation
    live = draft.status in replies.LIVE
    if live and refused is None:
        try:
            replies.claim(draft, by=user, now=now)
        except Refused:
            pass  # somebody else has it: the page says who
    theirs = bool(
        live
        and draft.claimed_by_id not in (None, user.pk)
        and draft.claimed_until
        and draft.claimed_until > now
    )
    decided = access.may(user, "decide")
    sent = (
        conversation.messages.filter(message_id=draft.sent_message_id).first()
        if draft.sent_message_id
        else None
    )
    kept = typed or Typed.of(draft)
    if typed is None and draft.status == Draft.Status.PROPOSED and _undone_by(draft, user):
        kept.grades, kept.note = {name: getattr(draft, name) for name in replies.GRADES}, draft.note
    grades = [
        {
            "name": name,
            "label": label,
            "rubric": rubric,
            "value": kept.grades.get(name),
            "missing": _lacks(refused, kept, name),
        }
        for name, label, rubric in GRADES
    ]
    return model_admin.page(
        request, "knowledge/draft.html", title=pages.title_of(conversation), draft=draft, conversation=conversation,
        thread=pages.thread(conversation, draft.in_reply_to), live=live, typed=kept, grades=grades, refused=refused,
        overwritten=bool(refused and refused.code == "revision_changed" and kept.text != draft.body),
        unsent=bool(refused and not live and kept.text.strip() != draft.approved_text.strip()), theirs=theirs,
        may_decide=decided, may_approve=replies.may_approve(draft, by=user),
        owners=owners(draft) if decided and live else [],
        sent=sent, waits=conversation.waiting_message_id is not None,
        urls={name.replace("-", "_"): reverse(f"admin:knowledge_draft_{name}", args=[draft.pk]) for name in ACTS},
        state_url=reverse("admin:knowledge_draft_state", args=[draft.pk]),
        events=draft.events.select_related("by").order_by("-pk"),
        escalations=conversation.escalations.filter(closed_at=None).select_related("owner", "raised_by"), verb=verb,
        status=pages.STATUS_OF.get(refused.code, 409) if refused else 200, now=now,
    )  # fmt: skip


def _undone_by(draft: Draft, user: User) -> bool:
    last = draft.events.order_by("-pk").first()
    return bool(last and last.action == "undone" and last.by_id == user.pk)


def _lacks(refused: Refused | None, typed: Typed, name: str) -> bool:
    return bool(refused and refused.code == "grades_required" and not typed.grades.get(name))


def owners(draft: Draft) -> Any:
    """Who can be given an escalation: those who decide, and see this inbox."""
    sees = (
        Q(membership__all_inboxes=True)
        | Q(membership__inboxes=draft.conversation.inbox_id)
        | Q(is_superuser=True)
    )
    decides = Q(groups__name__in=access.RIGHTS["decide"]) | Q(is_superuser=True)
    return User.objects.filter(sees & decides, is_active=True).distinct().order_by("username")


def state(request: HttpRequest, draft: Draft) -> HttpResponse:
    """Asked by an open page: 204 while what it shows is true, else a reload, or a notice where somebody types."""
    unchanged = request.GET.get("status") == draft.status and request.GET.get("revision") == str(
        draft.revision
    )
    if unchanged:
        return HttpResponse(status=204)
    if request.GET.get("status") in replies.LIVE:
        return render(request, "knowledge/newer.html", {"draft": draft, "live": draft.status in replies.LIVE})
    return HttpResponse(headers={"HX-Refresh": "true"})
