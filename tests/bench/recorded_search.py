"""The figures of search that the bench last recorded: in docs/search.json, and as a table in docs/search.md.

As recorded.py does for ratios: BENCH_RECORD=1 with BANKING77_CSV, of the default embedder. A part may be measured alone.
"""

import json
import os
import platform
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from knowledge.search.measuring import Figure
from tests.bench import recorded
from tests.site import ROOT

FILE, DOCUMENT = ROOT / "docs" / "search.json", ROOT / "docs" / "search.md"
_measured: dict[str, "Measured"] = {}


@dataclass(frozen=True)
class Measured:
    """at_most: less is better. n: of a sample, with its 90 % interval; 0 for a time or a size, which has a unit."""

    value: float
    wanted: float
    at_most: bool = False
    n: int = 0
    low: float = 0.0
    high: float = 0.0
    unit: str = ""

    @property
    def is_met(self) -> bool:
        return self.value <= self.wanted if self.at_most else self.value >= self.wanted

    @property
    def cells(self) -> str:
        sign, verdict = "≤" if self.at_most else "≥", "held" if self.is_met else "MISSED"
        if self.unit:
            return f"{self.value:.1f} {self.unit} | | {sign} {self.wanted:g} {self.unit} | {verdict}"
        return f"{self.value:.3f} | {self.low:.3f} to {self.high:.3f}, n = {self.n:,} | {sign} {self.wanted:g} | {verdict}"


def share(title: str, figure: Figure, wanted: float, *, at_most: bool = False) -> None:
    """Of a sample with data."""
    if figure.value is None or figure.interval is None:
        raise ValueError(f"{title} has no data.")
    low, high = (round(edge, 4) for edge in figure.interval)
    _measured[title] = Measured(round(figure.value, 4), wanted, at_most, figure.n, low, high)


def most(title: str, value: float, wanted: float, unit: str) -> None:
    """A time or a size."""
    _measured[title] = Measured(round(value, 2), wanted, at_most=True, unit=unit)


def landed() -> dict[str, Any]:
    return json.loads(FILE.read_text())


def write() -> None:
    """Adds this run to what is recorded."""
    if not _measured:
        return
    kept = landed()
    kept["at"] = datetime.now(UTC).strftime("%Y-%m-%d")
    kept["machine"] = f"{os.cpu_count()} processors, Python {platform.python_version()}"
    kept["figures"] |= {title: asdict(one) for title, one in _measured.items()}
    FILE.write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n")
    DOCUMENT.write_text(documented(DOCUMENT.read_text()))


def documented(text: str) -> str:
    return recorded.between_marks(text, _markdown())


def _markdown() -> str:
    kept = landed()
    found = {title: Measured(**facts) for title, facts in kept["figures"].items()}
    return "\n".join(
        [
            f"Recorded on {kept['at']} ({kept['machine']}), with 90 % intervals: {sum(one.is_met for one in found.values())} of "
            f"{len(found)} figures are as wanted.",
            "", "| what | measured | interval | wanted | |", "| --- | --- | --- | --- | --- |",
            *(f"| {title} | {one.cells} |" for title, one in found.items()),
        ]
    )  # fmt: skip
