"""A week as a file: Markdown to read, CSV with one figure a line, or the snapshot itself as JSON."""

import csv
import io
import json
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings

from knowledge.models import Escalation
from webhooks.display import formats
from webhooks.display.csv_cells import BOM, safe

from ..attainment import north_star
from ..attainment.cells import NAMES
from . import csat, summary
from .trends import minutes, percent

SECTIONS = (
    "adherence",
    "north_star",
    "why_missed",
    "reopened",
    "flow",
    "escalations",
    "csat",
    "drafts",
    "webhooks",
)
TITLES = {
    "north_star": "In time and right",
    "why_missed": "Causes of missed targets",
    "reopened": "Reopened within 72 h",
    "flow": "Volume",
    "csat": "Customer ratings",
}
# Keys of the snapshot as people read them; a key with a section wins over one without.
LABELS = {
    "north_star.n": "first responses due", "north_star.share": "known to be in time and right",
    "at_most": "at most, if all that nobody graded were right", "last_week_n": "n of last week",
    **{f"north_star.{name}": label for name, label in north_star.OUTCOMES.items()},
    "reopened.n": "resolutions", "rate": "share", "net": "net change",
    "backlog_start": "backlog at the start", "backlog_end": "backlog at the end",
    "escalations.share": "share of new conversations",
    "rated": "ratings", "average": "average stars", "satisfied": "4 or 5 stars", "asked": "surveys sent",
    "answered": "surveys answered", "drafted": "after a draft", "by_hand": "after a handwritten reply", "low": "1 or 2 stars",
    "turns": "customer turns", "drafts.share": "share of turns with a draft", "accepted": "approved unedited",
    "accepted_share": "share approved unedited", "approval_min": "median time to approval",
    "without_signal": "decisions without a learning signal",
}  # fmt: skip
SPLITS = ("by_reason", "by_level")  # tables of their own
ESCALATED = {"raised": "Raised", "closed": "Closed", "open": "Open at the end", "overdue": "Overdue"}
SHARES = (
    "accepted_share", "at_most", "attainment", "edit_ratio", "last_week", "median_4_weeks", "rate", "response_rate", "satisfied",
    "share",
)  # fmt: skip
ADHERENCE = (
    "Metric",
    "Met",
    "n",
    "Last week",
    "4-week median",
    "Running",
    "Not applicable",
    "Closed unanswered",
)
REASONS = dict(Escalation.Kind.choices)


def rendered(report: dict[str, Any], form: str) -> str:
    """As a file: CSV starts with a byte order mark, by which Excel reads it as UTF-8."""
    if form == "json":
        return json.dumps(report, indent=2)
    return BOM + as_csv(report) if form == "csv" else markdown(report)


def markdown(report: dict[str, Any], *, comments: bool = True) -> str:
    """comments: include customers' comments, masked, as they are now. Emails leave them out."""
    base = settings.PUBLIC_URL.rstrip("/")
    items = [f"- [{one['what']}]({base}{one['where']})" for one in report["needs_you"]]
    parts = [
        ("Action items", items),
        ("SLA attainment", _adherence(report)),
        *((title(name), _figures(name, report[name])) for name in SECTIONS[1:-1] if name in report),
        ("1 or 2 stars", _rated(report["csat"]["rated_low"], comments=comments)),
        *([("Ratings changed later", changed)] if (changed := _changed(report)) else []),
        ("Longest waiting", _waiting(report)),
        ("Contact reasons", _reasons(report)),
        ("Webhooks", [summary.webhooks(report["webhooks"])]),
    ]
    body = [line for title, lines in parts for line in ("", f"## {title}", "", *(lines or ["None."]))]
    return "\n".join([*_head(report), *body]) + "\n"


def _head(report: dict[str, Any]) -> list[str]:
    lines = [
        f"# {report['headline']}",
        "",
        f"{day(report['from'])} to {day(report['to'])} ({report['zone']}). Created {moment(report, report['made_at'])}.",
        "",
    ]
    if not report["kept"]:
        lines += ["**Not saved**: these figures were calculated just now and change as data changes.", ""]
    if not report["complete"]:
        until = moment(report, report["webhooks"]["complete_until"])
        lines += [f"**Incomplete**: data is complete only until {until}.", ""]
    return lines + [f"- {sentence}" for sentence in report["text"]]


def day(text: str) -> str:
    return f"{date.fromisoformat(text):%-d %b %Y}"


def moment(report: dict[str, Any], text: str) -> str:
    """In the report's time zone, which the head names."""
    return f"{datetime.fromisoformat(text).astimezone(ZoneInfo(report['zone'])):%-d %b %Y, %H:%M}"


def title(section: str) -> str:
    return TITLES.get(section, section.capitalize())


def attainment_rows(report: dict[str, Any]) -> list[tuple[str, ...]]:
    """A heading, then a row for each metric."""
    rows: list[tuple[str, ...]] = [ADHERENCE]
    for metric, one in report["adherence"].items():
        shares = [percent(one[name]) for name in ("last_week", "median_4_weeks")]
        beside = [one[name] for name in ("running", "not_applicable", "closed_unanswered")]
        counts = [f"{n:,}" for n in beside]
        rows.append((NAMES[metric], percent(one["attainment"]), f"{one['n']:,}", *shares, *counts))
    return rows


