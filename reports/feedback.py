"""A day's state of support as a file: figures from the rows, and what a person wrote between the marks, which is kept."""

import re
from datetime import datetime
from pathlib import Path
from typing import Any

from .attainment import Period
from .report_page_cells import NAMES
from .weekly import figures, flow, words

PLACES = {"status": "In words", "blockers": "Blockers", "next": "Next steps"}
KEPT = re.compile(r"<!-- keep (\w+) -->\n(.*?)<!-- end \1 -->", re.DOTALL)
COMMANDS = """```console
.venv/bin/python manage.py write_feedback --date {day}
.venv/bin/python manage.py weekly_report --week {week} --as md
```"""


def write(path: Path, day: Period, *, now: datetime) -> None:
    """Writes the file, or refreshes it and keeps what stands between its marks. Raises OSError."""
    written = path.read_text(encoding="utf-8") if path.exists() else ""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(told(day, dict(KEPT.findall(written)), now=now), encoding="utf-8")


def told(day: Period, kept: dict[str, str], *, now: datetime) -> str:
    """kept: by the name of its place, what a person wrote there."""
    came, wire = flow.figures(day), figures.webhooks(day, now=now)
    year, week, _ = day.first.isocalendar()
    evidence = [*_promises(day, now=now), _line("Flow", came), _line("Escalations", flow.escalations(day))]
    evidence += [_line("Drafts", figures.drafts(day, now=now)), _line("Webhooks", wire)]
    status = f"{came['opened']} opened, {came['resolved']} resolved, {came['backlog_end']} open at the end of the day."
    return "\n".join(
        [
            f"# Support on {day.first}", "", f"As of {now.astimezone(day.zone):%Y-%m-%d %H:%M} ({day.zone}).",
            "", "## Status", "", status, "", _place("status", kept),
            "", "## Evidence", "", COMMANDS.format(day=day.first, week=f"{year}-W{week:02}"), "", *evidence,
            "", "## Blockers", "", *_blockers(wire, flow.escalations(day)), "", _place("blockers", kept),
            "", "## Next steps", "", _place("next", kept), "",
        ]
    )  # fmt: skip


def _promises(day: Period, *, now: datetime) -> list[str]:
    return [
        f"- {NAMES[metric]}: {words.percent(one['attainment'])} kept (met {one['met']}, missed {one['missed']}, "
        f"running {one['running']})"
        for metric, one in figures.adherence(day, now=now).items()
    ]


def _line(title: str, found: dict[str, Any]) -> str:
    return f"- {title}: " + ", ".join(
        f"{name.replace('_', ' ')} {words.said(value)}" for name, value in found.items()
    )


def _blockers(wire: dict[str, Any], raised: dict[str, Any]) -> list[str]:
    found = [
        (wire["given_up"], f"- {wire['given_up']} webhooks given up, counted nowhere until replayed."),
        (not wire["complete"], "- Data of the day is not complete: these figures may still change."),
        (raised["overdue"], f"- {raised['overdue']} escalations overdue."),
    ]
    return [text for so, text in found if so] or ["None that the figures show."]


def _place(name: str, kept: dict[str, str]) -> str:
    return f"<!-- keep {name} -->\n{kept.get(name, f'{PLACES[name]}: write here; this is kept.' + chr(10))}<!-- end {name} -->"
