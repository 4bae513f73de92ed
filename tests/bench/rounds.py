"""Cases measured in turn, round by round, in one run: what disturbs the machine disturbs neighbours alike.

Only ratios mean anything elsewhere, so each is taken within its round; the range shows how far the rounds agree.
"""

import os
import statistics
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.bench import recorded

FULL = os.environ.get("BENCH_FULL") == "1"


@dataclass(frozen=True)
class Target:
    """A case against another: at least (or, of a cost, at most) so many times as much."""

    case: str
    against: str
    factor: float
    at_most: bool = False


@dataclass
class Rounds:
    title: str
    unit: str
    cases: dict[str, Callable[[], float]]
    targets: list[Target] = field(default_factory=list)
    found: dict[str, list[float]] = field(default_factory=dict)

    def run(self, times: int) -> "Rounds":
        for _ in range(times):
            for name, measure in self.cases.items():
                self.found.setdefault(name, []).append(measure())
        print(self.table())
        self.record()
        return self

    def record(self) -> None:
        for target in self.targets:
            if {target.case, target.against} <= set(self.found):
                self._record(target)

    def _record(self, target: Target) -> None:
        ratios = self.ratio(target.case, target.against)
        found = recorded.Ratio(
            round(statistics.median(ratios), 3), round(min(ratios), 3), round(max(ratios), 3), target.factor, target.at_most
        )  # fmt: skip
        recorded.note(f"{self.title}: {target.case} against {target.against}", found)

    def ratio(self, case: str, against: str) -> list[float]:
        return [one / other for one, other in zip(self.found[case], self.found[against], strict=True)]

    def table(self) -> str:
        lines = [f"\n{self.title}"]
        for name, values in self.found.items():
            lines.append(f"  {name:44} {shown(values):>28} {self.unit}")
        for target in self.targets:
            if {target.case, target.against} <= set(self.found):
                lines.append(self._verdict(target))
        return "\n".join(lines)

    def _verdict(self, target: Target) -> str:
        ratios = self.ratio(target.case, target.against)
        middle = statistics.median(ratios)
        met = middle <= target.factor if target.at_most else middle >= target.factor
        return (
            f"  {target.case} against {target.against}: {shown(ratios)} ×, "
            f"wanted {'≤' if target.at_most else '≥'} {target.factor:g} ×: {'held' if met else 'MISSED'}"
        )


def shown(values: list[float]) -> str:
    """The median and the range."""
    return f"{number(statistics.median(values))} ({number(min(values))} to {number(max(values))})"


def number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.2f}"


def percentile(values: list[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def limit(name: str, value: float, most: float, unit: str) -> str:
    return f"  {name:44} {number(value):>12} {unit}, wanted < {most:g} {unit}: {'held' if value < most else 'MISSED'}"