def escalation_rows(found: dict[str, Any]) -> list[tuple[str, ...]]:
    """A heading, then a row for each reason, and the total."""
    named = [(REASONS.get(name, name), counts) for name, counts in found["by_reason"].items()]
    rows = [
        (name, *(f"{counts[what]:,}" for what in ESCALATED)) for name, counts in [*named, ("Total", found)]
    ]
    return [("Reason", *(ESCALATED.values())), *rows]


def _adherence(report: dict[str, Any]) -> list[str]:
    return _table(attainment_rows(report)) + [f"\nLeft out of the medians: {_left_out(report)}."] * bool(
        report["left_out"]
    )


def _table(rows: Sequence[Sequence[str]]) -> list[str]:
    heading, *others = rows
    return ["| " + " | ".join(row) + " |" for row in (heading, ["---"] * len(heading), *others)]


def _left_out(report: dict[str, Any]) -> str:
    return ", ".join(f"{week} ({_inline(note)})" for week, note in report["left_out"].items())


def _figures(section: str, found: dict[str, Any]) -> list[str]:
    lines = [f"- {label}: {text}" for label, text in figure_rows(section, found)]
    return [*lines, "", *_table(escalation_rows(found))] if found.get("by_reason") else lines


def figure_rows(section: str, found: dict[str, Any]) -> list[tuple[str, str]]:
    """Each figure with its label, as text."""
    rows = []
    for name, value in found.items():
        if not isinstance(value, list) and name not in SPLITS:
            label = _label(section, name)
            rows.append((f"{label[:1].upper()}{label[1:]}", formatted(section, value, name)))
    return rows


def _label(section: str, name: str) -> str:
    known = LABELS.get(f"{section}.{name}") or LABELS.get(name) or REASONS.get(name)
    return known or name.replace("_", " ")


def _rated(rated: list[dict[str, Any]], *, comments: bool) -> list[str]:
    by_message = csat.comments(rated) if comments else {}
    quoted = {number: f": {_inline(comment)}" for number, comment in by_message.items()}
    return [
        f"- {one['stars']}, {one['source']} #{one['conversation_id']}{quoted.get(one['message'], '')}"
        for one in rated
    ]


def _changed(report: dict[str, Any]) -> list[str]:
    """Ratings given in an earlier week, whose report keeps what it said."""
    return [
        f"- {one['before']} to {one['stars']}, {one['source']} #{one['conversation_id']}"
        for one in report["csat"].get("changed_later", ())
    ]


def _waiting(report: dict[str, Any]) -> list[str]:
    return [
        f"- {one['source']} #{one['conversation_id']}, since {moment(report, one['waiting_since'])}"
        for one in report["oldest_waiting"]
    ]


def _reasons(report: dict[str, Any]) -> list[str]:
    return [
        f"- {_inline(one['label'])}: {one['n']} ({one['moved']:+d}, last week {one['last_week']})"
        for one in report["reasons"]
    ]


def formatted(section: str, value: Any, name: str = "") -> str:
    """One figure, or a group of figures on one line."""
    if isinstance(value, dict):
        parts = []
        for key, one in value.items():
            label, text = _label(section, key), formatted(section, one, key)
            parts.append(f"{label} ({text})" if isinstance(one, dict) else f"{label} {text}")
        return ", ".join(parts) or "none"
    if name in SHARES:
        return percent(value)
    if value is None:
        return "no data"
    if name == "approval_min":
        return minutes(value)
    if name == "median_s":
        return formats.business_span(value)
    if isinstance(value, bool | str):
        return str(value)
    return f"{value:.2f}" if isinstance(value, float) else f"{value:,}"


def _inline(text: str) -> str:
    """Text from the customer's side, with Markdown escaped."""
    plain = " ".join(text.split())
    return "".join(f"\\{char}" if char in "\\`*_[]<>|#" else char for char in plain)


def as_csv(report: dict[str, Any]) -> str:
    """week, section, name, value, text: the key in the JSON snapshot, the number to calculate with, and as people read it."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["week", "section", "name", "value", "text"])
    for section in SECTIONS:
        for name, value in _flat(report.get(section, {})):
            exact = round(value, 4) if isinstance(value, float) else value
            text = formatted(section, value, name.rpartition(".")[2])
            writer.writerow([report["week"], section, safe(name), safe(exact), safe(text)])
    for one in report["reasons"]:
        for section, n in (("reasons", one["n"]), ("reasons last week", one["last_week"])):
            writer.writerow([report["week"], section, safe(one["label"]), n, f"{n:,}"])
    return out.getvalue()


def _flat(found: dict[str, Any], before: str = "") -> list[tuple[str, Any]]:
    rows: list[tuple[str, Any]] = []
    for name, value in found.items():
        if isinstance(value, dict):
            rows += _flat(value, f"{before}{name}.")
        elif not isinstance(value, list):
            rows.append((before + name, value))
    return rows
