"""The guided first five minutes: a few steps for each role, ticked off by what the reader has opened and done."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from knowledge.models import DraftEvent
from webhooks.accounts import access
from webhooks.models import Source

from .simulator import SLUG

SEEN, HIDDEN = "demo_seen", "demo_guide_hidden"  # keys of the session
WROTE, BROKE, REPAIRED = "wrote", "broke", "repaired"


@dataclass(frozen=True)
class Step:
    """page: the name of its address. seen: done once one of these pages or notes is in the session. actions: or by one
    of these entries in a draft's log.
    """

    title: Promise
    text: Promise
    page: str
    button: Promise
    seen: tuple[str, ...] = ()
    actions: tuple[str, ...] = ()


WRITE = Step(_("Write as a customer"), _("Choose a channel and ask something. Your message arrives as a real webhook."),
             "demo-write", _("Write"), seen=(WROTE,))  # fmt: skip
STEPS: dict[str, tuple[Step, ...]] = {
    access.AGENT: (
        WRITE,
        Step(_("Open the queue"), _("All customers who wait, most urgent first. Yours is there within seconds."),
             "admin:knowledge_draft_queue", _("Open the queue"), seen=("knowledge_draft_queue",)),
        Step(_("Improve a draft"), _("Open a customer, change the text of the draft and save it. A Lead approves it."),
             "admin:knowledge_draft_queue", _("Choose a customer"), actions=("edited",)),
        Step(_("See what drafts are made from"), _("Each draft cites articles. Read one."),
             "admin:knowledge_article_changelist", _("Open articles"), seen=("knowledge_article_changelist",)),
    ),
    access.LEAD: (
        WRITE,
        Step(_("Approve a reply"), _("Open a customer, grade the draft and approve it. It is sent ten seconds later, once."),
             "admin:knowledge_draft_queue", _("Open the queue"), actions=("approved", "first look")),
        Step(_("Reject or escalate one"), _("Say why. The customer stays in the queue until somebody answers."),
             "admin:knowledge_draft_queue", _("Open the queue"), actions=("rejected", "escalated")),
        Step(_("See what was learned"), _("How often drafts are sent unchanged, week by week and by person."),
             "admin:knowledge_learningsignal_figures", _("Open Learning"), seen=("knowledge_learningsignal_figures",)),
    ),
    access.MANAGER: (
        Step(_("Read the SLA report"), _("Eight weeks of response times. Every figure opens the rows behind it."),
             "admin:reports_clock_report", _("Open the report"), seen=("reports_clock_report",)),
        Step(_("Read last week's report"), _("What went well, why targets were missed, and what needs you."),
             "admin:reports_weeklyreport_changelist", _("Open weekly reports"), seen=("reports_weeklyreport_week",)),
        Step(_("Follow one customer"), _("Open a conversation and its timeline: it explains each clock."),
             "admin:webhooks_conversation_changelist", _("Open conversations"), seen=("reports_clock_timeline",)),
        Step(_("Look at the opening hours"), _("Reply times count only while the calendar is open."),
             "admin:knowledge_businesscalendar_changelist", _("Open calendars"),
             seen=("knowledge_businesscalendar_changelist", "knowledge_businesscalendar_change")),
    ),
    access.OPERATOR: (
        Step(_("Break Chatwoot"), _("Let its API answer 503, and watch what this site does about it."),
             "demo-break", _("Break it"), seen=(BROKE,)),
        Step(_("See what fails"), _("Failed calls are grouped by their error, with what to do."),
             "admin:webhooks_failurenote_changelist", _("Open failures"), seen=("webhooks_failurenote_changelist",)),
        Step(_("See what waits"), _("Each delivery shows its attempts and when the next one is due."),
             "admin:webhooks_outgoing_changelist", _("Open deliveries out"), seen=("webhooks_outgoing_changelist",)),
        Step(_("Bring Chatwoot back"), _("What waited is sent, and nothing is sent twice."),
             "demo-break", _("Back to normal"), seen=(REPAIRED,)),
    ),
    "": (
        WRITE,
        Step(_("Check the connection"), _("The source shows its last webhook, its token and its secrets."),
             "admin:webhooks_source_changelist", _("Open sources"), seen=("webhooks_source_change",)),
        Step(_("See what each role may do"), _("One table of groups and rights."),
             "admin:auth_group_changelist", _("Open groups"), seen=("auth_group_changelist",)),
        Step(_("Add a person"), _("Give a group and inboxes, and invite by email."),
             "admin:auth_user_add", _("Add a person"), seen=("auth_user_add",)),
        Step(_("Break Chatwoot"), _("Let its API fail, and watch what this site does about it."),
             "demo-break", _("Break it"), seen=(BROKE,)),
    ),
}  # fmt: skip
WATCHED = {name for steps in STEPS.values() for step in steps for name in step.seen}


def guide(request: HttpRequest) -> dict[str, Any] | None:
    """What the panel shows. None: hidden by the reader."""
    if request.session.get(HIDDEN):
        return None
    user = access.person(request)
    seen, acted = set(request.session.get(SEEN, ())), _actions(user)
    steps = [
        {
            "step": step,
            "link": reverse(step.page),
            "done": bool(seen & {*step.seen} or acted & {*step.actions}),
        }
        for step in STEPS[role_of(user)]
    ]
    following = next((one for one in steps if not one["done"]), None)
    return {"steps": steps, "next": following, "done": sum(one["done"] for one in steps)}


def role_of(user: User) -> str:
    """Of several, the one with the most to do."""
    if user.is_superuser:
        return ""
    names = access.group_names(user)
    return next(
        (name for name in (access.MANAGER, access.LEAD, access.OPERATOR) if name in names), access.AGENT
    )


def _actions(user: User) -> set[str]:
    """What this person has done to drafts since the demo began: not what its history says of them."""
    source = Source.objects.filter(slug=SLUG).first()
    mine = DraftEvent.objects.filter(by=user)
    mine = mine.filter(at__gt=source.created_at) if source else mine
    return set(mine.values_list("action", flat=True).distinct())


def note(request: HttpRequest, name: str) -> None:
    seen = request.session.get(SEEN, [])
    if name not in seen:
        request.session[SEEN] = [*seen, name]


def hide(request: HttpRequest, *, hidden: bool) -> None:
    request.session[HIDDEN] = hidden


class NoteVisits:
    """Middleware of the demo alone: remembers which of the steps' pages the reader has opened."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        name = request.resolver_match.url_name if request.resolver_match else None
        if name in WATCHED and response.status_code == 200 and isinstance(request.user, User):
            note(request, name)
        return response
