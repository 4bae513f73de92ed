"""The weekly knowledge digest: on Mondays, what waits for those who decide about articles. Nothing where nothing does.

It names articles and topics, never a customer: emails are kept in many places.
"""

from datetime import datetime, time, timedelta
from functools import partial

from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from webhooks.accounts import access
from webhooks.models import Notice, Source, notice_kinds
from webhooks.notices import notices

from ..models import Gap
from . import gap_writing, review

AT = time(7)  # on Mondays, in the site's time zone, as the weekly report
NEW = timedelta(weeks=1)
MOST_NAMED, LONGEST = 3, 60


def write_due(*, now: datetime) -> int:
    """A chore, safe on several hosts: how many people got a notice. One per person and week."""
    here = timezone.localtime(now, timezone.get_default_timezone())
    source = Source.objects.order_by("pk").first()
    if here.weekday() or here.time() < AT or source is None:
        return 0
    year, week, _day = here.isocalendar()
    cause = f"knowledge:{year}-W{week:02}"
    told = Notice.objects.filter(cause=cause).values("user")
    people = User.objects.filter(groups__name__in=access.RIGHTS["edit_articles"], is_active=True)
    due = [user for user in people.exclude(pk__in=told).distinct().order_by("pk") if _waits(user, now=now)]
    for user in due:
        notices.write(
            [user], kind=notice_kinds.KNOWLEDGE, cause=cause, about=year * 100 + week, source=source, now=now,
            text=partial(text, user, now=now), page=reverse("admin:knowledge_change_monday"),
        )  # fmt: skip
    return len(due)


def holds(notice: Notice) -> bool:
    """Something still waits for this person."""
    return _waits(notice.user, now=notice.at)


def _waits(user: User, *, now: datetime) -> bool:
    return review.open_changes(user).exists() or _new_gaps(user, now=now).exists()


def _new_gaps(user: User, *, now: datetime) -> QuerySet[Gap]:
    return review.open_gaps(user).filter(found_at__gt=now - NEW)


def text(user: User, *, now: datetime) -> str:
    """How much waits, and what would help the most customers, in one line."""
    changes, gaps = review.open_changes(user), _new_gaps(user, now=now)
    n_changes, n_gaps = changes.count(), gaps.count()
    counts = [
        ngettext("%(n)s open change", "%(n)s open changes", n_changes) % {"n": n_changes} if n_changes else "",
        ngettext("%(n)s new gap", "%(n)s new gaps", n_gaps) % {"n": n_gaps} if n_gaps else "",
    ]  # fmt: skip
    said = _("Knowledge this week: %(counts)s.") % {"counts": ", ".join(filter(None, counts))}
    named = [(str(one), one.customers) for one in changes[:MOST_NAMED]]
    largest_gaps = list(gaps[:MOST_NAMED])
    titles = gap_writing.titles(largest_gaps, user)
    named += [(titles[one.pk], one.seen_customers) for one in largest_gaps]  # type: ignore[attr-defined]  # visible_to() counts
    ranked = sorted((one for one in named if one[1]), key=lambda one: -one[1])[:MOST_NAMED]
    if not ranked:
        return said
    largest = "; ".join(f"{Truncator(name).chars(LONGEST)} ({customers})" for name, customers in ranked)
    return said + " " + _("Most customers: %(largest)s.") % {"largest": largest}
