"""The figures of the last landed `make bench`, in docs/performance.json: what a new run is compared with.

BENCH_RECORD=1 make bench writes them. Another run fails if a ratio fell by more than a fifth, because then something became
slower than its neighbour in the same run; times alone say nothing on another machine. `python -m tests.bench.recorded` prints
them, as the gate does.
"""

import json
import os
import platform
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from tests.site import ROOT

FILE = ROOT / "docs" / "performance.json"
FELL = 0.8  # of the recorded ratio; a cost, where less is better, may grow by as much
_ratios: dict[str, "Ratio"] = {}
_costs: dict[str, float] = {}


@dataclass(frozen=True)
class Ratio:
    """A case against another in one run: the median of its rounds, and their range. at_most: less is better."""

    ratio: float
    least: float
    most: float
    wanted: float
    at_most: bool

    @property
    def is_met(self) -> bool:
        return self.ratio <= self.wanted if self.at_most else self.ratio >= self.wanted

    def fell(self, now: "Ratio") -> bool:
        return now.ratio * FELL > self.ratio if self.at_most else now.ratio < self.ratio * FELL


def note(title: str, ratio: Ratio) -> None:
    _ratios[title] = ratio


def cost(title: str, value: float) -> None:
    """A unit cost for the model of tests/bench/scale.py, such as ms of processor a message."""
    _costs[title] = round(value, 3)


def landed() -> dict[str, Any]:
    return json.loads(FILE.read_text()) if FILE.exists() else {"ratios": {}, "costs": {}}


def fallen() -> list[str]:
    """A line for each ratio of this run that is worse than the recorded one by more than a fifth."""
    before = {title: Ratio(**facts) for title, facts in landed()["ratios"].items()}
    return [
        f"{title}: {before[title].ratio:.2f} × when it landed, {now.ratio:.2f} × now"
        for title, now in _ratios.items()
        if title in before and before[title].fell(now)
    ]


def write() -> None:
    """Adds this run to what is recorded: a part of the bench may be run alone."""
    kept = landed()
    kept["at"] = datetime.now(UTC).strftime("%Y-%m-%d")
    kept["machine"] = f"{os.cpu_count()} processors, Python {platform.python_version()}"
    kept["ratios"] |= {title: asdict(ratio) for title, ratio in _ratios.items()}
    kept["costs"] |= _costs
    FILE.write_text(json.dumps(kept, indent=1, sort_keys=True) + "\n")


def table() -> str:
    kept = landed()
    if not kept["ratios"]:
        return "Nothing is recorded yet: BENCH_RECORD=1 make bench"
    lines = [f"Recorded on {kept['at']} ({kept['machine']}):"]
    for title, facts in kept["ratios"].items():
        one = Ratio(**facts)
        sign, verdict = ("≤" if one.at_most else "≥"), ("held" if one.is_met else "MISSED")
        lines.append(
            f"  {one.ratio:6.2f} × ({one.least:.2f} to {one.most:.2f}), wanted {sign} {one.wanted:g} ×: {verdict}  {title}"
        )
    return "\n".join(lines)


if __name__ == "__main__":
    print(table())
