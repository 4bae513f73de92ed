"""The north star (docs/NORTH_STAR.md): of the first responses due in a period, how many were in time and right.

The clocks are those of the first response's attainment: met or missed in the period. Right means: the answer that stopped the
clock was an approved draft whose accuracy was graded 4 or 5. Each clock is counted in exactly one outcome. Those in time that
nobody graded are neither right nor wrong, so the figure is a range: what is known to be right, and what may be.
"""

from collections.abc import Iterable
from typing import Any

from django.db.models import Case, CharField, Count, OuterRef, Q, QuerySet, Subquery, Value, When
from django.utils.translation import gettext_lazy as _

from knowledge.models import Draft
from webhooks.models import Message

from .. import sla
from ..models import Clock
from ..periods import Period
from . import outcomes

RIGHT_FROM = 4  # accuracy
OUTCOMES = {
    "right": _("in time, accuracy graded 4 or 5"),
    "wrong": _("in time, accuracy graded 3 or lower"),
    "ungraded": _("in time, from a draft that nobody graded"),
    "by_agent": _("in time, answered without a draft: nobody grades that"),
    "late": _("too late"),
}
GRADED = ("right", "wrong", "late")


def figures(period: Period, *, within: Q) -> dict[str, Any]:
    """share: known to be in time and right, of all that were due. at_most: if all that nobody graded were right, too.

    Both are None where no clock was decided, and where none was late and none graded: then nothing is known.
    """
    due_clocks: Any = clocks(period, within=within).order_by()
    found = dict(due_clocks.values_list("outcome").annotate(n=Count("pk")))
    counts = {name: found.get(name, 0) for name in OUTCOMES}
    due, known = sum(counts.values()), sum(counts[name] for name in GRADED)
    possible = counts["right"] + counts["ungraded"] + counts["by_agent"]
    return {
        "n": due, "share": counts["right"] / due if known else None, "at_most": possible / due if known else None, **counts,
    }  # fmt: skip


def clocks(period: Period, *, within: Q, which: Iterable[str] = ()) -> QuerySet[Clock]:
    """With their outcome. which: only these; empty: all."""
    due = Clock.objects.filter(within, outcomes.decided(period), metric=sla.FIRST_RESPONSE)
    due = due.filter(state__in=(sla.State.MET, sla.State.MISSED))
    answer = Message.objects.filter(
        conversation=OuterRef(OuterRef("conversation")),
        created_at=OuterRef(OuterRef("stopped_at")),
        is_person_answer=True,
    )
    sent = Draft.objects.filter(
        conversation=OuterRef("conversation"), sent_message_id__in=answer.values("message_id")
    )
    found = due.annotate(
        draft=Subquery(sent.order_by("pk").values("pk")[:1]), accuracy=Subquery(sent.order_by("pk").values("accuracy")[:1])
    ).annotate(outcome=_outcome())  # fmt: skip
    return found.filter(outcome__in=list(which)) if which else found


def _outcome() -> Case:
    return Case(
        When(state=sla.State.MISSED, then=Value("late")),
        When(accuracy__gte=RIGHT_FROM, then=Value("right")),
        When(accuracy__isnull=False, then=Value("wrong")),
        When(draft__isnull=False, then=Value("ungraded")),
        default=Value("by_agent"),
        output_field=CharField(),
    )
