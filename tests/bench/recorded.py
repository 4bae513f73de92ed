"""The figures of the last landed `make bench`, in docs/performance.json: what a new run is compared with.

BENCH_RECORD=1 make bench writes them, and the table in docs/performance.md. Another run fails if a
ratio fell by more than a fifth, because then something became slower than its neighbour in the same run; times alone say
nothing on another machine. `python -m tests.bench.recorded` prints them, as the gate does.
"""

import json
import os
import platform
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from tests.site import ROOT

FILE, DOCUMENT = ROOT / "docs" / "performance.json", ROOT / "docs" / "performance.md"
BEGIN, END = "<!-- begin: BENCH_RECORD=1 make bench -->", "<!-- end -->"
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

    @property
    def target(self) -> str:
        return f"{'≤' if self.at_most else '≥'} {self.wanted:g} ×"

    @property
    def verdict(self) -> str:
        return "held" if self.is_met else "MISSED"

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
    DOCUMENT.write_text(documented(DOCUMENT.read_text()))


def documented(text: str) -> str:
    """The document with the table of what is recorded between its marks."""
    return between_marks(text, _markdown())


def between_marks(text: str, table: str) -> str:
    before, _, rest = text.partition(BEGIN)
    return f"{before}{BEGIN}\n{table}\n{END}{rest.partition(END)[2]}"


def _markdown() -> str:
    kept = landed()
    ratios = {title: Ratio(**facts) for title, facts in sorted(kept["ratios"].items())}
    return "\n".join(
        [
            f"Recorded on {kept['at']} ({kept['machine']}): the median of the rounds, and their range.",
            "", "| what | ratio | range | wanted | |", "| --- | --- | --- | --- | --- |",
            *(
                f"| {title} | {one.ratio:.2f} × | {one.least:.2f} to {one.most:.2f} | {one.target} | {one.verdict} |"
                for title, one in ratios.items()
            ),
            "", "| unit cost | |", "| --- | --- |",
            *(f"| {title} | {cost:,.1f} |" for title, cost in sorted(kept["costs"].items())),
        ]
    )  # fmt: skip


def table() -> str:
    kept = landed()
    if not kept["ratios"]:
        return "Nothing is recorded yet: BENCH_RECORD=1 make bench"
    lines = [f"Recorded on {kept['at']} ({kept['machine']}):"]
    for title, facts in kept["ratios"].items():
        one = Ratio(**facts)
        lines.append(
            f"  {one.ratio:6.2f} × ({one.least:.2f} to {one.most:.2f}), wanted {one.target}: {one.verdict}  {title}"
        )
    ratios = [Ratio(**facts) for facts in kept["ratios"].values()]
    return "\n".join(
        [*lines, f"{sum(one.is_met for one in ratios)} of {len(ratios)} recorded ratios are as wanted."]
    )


if __name__ == "__main__":
    print(table())
