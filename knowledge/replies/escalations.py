"""Verbs on escalations: raise one, by a person or a rule, and close it. Each has an owner and a deadline.

What happens between the two is in escalation_steps.py.
"""

from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext as _

from webhooks.accounts import access
from webhooks.mirror.handlers import applied
from webhooks.models import Conversation, Delivery

from ..calendars import deadlines, inbox_calendars
from ..models import Draft, DraftEvent, Escalation, EscalationRule
from ..models.escalation import RESPONSE_DEFAULT_S, RESPONSE_S
from . import follow_ups, guards, notices
from .states import Refused

Kind, Level = Escalation.Kind, Escalation.Level
SEEDED = (("escalation", Kind.OTHER), ("legal", Kind.LEGAL), ("angry-customer", Kind.ANGRY_CUSTOMER))


def seed() -> None:
    if not EscalationRule.objects.exists():
        labels = [EscalationRule(label=label, kind=kind) for label, kind in SEEDED]
        breach = EscalationRule(on=EscalationRule.On.BREACH, kind=Kind.SLA_BREACH, enabled=False)
        EscalationRule.objects.bulk_create([*labels, breach])


def escalate(
    draft: Draft, *, by: User, reason: str, owner: User | None, now: datetime, level: int = Level.SECOND,
    kind: str = Kind.OTHER,
) -> Escalation:  # fmt: skip
    """The draft stays proposed. Chatwoot gets a private note with a link, and an assignment if the inbox has one set."""
    guards.may_decide(by)
    guards.undecided(draft)
    _check_owner(draft.conversation, owner)
    facts: dict[str, Any] = {
        "draft": draft,
        "kind": kind,
        "reason": _details(reason),
        "level": level,
        "owner": owner or default_owner(draft.conversation, level=level, by=by),
    }
    with transaction.atomic():
        if known := _raised_already(draft.conversation, by=by, **facts):
            return known
        row = _raised(draft.conversation, by=by, now=now, **facts)
        DraftEvent.objects.create(
            draft=draft, at=now, by=by, action="escalated", before=draft.status, after=draft.status, detail=row.reason
        )  # fmt: skip
    return row


def of_conversation(
    conversation: Conversation,
    *,
    by: User,
    kind: str,
    reason: str,
    level: int,
    owner: User | None,
    now: datetime,
) -> Escalation:
    """Without a draft. Raises Refused."""
    guards.may_decide(by)
    _check_owner(conversation, owner)
    facts: dict[str, Any] = {
        "draft": None,
        "kind": kind,
        "reason": _details(reason),
        "level": level,
        "owner": owner or default_owner(conversation, level=level, by=by),
    }
    with transaction.atomic():
        known = _raised_already(conversation, by=by, **facts)
        return known or _raised(conversation, by=by, now=now, **facts)


def close(row: Escalation, *, by: User, resolution: str, now: datetime) -> None:
    """By its owner, or anyone who may decide. Raises Refused."""
    if by.pk != row.owner_id:
        guards.may_decide(by)
    resolution = resolution.strip()[:500]
    if not resolution:
        raise Refused("resolution_required", _("Enter a resolution."))
    done = Escalation.objects.filter(pk=row.pk, closed_at=None)
    if not done.update(closed_at=now, closed_by=by, resolution=resolution):
        raise Refused("already_decided", _("This escalation is already closed."))


def owners(conversation: Conversation) -> QuerySet[User]:
    """Who can own an escalation: people, not programs, who may decide and have access to this inbox."""
    sees = (
        Q(membership__all_inboxes=True) | Q(membership__inboxes=conversation.inbox_id) | Q(is_superuser=True)
    )
    decides = Q(groups__name__in=access.RIGHTS["decide"]) | Q(is_superuser=True)
    people = User.objects.filter(sees & decides, is_active=True).exclude(access.PROGRAM)
    return people.distinct().order_by("username")


def owner_named(conversation: Conversation, name: str) -> User:
    """Raises Refused in the same words for a name that nobody has: they must not say who exists."""
    owner = owners(conversation).filter(username=name).first()
    if owner is None:
        raise Refused(
            "owner",
            _("%(name)s cannot own this escalation: it goes to people who decide in this inbox.")
            % {"name": name},
        )
    return owner


