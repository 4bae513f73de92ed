"""Customers' turns: what a customer wrote until somebody answered, told by its last message; and whether it was drafted."""

from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.models import User
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Window
from django.db.models.functions import Lead

from webhooks.access import in_inboxes_of
from webhooks.models import Message

from .models import Draft

GRACE = timedelta(minutes=5)  # so long a drafter may take before its absence counts
MACHINES = (Draft.AuthorKind.DRAFTER.value, Draft.AuthorKind.SERVICE.value)


def turns(user: User, *, since: datetime, until: datetime, now: datetime) -> QuerySet[Any]:
    """The last message of each turn in inboxes that draft, with `drafted`: a drafter or an agent proposed a reply to it."""
    said = Message.objects.filter(
        Q(is_customer_message=True) | Q(is_person_answer=True), created_at__gte=since
    )
    next_is_answer = Window(
        Lead("is_person_answer"), partition_by=F("conversation"), order_by=("created_at", "message_id")
    )
    # One condition with the window in it, so that the answers are there while it looks ahead.
    last = Q(is_customer_message=True, next_is_answer=True) | Q(
        is_customer_message=True, next_is_answer__isnull=True
    )
    proposed = Draft.objects.filter(in_reply_to=OuterRef("pk"), author_kind__in=MACHINES)
    return Message.objects.filter(
        in_inboxes_of(user, path="conversation__inbox"),
        pk__in=said.annotate(next_is_answer=next_is_answer).filter(last).values("pk"),
        created_at__lt=min(until, now - GRACE),
        conversation__inbox__drafting=True,
    ).annotate(drafted=Exists(proposed))
