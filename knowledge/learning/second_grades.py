"""Second grades: a sample of decided drafts is graded again, by someone who neither decided nor wrote them.

The draw is a hash of the draft's number, so that the same drafts are drawn each time, and a larger share only adds some.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Abs
from django.utils.translation import gettext as _

from webhooks.accounts import access

from ..models import LearningSignal, SecondGrade, SecondGradeSettings
from ..models.grades import GRADES
from . import agreement, edits
from .agreement import Agreement, Pair
from .figures import GRADED, STANDING

OPEN = timedelta(days=28)  # after the decision, a decision is no longer graded again
MOST = 50  # disagreements that are listed


class Refused(Exception):
    """The text says why these grades were not saved."""


def settings() -> SecondGradeSettings:
    """Unsaved, with the default, until somebody sets it."""
    return SecondGradeSettings.objects.select_related("changed_by").filter(
        pk=1
    ).first() or SecondGradeSettings(pk=1)


def waiting(user: User, *, now: datetime) -> list[int]:
    """Signals that this person may grade again, oldest first."""
    share = settings().percent / 100
    if not share or not access.may(user, "decide"):
        return []
    rows = _of(user).filter(**GRADED, at__gte=now - OPEN, second=None).exclude(proposal="")
    rows = rows.exclude(reviewer=user).exclude(draft__first_look_by=user).order_by("at", "pk")
    return [
        pk for pk, draft, editors in rows.values_list("pk", "draft", "draft__changed_by")
        if edits.drawn("second", draft, share) and user.pk not in editors
    ]  # fmt: skip


def _of(user: User) -> QuerySet[LearningSignal]:
    return LearningSignal.objects.filter(access.in_inboxes_of(user, path="conversation__inbox"), **STANDING)


def grade(
    signal: LearningSignal, grades: Mapping[str, int | None], *, by: User, now: datetime
) -> SecondGrade:
    """Raises Refused."""
    if any(grades.get(name) not in agreement.SCALE for name in GRADES):
        raise Refused(_("Give all three grades, from 1 to 5."))
    if signal.pk not in waiting(by, now=now):
        raise Refused(_("This draft is not waiting for your grades. Somebody else may have graded it."))
    try:
        with transaction.atomic():
            return SecondGrade.objects.create(
                signal=signal, by=by, at=now, **{name: grades[name] for name in GRADES}
            )
    except IntegrityError:
        raise Refused(_("Somebody else has graded this draft in the meantime.")) from None


def agreements(user: User, *, since: datetime) -> dict[str, Agreement]:
    """By grade: of decisions since then in this person's inboxes. Nobody's own agreement is calculated."""
    rows = _graded_again(user, since).values_list(*GRADES, *(f"second__{name}" for name in GRADES))
    found: dict[str, list[Pair]] = {name: [] for name in GRADES}
    for row in rows:
        for place, name in enumerate(GRADES):
            found[name].append((row[place], row[place + len(GRADES)]))
    return {name: agreement.agreement(pairs) for name, pairs in found.items()}


def _graded_again(user: User, since: datetime) -> QuerySet[LearningSignal]:
    return _of(user).filter(**GRADED, at__gte=since, second__isnull=False).order_by("at", "pk")


def disagreements(user: User, *, since: datetime) -> QuerySet[LearningSignal]:
    """Two grades or more apart in anything, newest first."""
    gaps = {f"gap_{name}": Abs(F(name) - F(f"second__{name}")) for name in GRADES}
    wide = Q()
    for name in gaps:
        wide |= Q(**{f"{name}__gte": agreement.APART})
    rows = (
        _graded_again(user, since)
        .annotate(**gaps)
        .filter(wide)
        .select_related("second", "conversation__inbox")
    )
    return rows.order_by("-at", "-pk")[:MOST]
