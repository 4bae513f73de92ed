"""A day's state of support as a file: figures from the rows, and what a person wrote between the marks, which is kept."""

import re
from datetime import datetime
from pathlib import Path
from typing import Any

from ..attainment.cells import NAMES
from ..periods import Period
from . import action_items, data_quality, export, figures, iso_week, summary, volume
from .trends import percent

PLACES = {"status": "In words", "blockers": "Blockers", "next": "Next steps"}
KEPT = re.compile(r"<!-- keep (\w+) -->\n(.*?)<!-- end \1 -->", re.DOTALL)
MARK = re.compile(r"<!-- (?:keep|end) \w+ -->")
EVIDENCE = """```console
.venv/bin/python manage.py write_feedback --date {day}
```

The clocks behind it: `/admin/reports/clock/report/?from={day}&to={day}`, or
`GET /api/v1/reports/sla/?from={day}&to={day}`."""


class BrokenMarks(Exception):
    """What a person wrote cannot be told from the rest any more: nothing was written."""


def write(path: Path, day: Period, *, now: datetime) -> None:
    """Writes the file, or refreshes it and keeps what stands between its marks. Raises OSError, BrokenMarks."""
    written = _between_marks(path.read_text(encoding="utf-8")) if path.exists() else {}
    path.parent.mkdir(parents=True, exist_ok=True)
    # Aside first: a full disk leaves the old file as it was.
    aside = path.with_suffix(".new")
    aside.write_text(told(day, written, now=now), encoding="utf-8")
    aside.replace(path)


def _between_marks(text: str) -> dict[str, str]:
    """By the name of its place, what a person wrote there."""
    found = KEPT.findall(text)
    if sorted(name for name, _ in found) != sorted(PLACES) or len(MARK.findall(text)) != 2 * len(PLACES):
        marks = ", ".join(f"<!-- keep {name} --> … <!-- end {name} -->" for name in PLACES)
        raise BrokenMarks(f"its marks are broken: each of {marks} must stand in it once.")
    return dict(found)


def told(day: Period, kept: dict[str, str], *, now: datetime) -> str:
    """kept: by the name of its place, what a person wrote there."""
    found = figures.counted(day, now=now) | {"webhooks": data_quality.figures(day, now=now)}
    came, week = volume.figures(day), iso_week.named(iso_week.of_day(day.first))
    status = f"{came['opened']} opened, {came['resolved']} resolved, {came['backlog_end']} open at the end of the day."
    evidence = [*_promises(found["adherence"]), _line("Flow", came)]
    evidence += [_line(name.capitalize(), found[name]) for name in ("escalations", "drafts")]
    evidence += [_line("Ratings", found["csat"]), f"- Webhooks: {summary.wire(found['webhooks'])}"]
    return "\n".join(
        [
            f"# Support on {day.first}", "", f"As of {now.astimezone(day.zone):%Y-%m-%d %H:%M} ({day.zone}).",
            "", "## Status", "", status, "", _place("status", kept),
            "", "## Evidence", "", EVIDENCE.format(day=day.first), "", *evidence,
            "", "## Blockers", "", *_blockers(found), "", _place("blockers", kept),
            "", "## Next steps", "", *_decisions(week, found, now=now), "", _place("next", kept), "",
        ]
    )  # fmt: skip


def _promises(found: dict[str, Any]) -> list[str]:
    return [
        f"- {NAMES[metric]}: {percent(one['attainment'])}{' kept' if one['n'] else ''} "
        f"(met {one['met']}, missed {one['missed']}, running {one['running']})"
        for metric, one in found.items()
    ]


def _line(title: str, found: dict[str, Any]) -> str:
    kept = {name: value for name, value in found.items() if not isinstance(value, list)}
    return f"- {title}: {export.said(kept)}"


def _blockers(found: dict[str, Any]) -> list[str]:
    wire, overdue = found["webhooks"], found["escalations"]["overdue"]
    said = [
        (wire["given_up"], f"- {wire['given_up']} webhooks given up, counted nowhere until replayed."),
        (not wire["complete"], "- Data of the day is not complete: these figures may still change."),
        (overdue, f"- {overdue} escalations overdue."),
    ]
    return [text for so, text in said if so] or ["None that the figures show."]


def _decisions(week: str, found: dict[str, Any], *, now: datetime) -> list[str]:
    """What waits for somebody as this is written, whatever the day."""
    return [f"- {one['what']}" for one in action_items.you(week, found, now=now)] or ["No decision waits."]


def _place(name: str, kept: dict[str, str]) -> str:
    return f"<!-- keep {name} -->\n{kept.get(name, f'{PLACES[name]}: write here; this is kept.' + chr(10))}<!-- end {name} -->"
