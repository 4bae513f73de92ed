"""What a new site needs before customers are answered from it: a checklist, each step judged by rows."""

from dataclasses import dataclass

from django.conf import settings
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType
from django.urls import reverse

from knowledge.models import Article, BusinessCalendar
from webhooks.accounts import access
from webhooks.models import Inbox, Source

WHO = {
    "connections": "a superuser",
    "inboxes": "a Manager",
    "calendars": "a Manager",
    "edit_articles": "a Lead or a Manager",
}


@dataclass(frozen=True)
class Step:
    """text: why, and what to do. mine: the reader may do it. who: does it otherwise."""

    title: str
    text: str
    button: str
    link: str
    right: str
    done: bool
    mine: bool

    @property
    def who(self) -> str:
        return WHO[self.right]


def steps(user: User) -> list[Step]:
    """In the order in which they make sense. Empty, once every one is done, and in the demo, where nothing is set up."""
    if settings.DEMO:
        return []
    rows = [
        ("Connect Chatwoot", "Messages from your customers then arrive here within seconds.",
         "Connect Chatwoot", reverse("admin:webhooks_source_connect"), "connections", Source.objects.exists()),
        ("Switch inboxes on", "Choose which inboxes get drafts. Each is listed after its first event.",
         "Choose inboxes", reverse("admin:webhooks_inbox_changelist"), "inboxes",
         Inbox.objects.filter(drafting=True).exists()),
        ("Invite people", "Add the people who answer, and give each a group and inboxes.",
         "Add a person", reverse("admin:auth_user_add"), "connections",
         User.objects.filter(is_staff=True, is_active=True)[:2].count() > 1),
        ("Set opening hours", "Reply times count open hours. Check the hours and time zone, and save them.",
         "Set hours", _hours_page(), "calendars", _hours_are_set()),
        ("Add articles", "Drafts are written from approved articles. Without one, no reply is drafted.",
         "Add your first article", reverse("admin:knowledge_article_add"), "edit_articles",
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
