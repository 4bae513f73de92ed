"""What a new site needs before customers are answered from it: a checklist, each step judged by rows."""

from dataclasses import dataclass

from django.conf import settings
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from knowledge.models import Article, BusinessCalendar
from webhooks.accounts import access
from webhooks.models import Inbox, Source

WAITING = {
    "connections": gettext_lazy("Waiting for a superuser"),
    "inboxes": gettext_lazy("Waiting for a Manager"),
    "calendars": gettext_lazy("Waiting for a Manager"),
    "edit_articles": gettext_lazy("Waiting for a Lead or a Manager"),
}


@dataclass(frozen=True)
class Step:
    """text: why, and what to do. mine: the reader may do it. waiting: says for which person, otherwise."""

    title: str
    text: str
    button: str
    link: str
    right: str
    done: bool
    mine: bool

    @property
    def waiting(self) -> str:
        return str(WAITING[self.right])


def steps(user: User) -> list[Step]:
    """In the order in which they make sense. Empty, once every one is done, and in the demo, where nothing is set up."""
    if settings.DEMO:
        return []
    rows = [
        (_("Connect Chatwoot"), _("Messages from your customers then arrive here within seconds."),
         _("Connect Chatwoot"), reverse("admin:webhooks_source_connect"), "connections", Source.objects.exists()),
        (_("Switch inboxes on"), _("Choose which inboxes get drafts. Each is listed after its first event."),
         _("Choose inboxes"), reverse("admin:webhooks_inbox_changelist"), "inboxes",
         Inbox.objects.filter(drafting=True).exists()),
        (_("Invite people"), _("Add the people who answer, and give each a group and inboxes."),
         _("Add a person"), reverse("admin:auth_user_add"), "connections",
         User.objects.filter(is_staff=True, is_active=True)[:2].count() > 1),
        (_("Set opening hours"), _("Reply times count open hours. Check the hours and time zone, and save them."),
         _("Set hours"), _hours_page(), "calendars", _hours_are_set()),
        (_("Add articles"), _("Drafts are written from approved articles. Without one, no reply is drafted."),
         _("Add your first article"), reverse("admin:knowledge_article_add"), "edit_articles",
         Article.objects.filter(status="LIVE").exists()),
    ]  # fmt: skip
    found = [Step(*row, mine=access.may(user, row[4])) for row in rows]
    return [] if all(step.done for step in found) else found


def _hours_page() -> str:
    default = BusinessCalendar.objects.filter(is_default=True).values_list("pk", flat=True).first()
    if default is None:
        return reverse("admin:knowledge_businesscalendar_add")
    return reverse("admin:knowledge_businesscalendar_change", args=[default])


def _hours_are_set() -> bool:
    """Changed, joined by another calendar, or saved as they were: somebody has looked."""
    rows = BusinessCalendar.objects.all()
    if rows.filter(version__gt=1).exists() or rows[:2].count() > 1:
        return True
    kind = ContentType.objects.get_for_model(BusinessCalendar)
    return LogEntry.objects.filter(content_type=kind, action_flag=CHANGE).exists()
