"""The rules that a draft is judged by: those of its proposal, and those that are on by now."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from ..models import Draft, RiskRule, RiskRuleSet
from .checks import Flag, Rule

FIELDS = ("name", "kind", "words", "number", "where", "second_person")


@dataclass
class KeptRule:
    name: str
    kind: str
    words: list[str] = field(default_factory=list)
    number: float | None = None
    where: str = "draft"
    second_person: bool = False


def active() -> list[RiskRule]:
    return list(RiskRule.objects.filter(active=True))


def kept() -> RiskRuleSet:
    """The rules that are on, as a draft that is proposed now keeps them."""
    rules = [{name: getattr(rule, name) for name in FIELDS} for rule in active()]
    digest = hashlib.sha256(json.dumps(rules, sort_keys=True).encode()).hexdigest()
    return RiskRuleSet.objects.get_or_create(digest=digest, defaults={"rules": rules})[0]


def newest_change() -> int:
    history: Any = RiskRule.history
    return history.order_by("-history_id").values_list("history_id", flat=True).first() or 0


def of(draft: Draft) -> list[Rule]:
    """Those on now, and those of its proposal that have changed since."""
    now: list[Rule] = list(active())
    known = {_content(rule) for rule in now}
    then = draft.judged_by.rules if draft.judged_by else []
    earlier = (KeptRule(**{name: rule[name] for name in FIELDS if name in rule}) for rule in then)
    return [*now, *(rule for rule in earlier if _content(rule) not in known)]


def strictest(flags: Iterable[Flag]) -> list[Flag]:
    """One flag a name: the one that asks for a second person, where any does."""
    found: dict[str, Flag] = {}
    for flag in flags:
        known = found.get(flag["rule"])
        if known is None or (flag["second_person"] and not known["second_person"]):
            found[flag["rule"]] = flag
    return list(found.values())


def _content(rule: Rule) -> str:
    return json.dumps([getattr(rule, name) for name in FIELDS])
