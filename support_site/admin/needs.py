"""What waits for one person in the inboxes they see: what only they can settle first, then the queue as a whole."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from knowledge.models import Draft, Escalation
from knowledge.queue import queue
from webhooks.accounts import access


@dataclass(frozen=True)
class Need:
    """Something that only a person can settle."""

    text: str
    link: str
    button: str
    tone: str = "warn"
    icon: str = "error"
    since: datetime | None = None


def of_inbox(user: User, *, now: datetime) -> list[Need]:
    waiting = queue.waiting(user, now=now)
    found = [*_escalated_to(user, now=now), *_second_looks(waiting)]
    parked = drafts(user).filter(status="PARKED").count()
    if parked and access.may(user, "decide"):
        text = ngettext(
            "%(number)s reply is parked: check whether it reached the customer.",
            "%(number)s replies are parked: check whether they reached the customer.",
            parked,
        ) % {"number": parked}
        found.append(
            Need(text, rows("knowledge_draft", status__exact="PARKED"), pgettext("button", "Review"), "bad")
        )
    if waiting:
        late = sum(row.reply_due_at < now for row in waiting)
        text = (
            ngettext("%(number)s customer is waiting.", "%(number)s customers are waiting.", len(waiting))
            if not late
            else ngettext(
                "%(number)s customer is waiting, %(late)s past the reply time.",
                "%(number)s customers are waiting, %(late)s past the reply time.",
                len(waiting),
            )
        ) % {"number": len(waiting), "late": late}
        found.append(
            Need(
                text,
                reverse("admin:knowledge_draft_queue"),
                _("Open the queue"),
                "bad" if late else "busy",
                "inbox",
            )
        )
    return found


def _escalated_to(user: User, *, now: datetime) -> Iterator[Need]:
    mine = Escalation.objects.filter(owner=user, closed_at=None)
    number, late = mine.count(), mine.filter(due_at__lt=now).count()
    if not number:
        return
    text = (
        ngettext(
            "%(number)s escalation is assigned to you.", "%(number)s escalations are assigned to you.", number
        )
        if not late
        else ngettext(
            "%(number)s escalation is assigned to you, %(late)s overdue.",
            "%(number)s escalations are assigned to you, %(late)s overdue.",
            number,
        )
    ) % {"number": number, "late": late}
    link = rows("knowledge_escalation", state="open", owner__id__exact=user.pk)
    yield Need(text, link, _("Open escalations"), "bad" if late else "warn", "priority_high")


def _second_looks(waiting: Iterable[queue.Waiting]) -> Iterator[Need]:
    number = sum(row.is_second_look for row in waiting)
    if number:
        text = ngettext(
            "%(number)s reply waits for your second look.",
            "%(number)s replies wait for your second look.",
            number,
        ) % {"number": number}
        yield Need(
            text,
            reverse("admin:knowledge_draft_queue") + "?who=mine",
            _("Open the queue"),
            "warn",
            "visibility",
        )


def drafts(user: User) -> QuerySet[Draft]:
    return Draft.objects.filter(access.in_inboxes_of(user, path="conversation__inbox"))


def rows(model: str, **filters: Any) -> str:
    return reverse(f"admin:{model}_changelist") + "?" + urlencode(filters)
