"""What a new site needs before customers are answered from it: a checklist, each step judged by rows."""

from dataclasses import dataclass

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
    page: str
    right: str
    done: bool
    mine: bool

    @property
    def link(self) -> str:
        return reverse(self.page)

    @property
    def who(self) -> str:
        return WHO[self.right]


def steps(user: User) -> list[Step]:
    """In the order in which they make sense. Empty, once every one is done."""
    found = [
        _step(user, "Connect Chatwoot", "Messages from your customers then arrive here within seconds.",
              "Connect Chatwoot", "admin:webhooks_source_connect", "connections", done=Source.objects.exists()),
        _step(user, "Switch inboxes on", "Choose the inboxes whose customers get drafts. They are listed after their first event.",
              "Choose inboxes", "admin:webhooks_inbox_changelist", "inboxes",
              done=Inbox.objects.filter(drafting=True).exists()),
        _step(user, "Invite people", "Add the people who answer, and give each a group and inboxes.",
              "Add a person", "admin:auth_user_add", "connections",
              done=User.objects.filter(is_staff=True, is_active=True)[:2].count() > 1),
        _step(user, "Set opening hours", "Reply times count open hours only: Monday to Friday, 09:00 to 17:00, until you save others.",
              "Set hours", "admin:knowledge_businesscalendar_changelist", "calendars", done=_hours_were_set()),
        _step(user, "Add articles", "Drafts are written from approved articles. Without one, no reply is drafted.",
              "Add your first article", "admin:knowledge_article_add", "edit_articles",
              done=Article.objects.filter(approved=True).exists()),
    ]  # fmt: skip
    return [] if all(step.done for step in found) else found


def _step(user: User, title: str, text: str, button: str, page: str, right: str, *, done: bool) -> Step:
    return Step(title, text, button, page, right, done, mine=access.may(user, right))


def _hours_were_set() -> bool:
    """Changed, joined by another calendar, or saved as they were: somebody has looked."""
    if (
        BusinessCalendar.objects.filter(version__gt=1).exists()
        or BusinessCalendar.objects.all()[:2].count() > 1
    ):
        return True
    kind = ContentType.objects.get_for_model(BusinessCalendar)
    return LogEntry.objects.filter(content_type=kind, action_flag=CHANGE).exists()
