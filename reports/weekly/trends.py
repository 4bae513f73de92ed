"""The figures that one week is compared by with the eight before: which, how many they rest on, how they are told."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from ..attainment.cells import FEW, NAMES

LEAST_WEEKS = 4  # of fewer nobody knows what is usual


def percent(share: float | None) -> str:
    """Rounded down: 99.6 % is not all."""
    return "no data" if share is None else f"{math.floor(share * 100 + 1e-9)} %"


def tenths(share: float | None) -> str:
    """As percent, where what lies close together is told apart."""
    return "no data" if share is None else f"{math.floor(share * 1000 + 1e-9) / 10:g} %"


def minutes(value: float) -> str:
    return f"{math.ceil(value)} min"


def grade(value: float) -> str:
    return f"{math.floor(value * 100 + 1e-9) / 100:g}"


def number(value: float) -> str:
    return f"{value:,.0f}"


@dataclass(frozen=True)
class Watched:
    """n: how many it rests on; "" where it is such a number itself."""

    name: str
    words: str
    section: str
    value: str
    told: Callable[[Any], str]
    n: str = ""
    metric: str = ""

    def of(self, found: dict[str, Any], field: str = "") -> Any:
        section = found[self.section]
        return (section[self.metric] if self.metric else section)[field or self.value]

    def known(self, found: dict[str, Any]) -> Any:
        """None where it rests on too few to say anything by."""
        return None if self.n and self.of(found, self.n) < FEW else self.of(found)


WATCHED = (
    *(Watched(metric, f"{name} in time", "adherence", "attainment", tenths, "n", metric)
      for metric, name in NAMES.items()),
    Watched("opened", "New conversations", "flow", "opened", number),
    Watched("escalated", "Escalated of new conversations", "escalations", "share", tenths),
    Watched("reopened", "Reopened within 72 h", "reopened", "rate", tenths, "n"),
    Watched("satisfied", "Satisfied customers", "csat", "satisfied", tenths, "rated"),
    Watched("accepted", "Drafts accepted unedited", "drafts", "accepted_share", tenths, "decided"),
    Watched("approval", "Time to approval", "drafts", "approval_min", minutes, "approved"),
    Watched("accuracy", "Accuracy of drafts", "drafts", "accuracy", grade, "graded"),
)  # fmt: skip
BY_NAME = {one.name: one for one in WATCHED}


def ranges(weeks: Sequence[dict[str, Any]]) -> dict[str, tuple[float, float]]:
    """The least and most of each figure in these weeks, where enough of them have it."""
    found = {}
    for one in WATCHED:
        known = [value for value in map(one.known, weeks) if value is not None]
        if len(known) >= LEAST_WEEKS:
            found[one.name] = (min(known), max(known))
    return found


def lines(weeks: Sequence[dict[str, Any]]) -> dict[str, list[Any]]:
    """Each figure week by week, however few it rests on: for the charts."""
    return {one.name: [one.of(found) for found in weeks] for one in WATCHED}


def unusual(found: dict[str, Any]) -> list[str]:
    """A sentence for each figure outside its range, by as much as can be told."""
    said = []
    for one in WATCHED:
        value, usual = one.known(found), found["usual"].get(one.name)
        if value is None or usual is None or usual[0] <= value <= usual[1]:
            continue
        told, (least, most) = one.told(value), map(one.told, usual)
        if told in (least, most):
            continue
        n = f" (n = {one.of(found, one.n):,})" if one.n else ""
        where = "below" if value < usual[0] else "above"
        said.append(
            f"{one.words}: {told}{n}, {where} the last eight weeks' {least}{f' to {most}' if most != least else ''}."
        )
    return said
