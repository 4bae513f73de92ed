"""A week's figures in words: the headline, which is also the mail's subject, and at most five sentences."""

import math
from typing import Any

from .trends import LEAST_WEEKS, percent, unusual

MOST_SENTENCES = 5


def headline(week: str, found: dict[str, Any], needs: int) -> str:
    first = found["adherence"]["first_response"]
    moved = ""
    if first["attainment"] is not None and first["last_week"] is not None:
        points = _whole(first["attainment"]) - _whole(first["last_week"])
        moved = f"{points:+d}, " if points else "unchanged, "
    raised = found["escalations"]["raised"]
    return (
        f"Week {int(week[-2:])}: first reply {percent(first['attainment'])} ({moved}n = {first['n']:,}), "
        f"{raised:,} escalation{'' if raised == 1 else 's'}, {needs} thing{' needs' if needs == 1 else 's need'} you"
    )


def _whole(share: float) -> int:
    return math.floor(share * 100 + 1e-9)


def text(found: dict[str, Any]) -> list[str]:
    """Only what lies outside the last eight weeks' range, then what most misses waited for."""
    if not found["usual"]:
        return [f"What is usual is known once {LEAST_WEEKS} of the eight weeks before have enough figures."]
    said = unusual(found)
    if not said:
        return ["Nothing lies outside the range of the last eight weeks."]
    said = said[: MOST_SENTENCES - 1]
    if found["why_missed"]:
        cause, n = next(iter(found["why_missed"].items()))
        said.append(f"Most misses: {cause} ({n:,} of {sum(found['why_missed'].values()):,}).")
    return said


def wire(found: dict[str, Any]) -> str:
    """One line: all is there, or what is missing. Times are as they were kept."""
    if not found["n"]:
        return "Nothing came." + ("" if found["complete"] else " Data is not complete.")
    parts = [f"{percent(found['share'])} of {found['n']:,} processed", f"{found['retried']:,} retried"]
    if found["recovered"]:
        parts.append(f"{found['recovered']:,} found by asking Chatwoot")
    if found["given_up"]:
        parts.append(f"{found['given_up']:,} given up")
    if found["gaps"]:
        parts.append(f"{len(found['gaps'])} gap{'' if len(found['gaps']) == 1 else 's'} not recovered")
    parts.append("data complete" if found["complete"] else "data not complete")
    return ", ".join(parts) + "."
