"""Which rule serves an alert, whom it tells, and from when on. A kind without a row has what is seeded."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.db.models import Q

from ..models import AlertRule, alert_kinds
from . import quiet_hours

TOLD_GROUPS = ("Operator", "Manager")


def of(kind: str) -> AlertRule:
    return AlertRule.objects.filter(kind=kind).first() or AlertRule(kind=kind, **_seeded(kind))


def threshold(kind: str) -> int | None:
    """None: not watched."""
    return of(kind).threshold


def seed() -> None:
    for kind in alert_kinds.KINDS:
        AlertRule.objects.get_or_create(kind=kind, defaults=_seeded(kind))


def _seeded(kind: str) -> dict[str, Any]:
    known = alert_kinds.of(kind)
    return {"threshold": known.threshold, "severity": known.severity, "quiet_zone": settings.TIME_ZONE}


def channels(rule: AlertRule) -> list[str]:
    """How it is told, each by a delivery of its own: one that fails is tried again alone."""
    if not rule.enabled:
        return []
    return [name for name, wanted in (("mail", rule.mail), ("post", rule.post_url)) if wanted]


def quiet_until(rule: AlertRule, *, now: datetime) -> datetime | None:
    """When it may be told, where that is not now."""
    if rule.severity == AlertRule.Severity.URGENT:
        return None
    return quiet_hours.ends(rule.quiet_from, rule.quiet_to, rule.quiet_zone, now=now)


def told(rule: AlertRule) -> list[str]:
    """The addresses it is mailed to, sorted. Where it names nobody: superusers, Operators and Managers."""
    people = User.objects.filter(is_active=True).exclude(email="")
    if not rule.pk or not (rule.addresses.strip() or rule.users.exists() or rule.groups.exists()):
        wanted = people.filter(Q(is_superuser=True) | Q(groups__name__in=TOLD_GROUPS))
    else:
        wanted = people.filter(Q(pk__in=rule.users.values("pk")) | Q(groups__in=rule.groups.values("pk")))
    return sorted({*wanted.values_list("email", flat=True), *rule.addresses.split()})
