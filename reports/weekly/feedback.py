"""The state of support on a day as a file: calculated figures, and text that people wrote between marks, which is preserved."""

import re
from datetime import datetime
from pathlib import Path
from typing import Any

from ..attainment.cells import NAMES
from ..periods import Period
from . import action_items, data_quality, export, figures, iso_week, summary, volume
from .trends import percent

TEXTS = {"status": "Summary", "blockers": "Blockers", "next": "Next steps"}
MARKED = re.compile(r"<!-- keep (\w+) -->\n(.*?)<!-- end \1 -->", re.DOTALL)
MARK = re.compile(r"<!-- (?:keep|end) \w+ -->")
EVIDENCE = """```console
.venv/bin/python manage.py write_feedback --date {day}
```

The clocks behind these figures: `/admin/reports/clock/report/?from={day}&to={day}`, or
`GET /api/v1/reports/sla/?from={day}&to={day}`."""


class BrokenMarks(Exception):
    """The text that people wrote can no longer be separated from the figures. Nothing was written."""


def write(path: Path, day: Period, *, now: datetime) -> None:
    """Writes or refreshes the file and preserves the text between its marks. Raises OSError, BrokenMarks."""
    written = _between_marks(path.read_text(encoding="utf-8")) if path.exists() else {}
    path.parent.mkdir(parents=True, exist_ok=True)
    # To a temporary file first: a full disk must not damage the old file.
    temporary = path.with_suffix(".new")
    temporary.write_text(rendered(day, written, now=now), encoding="utf-8")
    temporary.replace(path)


def _between_marks(text: str) -> dict[str, str]:
    """By name: the text that people wrote between its marks."""
    found = MARKED.findall(text)
    if sorted(name for name, _ in found) != sorted(TEXTS) or len(MARK.findall(text)) != 2 * len(TEXTS):
        marks = ", ".join(f"<!-- keep {name} --> … <!-- end {name} -->" for name in TEXTS)
        raise BrokenMarks(f"its marks are broken. The file must contain each of these exactly once: {marks}.")
    return dict(found)


def rendered(day: Period, texts: dict[str, str], *, now: datetime) -> str:
    """texts: by name, what people wrote between its marks."""
    found = figures.counted(day, now=now) | {"webhooks": data_quality.figures(day, now=now)}
    came, week = volume.figures(day), iso_week.named(iso_week.of_day(day.first))
    status = f"{came['opened']} opened, {came['resolved']} resolved, {came['backlog_end']} open at the end of the day."
    evidence = [
        *_attainment(found["adherence"]),
        f"- {summary.north_star(found['north_star'])}",
        _line("Volume", "flow", came),
    ]
    evidence += [_line(name.capitalize(), name, found[name]) for name in ("escalations", "drafts")]
    evidence += [
        _line("Ratings", "csat", found["csat"]),
        f"- Webhooks: {summary.webhooks(found['webhooks'])}",
    ]
    return "\n".join(
        [
            f"# Support on {day.first:%-d %b %Y}", "", f"As of {now.astimezone(day.zone):%-d %b %Y, %H:%M} ({day.zone}).",
            "", "## Status", "", status, "", _place("status", texts),
            "", "## Evidence", "", EVIDENCE.format(day=day.first), "", *evidence,
            "", "## Blockers", "", *_blockers(found), "", _place("blockers", texts),
            "", "## Next steps", "", *_decisions(week, found, now=now), "", _place("next", texts), "",
        ]
    )  # fmt: skip


def _attainment(found: dict[str, Any]) -> list[str]:
    return [
        f"- {NAMES[metric]}: {percent(one['attainment'])}{' met' if one['n'] else ''} "
        f"({one['met']} met, {one['missed']} missed, {one['running']} running)"
        for metric, one in found.items()
    ]


def _line(title: str, section: str, found: dict[str, Any]) -> str:
    figures = {name: value for name, value in found.items() if not isinstance(value, list)}
    return f"- {title}: {export.formatted(section, figures)}"


def _blockers(found: dict[str, Any]) -> list[str]:
    received, overdue = found["webhooks"], found["escalations"]["overdue"]
    blockers = [
        (
            received["given_up"],
            f"- {received['given_up']} webhooks failed and are not counted until replayed.",
        ),
        (not received["complete"], "- The data of this day is not complete. These figures may still change."),
        (overdue, f"- {overdue} escalations overdue."),
    ]
    return [text for applies, text in blockers if applies] or ["None visible in the figures."]


def _decisions(week: str, found: dict[str, Any], *, now: datetime) -> list[str]:
    """Decisions that wait when the file is written, whatever the day."""
    return [f"- {one['what']}" for one in action_items.listed(week, found, now=now)] or [
        "No decisions are waiting."
    ]


def _place(name: str, texts: dict[str, str]) -> str:
    prompt = f"{TEXTS[name]}: write here; this text is preserved.\n"
    return f"<!-- keep {name} -->\n{texts.get(name, prompt)}<!-- end {name} -->"
