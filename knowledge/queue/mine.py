"""Which waiting customers are one person's own: claimed, assigned, escalated to them, stopped, or a second look to give."""

from collections.abc import Iterable
from datetime import datetime

from django.contrib.auth.models import User
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery

from webhooks.accounts import access
from webhooks.models import Conversation

from ..models import Assignment, Draft, DraftEvent, Escalation
from ..replies import guards
from ..risk import loosening
from . import queue_rows

S = Draft.Status


def second_looks(user: User, drafts: Iterable[Draft]) -> set[int]:
    """Of these drafts, those that this person may approve as the second one. The number of queries does not grow."""
    waiting = [draft for draft in drafts if draft.status == S.SECOND_LOOK]
    if not waiting or not access.may(user, "decide"):
        return set()
    own = DraftEvent.objects.filter(draft__in=[row.pk for row in waiting], action="proposed", by=user)
    proposed = set(own.values_list("draft", flat=True))
    others = [
        row
        for row in waiting
        if row.pk not in proposed and user.pk not in (row.first_look_by_id, *row.changed_by)
    ]
    if user.pk in loosening.people_since(min(row.rules_seen for row in waiting)):  # rare: then one by one
        others = [row for row in others if guards.may_be_second(row, user)]
    return {row.pk for row in others}


def count(waiting: QuerySet[Conversation], *, user: User, now: datetime) -> int:
    """waiting: the conversations of this person's queue. As many as the filter “Me” shows."""
    about = Draft.objects.filter(conversation=OuterRef("pk"))
    asked = about.filter(in_reply_to=OuterRef("waiting_message"))
    newest = Assignment.objects.filter(
        conversation=OuterRef("pk"), at__gte=OuterRef("waiting_since")
    ).order_by("-pk")
    halted = queue_rows.HALTED & Q(decided_by=user)
    on_its_way = about.filter(status__in=(S.APPROVED, S.SENDING))
    own = (
        Q(Exists(Escalation.objects.filter(conversation=OuterRef("pk"), owner=user, closed_at=None)))
        | Q(Exists(asked.filter(status__in=queue_rows.SHOWN, claimed_by=user, claimed_until__gt=now)))
        | (Q(Exists(about.filter(halted))) & ~Q(Exists(on_its_way)))
        | Q(newest_owner=user.pk)
    )
    found = waiting.annotate(newest_owner=Subquery(newest.values("owner")[:1])).filter(own)
    return len({*found.values_list("pk", flat=True), *_to_look_at(waiting, user)})


def _to_look_at(waiting: QuerySet[Conversation], user: User) -> set[int]:
    if not access.may(user, "decide"):
        return set()
    drafts = Draft.objects.filter(
        status=S.SECOND_LOOK, conversation__in=waiting, in_reply_to=F("conversation__waiting_message")
    ).only("conversation", "status", "first_look_by", "changed_by", "rules_seen")  # fmt: skip
    rows = list(drafts)
    wanted = second_looks(user, rows)
    return {row.conversation_id for row in rows if row.pk in wanted}
