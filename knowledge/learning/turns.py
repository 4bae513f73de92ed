"""Customer turns: everything a customer writes before a person answers, identified by its last message.

A turn is drafted if a drafter or an agent proposed a reply to it.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from django.contrib.auth.models import User
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Window
from django.db.models.functions import Lead

from webhooks.accounts.access import in_inboxes_of
from webhooks.models import Message

from ..models import Draft

GRACE = timedelta(minutes=5)  # how long a drafter may take before a turn counts as not drafted
MACHINES = (Draft.AuthorKind.DRAFTER.value, Draft.AuthorKind.SERVICE.value)


def turns(user: User, *, since: datetime, until: datetime, now: datetime) -> QuerySet[Any]:
    """The last message of each turn in inboxes that draft, with `drafted`: a drafter or an agent proposed a reply to it."""
    ended = _ended(user, since=since, until=until, now=now)
    return Message.objects.filter(pk__in=ended.values("pk")).annotate(drafted=Exists(_proposed()))


def keys(user: User, *, since: datetime, until: datetime, now: datetime) -> set[int]:
    """Of the same messages. Looking for them takes long, so what counts them in several ways looks once."""
    return set(_ended(user, since=since, until=until, now=now).values_list("pk", flat=True))


def counted(user: User, begins: Sequence[datetime], *, now: datetime) -> list[tuple[int, int]]:
    """Between each two of `begins`: how many turns ended, and how many of them were drafted."""
    ended = _ended(user, since=begins[0], until=begins[-1], now=now).annotate(drafted=Exists(_proposed()))
    counts = {}
    for place, (since, until) in enumerate(pairwise(begins)):
        within = Q(created_at__gte=since, created_at__lt=until)
        counts[f"turns_{place}"] = Count("pk", filter=within)
        counts[f"drafted_{place}"] = Count("pk", filter=within & Q(drafted=True))
    found = ended.aggregate(**counts)
    return [(found[f"turns_{place}"], found[f"drafted_{place}"]) for place in range(len(begins) - 1)]


def _ended(user: User, *, since: datetime, until: datetime, now: datetime) -> QuerySet[Any]:
    """Do not filter the result further: the window looks ahead and would miss the rows left out."""
    written = Message.objects.filter(
        Q(is_customer_message=True) | Q(is_person_answer=True),
        in_inboxes_of(user, path="conversation__inbox"),
        created_at__gte=since,
        conversation__inbox__drafting=True,
    )
    next_is_answer = Window(
        Lead("is_person_answer"), partition_by=F("conversation"), order_by=("created_at", "message_id")
    )
    by_customer = Q(is_customer_message=True, created_at__lt=min(until, now - GRACE))
    # One condition that contains the window, so that the answers are still there when it looks ahead.
    last = (by_customer & Q(next_is_answer=True)) | (by_customer & Q(next_is_answer__isnull=True))
    return written.annotate(next_is_answer=next_is_answer).filter(last).order_by()


def _proposed() -> QuerySet[Draft]:
    return Draft.objects.filter(in_reply_to=OuterRef("pk"), author_kind__in=MACHINES)
