"""The eight weeks of history that `make demo` begins with, and whose database it must not touch."""

from datetime import datetime, timedelta

from django.contrib.auth.models import User

from knowledge.articles import changes
from knowledge.learning import lesson_changes
from knowledge.models import Article
from reports import weekly
from reports.weekly import iso_week
from webhooks.models import Conversation, Inbox, Source
from webhooks.simulator.state import State

from . import fill, people
from .decisions import Correction
from .history import Cast, History
from .simulator import SLUG

WEEKS = 8
REPORTS = WEEKS - 1  # the running week has none yet
SLUG_OF_LESSON, WAS, IS = "refund", "five working days", "seven working days"
APPROVED_AGO = timedelta(weeks=4)  # as many decisions before it as after it
CONVERSATIONS, MESSAGES = 1000, 4000
AGENTS = ((2, "Maria Keller"), (3, "Tom Berger"))
TEAMS = tuple(State.teams.items())


class RealSite(Exception):
    """The database belongs to a real site."""


def refuse_real_site() -> None:
    """Demo accounts and invented customers must not get into a database that somebody works with. Raises RealSite."""
    other = Source.objects.exclude(slug=SLUG).first()
    if other:
        raise RealSite(
            f"This database has the source {other}, so it is not a demo's. Unset DATABASE_URL, or name an empty database."
        )


def has_no_history() -> bool:
    return not Conversation.objects.exists()


def write_history(*, chatwoot: str, now: datetime) -> None:
    """chatwoot: the address of the simulated one. The site is seeded already, and its people are there."""
    correction = _correction(now=now)
    fill.fill(_history(_source(chatwoot), correction, now=now), now=now)
    if correction:
        _approve(correction)
    report_past_weeks(now=now)


def _source(chatwoot: str) -> Source:
    """As connecting will find it; the token and the webhook come with that."""
    facts = {"base_url": chatwoot, "account_id": State.account_id, "internal": True}
    source, _ = Source.objects.get_or_create(slug=SLUG, defaults=facts)
    for inbox in State().inboxes.values():
        known = {"name": inbox.name, "channel": inbox.channel_type, "email": inbox.email or ""}
        Inbox.objects.get_or_create(source=source, inbox_id=inbox.id, defaults=known)
    return source


def _correction(*, now: datetime) -> Correction | None:
    article = Article.objects.live().filter(slug=SLUG_OF_LESSON, version=1).first()
    if article is None or WAS not in article.body:
        return None
    return Correction(article.slug, article.body, WAS, IS, since=now - APPROVED_AGO)


def _approve(correction: Correction) -> None:
    """What people corrected until then is found as at any desk, and approved."""
    found = lesson_changes.learn(Article.objects.get(slug=correction.slug), now=correction.since)
    lead = User.objects.get(pk=people.reviewers()[0])
    for change in found:
        changes.approve(change, by=lead, base_version=change.base_version, now=correction.since)


def _history(source: Source, correction: Correction | None, *, now: datetime) -> History:
    cast = Cast(
        source=source.pk, inboxes=tuple(source.inboxes.order_by("inbox_id").values_list("pk", "inbox_id")), agents=AGENTS,
        teams=TEAMS, reviewers=people.reviewers(), titles=dict(Article.objects.live().values_list("slug", "current__title")),
    )  # fmt: skip
    return History(
        cast, until=now, days=7 * WEEKS, conversations=CONVERSATIONS, messages=MESSAGES, correction=correction
    )


def report_past_weeks(*, now: datetime) -> None:
    """Oldest first, each as if it had been created on its Monday."""
    this_week = iso_week.of_day(now.astimezone(iso_week.zone()).date())
    for back in range(REPORTS, 0, -1):
        week = iso_week.back(this_week, back)
        weekly.make(week, now=min(weekly.due_at(week) + timedelta(hours=2), now))
