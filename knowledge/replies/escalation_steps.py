"""Verbs on an open escalation: comment, give it to another owner, return it with a decision. Each leaves a step."""

from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext as _

from webhooks.accounts import access

from ..models import Escalation, EscalationStep
from . import escalations, guards, notices
from .states import Refused

Kind = EscalationStep.Kind
MOST = 1000


def may_act(row: Escalation, by: User) -> bool:
    """Its owner, and everyone who decides."""
    return by.pk == row.owner_id or access.may(by, "decide")


def comment(row: Escalation, *, by: User, text: str, now: datetime) -> EscalationStep:
    """Also on a closed one. Its owner and the person who raised it are notified. Raises Refused."""
    if not access.may(by, "drafts"):
        raise Refused("forbidden", _("Only people who answer customers can comment."))
    text = _text(text, missing=_("Enter a comment."))
    return _step(row, Kind.COMMENT, by=by, text=text, people=[row.owner, row.raised_by], now=now)


def reassign(
    row: Escalation, *, owner: User | None, by: User, text: str = "", now: datetime
) -> EscalationStep:
    """The new owner is notified. Raises Refused."""
    _check(row, by)
    if owner is None or not escalations.owners(row.conversation).filter(pk=owner.pk).exists():
        raise Refused("owner", _("Choose a Lead or Manager who has access to this inbox."))
    if owner.pk == row.owner_id:
        raise Refused("owner", _("%(owner)s already owns this escalation.") % {"owner": owner})
    return _give(row, owner, Kind.REASSIGNED, by=by, text=text.strip()[:MOST], now=now)


def give_back(row: Escalation, *, by: User, text: str, now: datetime) -> EscalationStep:
    """Returns it, with a decision, to the person who raised it, who acts on it and closes it. Raises Refused."""
    _check(row, by)
    text = _text(text, missing=_("Enter the decision, so that the other person knows what to do."))
    if not can_give_back(row):
        raise Refused(
            "owner", _("Nobody can receive it: a rule raised it, or that person has no access any more.")
        )
    assert row.raised_by is not None  # noqa: S101  (for the type checker)
    return _give(row, row.raised_by, Kind.RETURNED, by=by, text=text, now=now)


def can_give_back(row: Escalation) -> bool:
    """It was raised by another person than its owner, who still has access."""
    if row.raised_by_id in (None, row.owner_id):
        return False
    return escalations.owners(row.conversation).filter(pk=row.raised_by_id).exists()


def _check(row: Escalation, by: User) -> None:
    if by.pk != row.owner_id:
        guards.may_decide(by)


def _text(text: str, *, missing: str) -> str:
    text = text.strip()[:MOST]
    if not text:
        raise Refused("text_required", missing)
    return text


def _give(row: Escalation, owner: User, kind: Kind, *, by: User, text: str, now: datetime) -> EscalationStep:
    """A compare-and-set on the owner that the person saw: two people do not give it to two others."""
    with transaction.atomic():
        still = Escalation.objects.filter(pk=row.pk, closed_at=None, owner=row.owner_id)
        if not still.update(owner=owner):
            raise Refused(
                "already_decided",
                _("Somebody has closed or reassigned this escalation. Check it again."),
            )
        row.owner = owner
        return _step(row, kind, by=by, text=text, people=[owner], owner=owner, now=now)


def _step(
    row: Escalation, kind: Kind, *, by: User, text: str, people: list[User | None], now: datetime, owner: User | None = None
) -> EscalationStep:  # fmt: skip
    with transaction.atomic():
        done = EscalationStep.objects.create(escalation=row, kind=kind, at=now, by=by, text=text, owner=owner)
        notices.step(done, people={user.pk: user for user in people if user}.values())
    return done