def _check_owner(conversation: Conversation, owner: User | None) -> None:
    """One that a person named."""
    if owner:
        owner_named(conversation, owner.get_username())


def default_owner(conversation: Conversation, *, level: int, by: User) -> User:
    """The first level is the person's own. Above that it is the least loaded other person, if there is one."""
    other = None if level == Level.FIRST else ranked(conversation).exclude(pk=by.pk).first()
    return other or by


def on_event(delivery: Delivery, payload: dict[str, Any], *, now: datetime) -> None:
    """A label that a rule names was set in Chatwoot. Runs after the mirror, with the conversation locked."""
    rules = list(
        EscalationRule.objects.filter(on=EscalationRule.On.LABEL, enabled=True).select_related("owner")
    )
    if not rules:
        return
    conversation = applied(delivery).conversation
    for rule in rules:
        if _lower(rule.label) in map(_lower, conversation.labels):
            by_rule(rule, conversation, cause=f"rule:{rule.pk}:{_set_at(conversation, rule.label)}", now=now)


def by_rule(
    rule: EscalationRule, conversation: Conversation, *, cause: str, now: datetime
) -> Escalation | None:
    """Once per cause, and not while an earlier one by the rule is open. None also if nobody can own it."""
    known = conversation.escalations.filter(
        Q(cause=cause) | Q(cause__startswith=f"rule:{rule.pk}:", closed_at=None)
    )
    owner = owners(conversation).filter(pk=rule.owner_id or 0).first() or least_loaded(conversation)
    if known.exists() or owner is None:
        return None
    return _raised(
        conversation, kind=rule.kind, reason=f"By rule: {rule}.", level=rule.level, owner=owner, by=None, now=now, cause=cause
    )  # fmt: skip


def least_loaded(conversation: Conversation) -> User | None:
    return ranked(conversation).first()


def ranked(conversation: Conversation) -> QuerySet[User]:
    """The Leads and Managers of the inbox, those with the fewest open escalations first. Superusers come last."""
    mine = Count("escalations_owned", filter=Q(escalations_owned__closed_at=None), distinct=True)
    return owners(conversation).annotate(open=mine).order_by("is_superuser", "open", "username")


def _lower(label: Any) -> str:
    """As Chatwoot keeps labels, however a person writes them."""
    return str(label).strip().lower()


def _set_at(conversation: Conversation, label: str) -> str:
    """When the label was last set, as far as Chatwoot reported it."""
    changes = conversation.attribute_changes.filter(field="label_list").order_by("-at")
    for change in changes:
        before, after = (
            [_lower(one) for one in listed or []] for listed in (change.previous, change.current)
        )
        if _lower(label) in after and _lower(label) not in before:
            return f"{change.at:%Y%m%dT%H%M%S.%f}"
    return ""


def _details(reason: str) -> str:
    reason = reason.strip()[:500]
    if not reason:
        raise Refused("reason_required", _("Enter the details, so that the owner knows what to do."))
    return reason


def _raised_already(conversation: Conversation, *, by: User, **facts: Any) -> Escalation | None:
    """The same person's open escalation with the same content: a second click. The lock makes it wait for the first."""
    Conversation.objects.select_for_update(no_key=True).get(pk=conversation.pk)
    return conversation.escalations.filter(raised_by=by, closed_at=None, **facts).first()


def _raised(
    conversation: Conversation, *, kind: str, by: User | None, now: datetime, **facts: Any
) -> Escalation:
    calendar = inbox_calendars.in_force().of(conversation.inbox_id)
    within = RESPONSE_S.get(Kind(kind), RESPONSE_DEFAULT_S)
    row = Escalation.objects.create(
        conversation=conversation, kind=kind, raised_by=by, raised_at=now, due_at=deadlines.due_at(calendar, now, within),
        **facts,
    )  # fmt: skip
    follow_ups.notify_of(row, now=now)
    notices.escalated(row, now=now)
    return row
