"""The figures that are compared with the eight weeks before: where to find them, what they are based on, how to show them."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.formats import number_format
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from webhooks.display import charts

from ..attainment.cells import FEW

LEAST_WEEKS = 4  # with fewer, there is no usual range


def percent(share: float | None) -> str:
    """With one decimal wherever it is shown, so that the page, the email and the PDF show one number."""
    return str(charts.NO_DATA) if share is None else charts.share(share)


def minutes(value: float) -> str:
    return gettext("%(n)s min") % {"n": math.ceil(value)}


def grade(value: float) -> str:
    return number_format(f"{math.floor(value * 100 + 1e-9) / 100:g}")


@dataclass(frozen=True)
class Trend:
    """n: the key of the number it is based on; "" if the figure is a plain number itself."""

    name: str
    label: Promise
    section: str
    value: str
    display: Callable[[Any], str]
    n: str = ""
    metric: str = ""

    def of(self, found: dict[str, Any], field: str = "") -> Any:
        section = found[self.section]
        return (section[self.metric] if self.metric else section)[field or self.value]

    def known(self, found: dict[str, Any]) -> Any:
        """None if it is based on too few to judge by, or was saved before there was such a figure."""
        if self.section not in found:
            return None
        return None if self.n and self.of(found, self.n) < FEW else self.of(found)


TRENDS = (
    Trend("first_response", _("First response met"), "adherence", "attainment", percent, "n", "first_response"),
    Trend("next_response", _("Next response met"), "adherence", "attainment", percent, "n", "next_response"),
    Trend("resolution", _("Resolution met"), "adherence", "attainment", percent, "n", "resolution"),
    Trend("north_star", _("In time and right"), "north_star", "share", percent, "n"),
    Trend("opened", _("New conversations"), "flow", "opened", charts.count),
    Trend("escalated", _("New conversations escalated"), "escalations", "share", percent),
    Trend("reopened", _("Reopened within 72 h"), "reopened", "rate", percent, "n"),
    Trend("satisfied", _("Satisfied customers"), "csat", "satisfied", percent, "rated"),
    Trend("accepted", _("Drafts approved unedited"), "drafts", "accepted_share", percent, "decided"),
    Trend("approval", _("Time to approval"), "drafts", "approval_min", minutes, "approved"),
    Trend("accuracy", _("Draft accuracy"), "drafts", "accuracy", grade, "graded"),
)  # fmt: skip
BY_NAME = {one.name: one for one in TRENDS}


def ranges(weeks: Sequence[dict[str, Any]]) -> dict[str, tuple[float, float]]:
    """The lowest and highest value of each figure in these weeks, if enough weeks have one."""
    found = {}
    for one in TRENDS:
        known = [value for value in map(one.known, weeks) if value is not None]
        if len(known) >= LEAST_WEEKS:
            found[one.name] = (min(known), max(known))
    return found


def lines(weeks: Sequence[dict[str, Any]]) -> dict[str, list[Any]]:
    """Each figure week by week for the charts, even if it is based on few."""
    return {one.name: [one.of(found) for found in weeks] for one in TRENDS}


def counts(weeks: Sequence[dict[str, Any]]) -> dict[str, list[Any]]:
    """Counts for the charts: what came and went, and what became of the drafts."""
    decided = [found["drafts"] for found in weeks]
    return {
        "resolved": [found["flow"]["resolved"] for found in weeks],
        "backlog": left_after(weeks[-1]["flow"]["backlog_end"], [found["flow"]["net"] for found in weeks]),
        "unedited": [one["accepted"] for one in decided],
        "edited": [one["approved"] - one["accepted"] for one in decided],
        "rejected": [one["decided"] - one["approved"] for one in decided],
        "edit_ratio": [one["edit_ratio"] for one in decided],
    }


def left_after(last: int, nets: Sequence[int]) -> list[int]:
    """The backlog after each step, from the last one and the changes: reading it for each step would take long."""
    found = [last]
    for net in reversed(nets[1:]):
        found.append(found[-1] - net)
    return found[::-1]


def unusual(found: dict[str, Any], *, running: bool = False) -> list[str]:
    """A sentence for each figure outside its usual range, if the difference is visible after rounding.

    running: the week is not over, so its counts cannot be compared with those of whole weeks. Shares can.
    """
    sentences = []
    for one in TRENDS:
        value, usual = one.known(found), found["usual"].get(one.name)
        if (running and not one.n) or value is None or usual is None or usual[0] <= value <= usual[1]:
            continue
        shown, (least, most) = one.display(value), map(one.display, usual)
        if shown in (least, most):
            continue
        n = f" (n = {charts.count(one.of(found, one.n))})" if one.n else ""
        span = gettext("%(least)s to %(most)s") % {"least": least, "most": most} if most != least else least
        sentence = (
            gettext("%(figure)s: %(value)s, below the range of the last eight weeks (%(range)s).")
            if value < usual[0]
            else gettext("%(figure)s: %(value)s, above the range of the last eight weeks (%(range)s).")
        )
        sentences.append(sentence % {"figure": one.label, "value": f"{shown}{n}", "range": span})
    return sentences
