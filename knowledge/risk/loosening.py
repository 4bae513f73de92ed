"""Whether a change of a risk rule lets pass what it flagged before, and who made it. Rules loosen for new drafts only."""

from datetime import datetime
from typing import Any

from django.contrib.auth.models import User

from webhooks.alerts import alerts

from ..models import RiskRule
from ..models.risk_kinds import BOTH
from .checks import Rule

# Their words are what may pass; elsewhere they are what is looked for.
ALLOWING = frozenset({"link", "personal", "recipients"})


def loosens(before: Rule | None, after: Rule | None) -> bool:
    """None: there was none, or it was deleted. Of one kind; off is as good as deleted."""
    if before is None or not getattr(before, "active", True):
        return False
    if after is None or not getattr(after, "active", True) or before.kind != after.kind:
        return True
    if before.second_person and not after.second_person:
        return True
    return _number(before, after) or _words(before, after) or after.where not in (before.where, BOTH)


def _number(before: Rule, after: Rule) -> bool:
    """A higher amount or a lower share flags less."""
    if before.number is None or after.number is None:
        return before.number is not None
    if before.kind == "confidence":
        return after.number < before.number
    return after.number > before.number


def _words(before: Rule, after: Rule) -> bool:
    had, has = set(before.words), set(after.words)
    if before.kind in ALLOWING:
        return bool(has - had)
    if before.kind == "refund" and not has:
        return False  # every amount
    return bool(had - has) or (before.kind == "refund" and not had)


def notify(before: RiskRule | None, after: RiskRule | None, *, by: User, now: datetime) -> None:
    """Opens an alert where the change lets more pass."""
    rule = after or before
    if rule is None or not loosens(before, after):
        return
    what = "deleted" if after is None else "switched off" if not after.active else "loosened"
    alerts.open_(
        "risk_rule", key=f"risk_rule:{rule.pk}:{rule.version}:{what}", now=now,
        text=f"{by} {what} the risk rule “{rule.name}”. Drafts proposed before are still judged by the rule as it was.",
    )  # fmt: skip


def people_since(newest: int) -> set[int]:
    """Who loosened a rule since the change that had this number in the rules' history."""
    history: Any = RiskRule.history
    found = set()
    for row in history.filter(history_id__gt=newest).order_by("history_id"):
        earlier = row.prev_record
        deleted = row.history_type == "-"
        if row.history_user_id and loosens(earlier or (row if deleted else None), None if deleted else row):
            found.add(row.history_user_id)
    return found
