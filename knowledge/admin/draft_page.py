"""One draft on one screen: everything to decide by, and the buttons. Each button is one POST, one verb (draft_acts.py).

A refused verb shows the same page again with everything that was typed: nobody loses a text to a lost race.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone

from webhooks.accounts import access

from .. import inbox_settings
from ..calendars import deadlines, inbox_calendars
from ..drafting import redrafting
from ..learning import edits
from ..models import Draft, Escalation
from ..replies import decisions, escalations, proposals, reply_windows
from ..replies.states import Refused
from . import contact_strip, conversation_page, draft_actions, draft_autosave, draft_evidence
from .draft_form import Typed

GRADES = (
    ("tone", "Tone", "1 puts the customer off · 3 correct but stiff · 5 as our best colleague would say it"),
    ("accuracy", "Accuracy", "1 wrong · 3 right, but something is missing · 5 right and complete"),
    ("policy", "Policy", "1 promises what we do not do · 3 unclear · 5 exactly what we stand for"),
)
STATUS_OF = conversation_page.STATUS_OF | {"meant": 400, "recipients": 400, "then": 400}
Facts = dict[str, Any]


def act(model_admin: Any, request: HttpRequest, object_id: int, verb: str) -> HttpResponse:
    draft = model_admin.find(request, object_id)
    if request.method != "POST":  # whoever had to sign in first comes back by GET: the text waits on the page
        return HttpResponseRedirect(conversation_page.draft_url(draft))
    typed = Typed.posted(request.POST, draft)
    try:
        shown, said = draft_actions.run(verb, draft, typed, by=access.person(request), now=timezone.now())
    except Refused as error:
        fresh = model_admin.find(request, object_id)
        return show(model_admin, request, fresh, typed=typed, refused=error, verb=verb)
    if said:
        messages.success(request, said)
    return HttpResponseRedirect(conversation_page.draft_url(shown))


def show(
    model_admin: Any, request: HttpRequest, draft: Draft, *, typed: Typed | None = None, refused: Refused | None = None,
    verb: str = "",
) -> HttpResponse:  # fmt: skip
    """Everything to decide by, on one screen. Opening it reserves an undecided draft for this person."""
    now, user = timezone.now(), access.person(request)
    live = draft.status in decisions.LIVE
    if live and refused is None:
        _claim(draft, user, now)
    unsaved = draft_autosave.found(draft, by=user) if typed is None else None
    kept = typed or _kept(draft, user, unsaved if live else None)
    return model_admin.page(
        request, "knowledge/draft.html", title=conversation_page.title_of(draft.conversation), draft=draft,
        conversation=draft.conversation, live=live, typed=kept, refused=refused, verb=verb, unsaved=unsaved,
        overwritten=bool(live and kept.revision != draft.revision and kept.text != draft.body),
        unsent=_unsent(draft, unsaved.text if unsaved else kept.text if refused else "", live=live),
        theirs=is_anothers(draft, user, now), now=now, status=STATUS_OF.get(refused.code, 409) if refused else 200,
        **_facts(draft, user, now), **_deciding(draft, user, kept, refused), **_addresses(draft),
    )  # fmt: skip


def _claim(draft: Draft, user: User, now: datetime) -> None:
    try:
        decisions.claim(draft, by=user, now=now)
    except Refused:
        pass  # somebody else has it: the page says who


def is_anothers(draft: Draft, user: User, now: datetime) -> bool:
    held = draft.claimed_by_id not in (None, user.pk) and draft.claimed_until and draft.claimed_until > now
    return bool(held and draft.status in decisions.LIVE)


def _kept(draft: Draft, user: User, unsaved: Any) -> Typed:
    """What was typed and not saved; else, after an undo of one's own, the decision as it was; else the draft."""
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
    """What this person typed, where the draft was decided without it."""
    known = {draft.approved_text.strip(), draft.body.strip(), ""}
    return "" if live or text.strip() in known else text


def _facts(draft: Draft, user: User, now: datetime) -> Facts:
    """What there is to read: the conversation, who wrote, by when, on what the draft rests, what became of it."""
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
        "thread": conversation_page.thread(conversation, draft.in_reply_to),
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
        "redrafting": redrafting.is_under_way(draft, now=now),
        "redraft_failed": redrafting.last_failure(draft) if live else "",
        "escalations": conversation.escalations.filter(closed_at=None).select_related("owner", "raised_by"),
        "happened": draft.events.count(),
    }


def _deciding(draft: Draft, user: User, kept: Typed, refused: Refused | None) -> Facts:
    """What this person may do, and the form as far as it is filled in."""
    decides, live = access.may(user, "decide"), draft.status in decisions.LIVE
    wanted = edits.grades_wanted(
        draft.pk, setting=inbox_settings.of(draft.conversation.inbox_id).grading, rejected=False, flagged=bool(draft.risk),
        edited=draft.body != draft.proposed_text,
    )  # fmt: skip
    return {
        "may_decide": decides, "may_approve": decisions.may_approve(draft, by=user), "grades_wanted": wanted,
        "grades": list(_grades(kept, refused)), "owners": escalations.owners(draft.conversation) if decides and live else [],
        "levels": Escalation.Level.choices, "kinds": Escalation.Kind.choices, "is_mail": "to" in draft.recipients,
        "to": ", ".join(draft.recipients.get("to", []) if kept.to is None else kept.to),
        "cc": ", ".join(draft.recipients.get("cc", []) if kept.cc is None else kept.cc),
        "wrong": list(_wrong(kept, refused)),
    }  # fmt: skip


def _grades(typed: Typed, refused: Refused | None) -> Iterator[Facts]:
    asked = refused is not None and refused.code == "grades_required"
    for name, label, rubric in GRADES:
        value = typed.grades.get(name)
        yield {"name": name, "label": label, "rubric": rubric, "value": value, "missing": asked and not value}


def _wrong(typed: Typed, refused: Refused | None) -> Iterator[str]:
    """The address fields that a refusal is about: those that hold what it names, or else To."""
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
        "urls": {name.replace("-", "_"): at(name) for name in draft_actions.ACTS},
        "page_url": conversation_page.draft_url(draft),
        "state_url": at("state"),
        "autosave_url": at("autosave"),
        "audit_url": at("audit"),
        "similar_url": at("similar"),
    }
