"""Draws the timeline of deliveries that always fail as an SVG: a line for each policy, a dot for each attempt. Deterministic.

Colours follow the reader's colour scheme. The SVG is shown as an image, so it must not fetch or run anything.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import log10
from xml.sax.saxutils import escape

WIDTH, LEFT, RIGHT = 850, 28, 822
TOP, LANE, FOOT = 20, 78, 44
LAST_S = 86_400
TICKS = (
    (0, "0"), (10, "10 s"), (60, "1 min"), (600, "10 min"), (3600, "1 h"), (6 * 3600, "6 h"), (LAST_S, "24 h"),
)  # fmt: skip
ROOM = 19  # pixels that a dot with a number needs
STYLE = """
text { font-family: Inter, system-ui, sans-serif; font-size: 14px; fill: #1f2937 }
.quiet { fill: #4b5563 } .n { fill: #fff; font-size: 10.5px; font-weight: 600; text-anchor: middle } .name { font-weight: 600 }
.card { fill: #fff; stroke: #e5e7eb } .line { stroke: #d1d5db } .grid { stroke: #f3f4f6 } .dot { fill: #7e22ce }
.spread { fill: #e9d5ff } .end { stroke: #b91c1c; stroke-width: 2.5 } .tick { text-anchor: middle; font-size: 12px }
@media (prefers-color-scheme: dark) {
text { fill: #f3f4f6 } .quiet { fill: #9ca3af } .card { fill: #111827; stroke: #374151 } .line { stroke: #4b5563 }
.grid { stroke: #1f2937 } .dot { fill: #9333ea } .spread { fill: #4c1d95 } .end { stroke: #f87171 } .n { fill: #fff }
}
"""


@dataclass(frozen=True)
class Lane:
    """after_s: seconds from the first attempt to each attempt. jitter: share by which a delay varies in both directions."""

    name: str
    ends: str
    after_s: Sequence[float]
    jitter: float


def draw(lanes: Sequence[Lane]) -> str:
    height = TOP + LANE * len(lanes) + FOOT
    label = "Attempts of deliveries that always fail, by policy: " + "; ".join(
        f"{lane.name}, {lane.ends}" for lane in lanes
    )
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" role="img">',
        f"<title>{escape(label)}</title>",
        f"<style>{STYLE}</style>",
        f'<rect class="card" x="0.5" y="0.5" width="{WIDTH - 1}" height="{height - 1}" rx="8"/>',
        *(_tick(seconds, label, height - FOOT) for seconds, label in TICKS),
        *(_lane(lane, TOP + LANE * place) for place, lane in enumerate(lanes)),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _x(seconds: float) -> float:
    """A logarithmic scale, so that a day fits on one line."""
    return round(LEFT + (RIGHT - LEFT) * log10(1 + seconds) / log10(1 + LAST_S * 1.1), 1)


def _tick(seconds: float, label: str, bottom: float) -> str:
    x = _x(seconds)
    return (
        f'<line class="grid" x1="{x}" x2="{x}" y1="{TOP}" y2="{bottom}"/>'
        f'<text class="tick quiet" x="{x}" y="{bottom + 22}">{label}</text>'
    )


def _lane(lane: Lane, top: float) -> str:
    y = top + 48
    title = f'<text x="{LEFT}" y="{top + 20}"><tspan class="name">{escape(lane.name)}</tspan>'
    title += f'<tspan class="quiet">: {escape(lane.ends)}</tspan></text>'
    line = f'<line class="line" x1="{LEFT}" x2="{RIGHT}" y1="{y}" y2="{y}"/>'
    end = _x(lane.after_s[-1]) + 13
    stop = f'<line class="end" x1="{end}" x2="{end}" y1="{y - 11}" y2="{y + 11}"/>'
    return "\n".join(
        [title, line, *(_spread(seconds, lane.jitter, y) for seconds in lane.after_s), *_dots(lane, y), stop]
    )


def _spread(seconds: float, jitter: float, y: float) -> str:
    start, end = _x(seconds * (1 - jitter)), _x(seconds * (1 + jitter))
    return f'<rect class="spread" x="{start}" y="{y - 4}" width="{round(end - start, 1)}" height="8" rx="4"/>'


def _dots(lane: Lane, y: float) -> list[str]:
    """Dots, with numbers as long as there is room for them."""
    places = [_x(seconds) for seconds in lane.after_s]
    gaps = [ROOM, *(after - before for before, after in pairwise(places))]
    return [
        f'<circle class="dot" cx="{x}" cy="{y}" r="9"/><text class="n" x="{x}" y="{y + 4}">{number}</text>'
        if gap >= ROOM
        else f'<circle class="dot" cx="{x}" cy="{y}" r="3.5"/>'
        for number, (x, gap) in enumerate(zip(places, gaps, strict=True), start=1)
    ]
