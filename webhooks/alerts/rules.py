"""Which rule applies to an alert, its threshold and its recipients. A kind without a row uses the seeded values."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.db.models import Q

from ..accounts import access
from ..models import AlertRule, alert_kinds
from . import quiet_hours


def of(kind: str) -> AlertRule:
    return AlertRule.objects.filter(kind=kind).first() or AlertRule(kind=kind, **_seeded(kind))


def threshold(kind: str) -> int | None:
    """None: this kind is not monitored."""
    return of(kind).threshold


def seed() -> None:
    for kind in alert_kinds.KINDS:
        AlertRule.objects.get_or_create(kind=kind, defaults=_seeded(kind))


def _seeded(kind: str) -> dict[str, Any]:
    known = alert_kinds.of(kind)
    return {"threshold": known.threshold, "severity": known.severity, "quiet_zone": settings.TIME_ZONE}


def channels(rule: AlertRule) -> list[str]:
    """How people are notified. Each channel is its own delivery, so that a failed one is retried alone."""
    if not rule.enabled:
        return []
    return [name for name, wanted in (("email", rule.email), ("chat", rule.chat_url)) if wanted]


def quiet_until(rule: AlertRule, *, now: datetime) -> datetime | None:
    """The end of the quiet hours, if they apply now."""
    if rule.severity == AlertRule.Severity.URGENT:
        return None
    return quiet_hours.ends(rule.quiet_from, rule.quiet_to, rule.quiet_zone, now=now)


def recipients(rule: AlertRule) -> list[str]:
    """The addresses it is emailed to, sorted. If it names nobody: superusers and the groups of its kind."""
    people = User.objects.filter(is_active=True).exclude(email="")
    if not rule.pk or not (rule.addresses.strip() or rule.users.exists() or rule.groups.exists()):
        wanted = people.filter(Q(is_superuser=True) | Q(groups__name__in=alert_kinds.of(rule.kind).groups))
    else:
        wanted = people.filter(Q(pk__in=rule.users.values("pk")) | Q(groups__in=rule.groups.values("pk")))
    return sorted({*wanted.values_list("email", flat=True), *rule.addresses.split()})


def told(user: User) -> set[str]:
    """The kinds that this person is notified of, so that they may open what an email or chat message links to."""
    groups = access.group_names(user)
    by_default = {kind for kind, known in alert_kinds.KINDS.items() if groups & set(known.groups)}
    named = Q(users=user) | Q(groups__name__in=groups)
    somebody = ~Q(addresses="") | Q(users__isnull=False) | Q(groups__isnull=False)
    own, decided = (
        AlertRule.objects.filter(which).values_list("kind", flat=True) for which in (named, somebody)
    )
    return {*own, *by_default.difference(decided)}
