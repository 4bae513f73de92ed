"""Customers' turns: what a customer wrote until somebody answered, told by its last message; and whether it was drafted."""

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

GRACE = timedelta(minutes=5)  # so long a drafter may take before its absence counts
MACHINES = (Draft.AuthorKind.DRAFTER.value, Draft.AuthorKind.SERVICE.value)


def turns(user: User, *, since: datetime, until: datetime, now: datetime) -> QuerySet[Any]:
    """The last message of each turn in inboxes that draft, with `drafted`: a drafter or an agent proposed a reply to it."""
    ended = _ended(user, since=since, until=until, now=now)
    return Message.objects.filter(pk__in=ended.values("pk")).annotate(drafted=Exists(_proposed()))


def counted(user: User, begins: Sequence[datetime], *, now: datetime) -> list[tuple[int, int]]:
    """Between each two of `begins`: how many turns ended, and how many of them were drafted."""
    ended = _ended(user, since=begins[0], until=begins[-1], now=now).annotate(drafted=Exists(_proposed()))
    asked = {}
    for place, (since, until) in enumerate(pairwise(begins)):
        within = Q(created_at__gte=since, created_at__lt=until)
        asked[f"turns_{place}"] = Count("pk", filter=within)
        asked[f"drafted_{place}"] = Count("pk", filter=within & Q(drafted=True))
    found = ended.aggregate(**asked)
    return [(found[f"turns_{place}"], found[f"drafted_{place}"]) for place in range(len(begins) - 1)]


def _ended(user: User, *, since: datetime, until: datetime, now: datetime) -> QuerySet[Any]:
    """Not to be narrowed further: what is left out is not there when the window looks ahead."""
    said = Message.objects.filter(
        Q(is_customer_message=True) | Q(is_person_answer=True),
        in_inboxes_of(user, path="conversation__inbox"),
        created_at__gte=since,
        conversation__inbox__drafting=True,
    )
    next_is_answer = Window(
        Lead("is_person_answer"), partition_by=F("conversation"), order_by=("created_at", "message_id")
    )
    asked = Q(is_customer_message=True, created_at__lt=min(until, now - GRACE))
    # One condition with the window in it, so that the answers are there while it looks ahead.
    last = (asked & Q(next_is_answer=True)) | (asked & Q(next_is_answer__isnull=True))
    return said.annotate(next_is_answer=next_is_answer).filter(last).order_by()


def _proposed() -> QuerySet[Draft]:
    return Draft.objects.filter(in_reply_to=OuterRef("pk"), author_kind__in=MACHINES)
