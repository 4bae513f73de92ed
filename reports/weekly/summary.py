"""The figures of a week in sentences: the headline, which is also the email's subject, and at most five more."""

import math
from typing import Any

from ..attainment import uncertainty
from .trends import LEAST_WEEKS, percent, unusual

MOST_SENTENCES = 5


def headline(week: str, found: dict[str, Any], items: int, *, running: bool = False) -> str:
    """A change that may be chance is not given as one."""
    first = found["adherence"]["first_response"]
    met, moved = percent(first["attainment"]), ""
    if first["attainment"] is not None:
        met += " met"
    if first["attainment"] is not None and first["last_week"] is not None:
        moved = _moved(first)
    raised = found["escalations"]["raised"]
    return (
        f"Week {int(week[-2:])}{' so far' if running else ''}: first response {met} ({moved}n = {first['n']:,}), "
        f"{raised:,} escalation{'' if raised == 1 else 's'}, {items} action item{'' if items == 1 else 's'}"
    )


def _moved(first: dict[str, Any]) -> str:
    points = _whole(first["attainment"]) - _whole(first["last_week"])
    if not points:
        return "unchanged, "
    interval = uncertainty.difference(
        first["attainment"], first["n"], first["last_week"], first["last_week_n"]
    )
    return (
        "no clear change, " if interval.is_noise else f"{points:+d} point{'' if abs(points) == 1 else 's'}, "
    )


def _whole(share: float) -> int:
    return math.floor(share * 100 + 1e-9)


def text(found: dict[str, Any], *, running: bool = False) -> list[str]:
    """Figures outside the range of the last eight weeks, then the most frequent cause of missed targets."""
    if not found["usual"]:
        return [f"No comparison yet: at least {LEAST_WEEKS} of the last eight weeks must have enough data."]
    sentences = unusual(found, running=running)
    if not sentences:
        return ["All figures are within the range of the last eight weeks."]
    sentences = sentences[: MOST_SENTENCES - 1]
    if found["why_missed"]:
        cause, n = next(iter(found["why_missed"].items()))
        sentences.append(
            f"Most frequent cause of missed targets: {cause} ({n:,} of {sum(found['why_missed'].values()):,})."
        )
    return sentences


def north_star(found: dict[str, Any]) -> str:
    """One line: the share that is known, what it may be at most, and of how many."""
    n = f"n = {found['n']:,}"
    if found["share"] is None:
        return f"First responses in time and right: no data ({n})."
    room = f", at most {percent(found['at_most'])}" if found["at_most"] != found["share"] else ""
    return f"First responses in time and right: {percent(found['share'])} known{room} ({n})."


def webhooks(found: dict[str, Any]) -> str:
    """One line: whether the data is complete, and if not, what is missing."""
    if not found["n"]:
        return "No webhooks were received." + ("" if found["complete"] else " Data is incomplete.")
    parts = [f"{percent(found['share'])} of {found['n']:,} processed", f"{found['retried']:,} retried"]
    if found["recovered"]:
        parts.append(f"{found['recovered']:,} recovered from Chatwoot")
    if found["given_up"]:
        parts.append(f"{found['given_up']:,} failed")
    if found["gaps"]:
        parts.append(f"{len(found['gaps'])} gap{'' if len(found['gaps']) == 1 else 's'} not recovered")
    parts.append("data complete" if found["complete"] else "data incomplete")
    return ", ".join(parts) + "."
