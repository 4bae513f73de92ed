"""A draft's page: everything needed to decide, and the buttons. What an open page asks for: draft_open_page.py.

Each button is one POST and one verb (draft_actions.py). A refused verb shows the page again with everything that was typed,
so that a lost race loses no text.
"""

from collections.abc import Iterator
from datetime import datetime
from functools import partial
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from webhooks.accounts import access
from webhooks.database import clock

from ..calendars import deadlines, inbox_calendars
from ..drafting import article_choice, redrafting
from ..learning import edits
from ..models import Draft
from ..replies import decisions, guards, proposals, reply_windows
from ..replies.states import Refused
from . import (
    contact_strip,
    conversations,
    desk,
    desk_links,
    draft_actions,
    draft_attachments,
    draft_autosave,
    draft_evidence,
    draft_open_page,
    draft_presence,
    escalation_form,
    queue_next,
    send_tries,
)
from .draft_form import Typed

GRADES = (
    (
        "tone",
        _("Tone"),
        _("1 puts the customer off · 3 correct but stiff · 5 as our best agent would write it"),
    ),
    ("accuracy", _("Accuracy"), _("1 wrong · 3 right, but something is missing · 5 right and complete")),
    ("policy", _("Policy"), _("1 breaks our policy · 3 unclear · 5 exactly our policy")),
)
STATUS_OF = conversations.STATUS_OF | {"meant": 400, "recipients": 400, "then": 400}
FILES = "#attachments"  # after their buttons the page opens there
Facts = dict[str, Any]
S = Draft.Status


def urls(model_admin: Any) -> list[URLPattern]:
    """Below the list of drafts in the admin."""
    view, name = model_admin.admin_site.admin_view, model_admin.url_name
    pages = {page: partial(answer, model_admin) for page, answer in draft_open_page.REQUESTS.items()}
    pages["autosave"] = require_POST(pages["autosave"])
    verbs = {verb: partial(act, model_admin, verb=verb) for verb in draft_actions.ACTIONS}
    verbs["attach"] = draft_attachments.brings_files(verbs["attach"])
    return [
        path("undoable/", view(partial(draft_open_page.undoable, model_admin)), name=name("undoable")),
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
        return HttpResponseRedirect(desk_links.to(request, draft))
    typed = Typed.posted(request, draft)
    try:
        shown, said = draft_actions.run(verb, draft, typed, by=access.person(request), now=clock.now())
    except Refused as error:
        fresh = model_admin.find(request, object_id)
        return show(model_admin, request, fresh, typed=typed, refused=error, verb=verb)
    if said:
        messages.success(request, draft_actions.undoable(said, shown))
    if said and draft_actions.leads_on(verb, access.person(request)):
        return queue_next.lead_on(request, but=draft.conversation_id)
    place = FILES if verb in draft_actions.ON_FILES else ""
    return HttpResponseRedirect(desk_links.to(request, shown) + place)


def show(
    model_admin: Any, request: HttpRequest, draft: Draft, *, typed: Typed | None = None, refused: Refused | None = None,
    verb: str = "", frame: desk.Frame | None = None,
) -> HttpResponse:  # fmt: skip
    """Everything needed to decide, on one screen. Opening it changes nothing: the first edit, grade or “Take the next” claims.

    frame: inside Chatwoot (inside.py).
    """
    now, user, suffix = clock.now(), access.person(request), desk_links.suffix(request)
    live = draft.status in decisions.LIVE
    if live:
        draft_presence.note(draft, by=user, now=now)
    unsaved = draft_autosave.found(draft, by=user) if typed is None else None
    readers = draft_presence.others(draft, than=user, now=now) if live else []
    kept = typed or _kept(draft, user, unsaved if live else None)
    return desk.answer(
        model_admin, request, "knowledge/draft.html", title=conversations.title_of(draft.conversation), shown=draft, draft=draft,
        conversation=draft.conversation, live=live, typed=kept, refused=refused, verb=verb, unsaved=unsaved,
        left=draft_autosave.left_to(draft, by=user) if live else [],
        overwritten=bool(live and kept.revision != draft.revision and kept.text != draft.body),
        unsent=_unsent(draft, unsaved.text if unsaved else kept.text if refused else "", live=live),
        theirs=draft_presence.is_anothers(draft, user, now), now=now,
        readers=readers, viewing=draft_presence.said(readers),
        status=STATUS_OF.get(refused.code, 409) if refused else 200,
        frame=frame,
        **_facts(draft, user, now), **_deciding(draft, user, kept, refused), **_elsewhere(request, draft, live=live),
        **(where := _addresses(draft, suffix, frame)), **_files(draft, where["file_url"]),
        **conversations.comments_of(draft.conversation, suffix),
    )  # fmt: skip


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


def _files(draft: Draft, url: str) -> Facts:
    sent = draft.conversation.messages.filter(message_id=draft.sent_message_id or 0).first()
    return {
        "files": list(draft_attachments.rows(draft, url, sent)),
        "file_limits": draft_attachments.limits(draft.conversation),
    }


def _elsewhere(request: HttpRequest, draft: Draft, *, live: bool) -> Facts:
    """Where the page leads to."""
    newer = None if live else _newer_draft(draft)
    return {
        "newer_draft": newer,
        "newer_url": desk_links.to(request, newer) if newer else "",
        "conversation_url": desk_links.to(request, draft.conversation),
    }


def _newer_draft(draft: Draft) -> Draft | None:
    after = draft.conversation.drafts.filter(
        pk__gt=draft.pk, status__in=[*decisions.LIVE, "APPROVED", "SENDING", "PARKED"]
    )
    return after.order_by("-pk").first()


def _deciding(draft: Draft, user: User, kept: Typed, refused: Refused | None) -> Facts:
    """What this person may do, and the form as filled in so far."""
    decides, live = access.may(user, "decide"), draft.status in decisions.LIVE
    graded = guards.is_graded(draft)
    return {
        "may_decide": decides, "may_approve": decisions.may_approve(draft, by=user),
        "grades_wanted": graded and guards.grades_wanted(draft, text=draft.body),
        "grades": list(_grades(kept, refused)) if graded else [],
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


def _addresses(draft: Draft, suffix: str, frame: desk.Frame | None) -> Facts:
    """suffix: what leads a form's answer back to the pane."""

    def at(page: str) -> str:
        return frame.at(draft, page) if frame else reverse(f"admin:knowledge_draft_{page}", args=[draft.pk])

    return {
        "urls": {name.replace("-", "_"): at(name) + suffix for name in draft_actions.ACTIONS},
        "state_url": at("state") + (suffix or "?"),
        "tries_url": at("tries"),
        "autosave_url": at("autosave"),
        "audit_url": at("audit"),
        "file_url": at("file"),
        "similar_url": at("similar"),
        "insert_url": at("insert"),
    }
