"""A week as a file: Markdown to read, CSV with one figure a line, the snapshot itself as JSON."""

import csv
import io
import json
from typing import Any

from knowledge.models import Escalation
from webhooks.display.csv_cells import BOM, safe

from ..attainment.cells import NAMES
from . import csat, summary
from .trends import percent

SECTIONS = ("adherence", "why_missed", "reopened", "flow", "escalations", "csat", "drafts", "webhooks")
TITLES = {"why_missed": "Why we missed", "reopened": "Reopened within 72 h", "csat": "Customers' ratings"}
SHARES = ("accepted_share", "edit_ratio", "rate", "response_rate", "satisfied", "share")
ADHERENCE = (
    "metric",
    "in time",
    "n",
    "last week",
    "four-week median",
    "running",
    "not applicable",
    "closed unanswered",
)
REASONS = dict(Escalation.Kind.choices)


def told(kept: dict[str, Any], form: str) -> str:
    """As a file: CSV begins with the mark by which Excel reads it as UTF-8."""
    if form == "json":
        return json.dumps(kept, indent=2)
    return BOM + as_csv(kept) if form == "csv" else markdown(kept)


def markdown(kept: dict[str, Any], *, base: str = "", comments: bool = True) -> str:
    """base: what links begin with. comments: with customers' words, masked, as they stand now; a mail goes without."""
    parts = [
        ("Needs you", [f"- [{one['what']}]({base}{one['where']})" for one in kept["needs_you"]] or ["Nothing."]),
        ("Adherence", _adherence(kept)),
        *((TITLES.get(section, section.capitalize()), _figures(kept[section])) for section in SECTIONS[1:-1]),
        ("Rated 1 or 2", _rated(kept["csat"]["rated_low"], comments=comments)),
        ("Oldest waiting", _waiting(kept)), ("Contact reasons", _reasons(kept)),
        ("Webhooks", [summary.wire(kept["webhooks"])]),
    ]  # fmt: skip
    told = [line for title, lines in parts for line in ("", f"## {title}", "", *(lines or ["None."]))]
    return "\n".join([*_head(kept), *told]) + "\n"


def _head(kept: dict[str, Any]) -> list[str]:
    lines = [
        f"# {kept['headline']}",
        "",
        f"{kept['from']} to {kept['to']}, {kept['zone']}. Made {kept['made_at']}.",
        "",
    ]
    if not kept["kept"]:
        lines += ["**Not kept**: reckoned just now, and not what anybody was told.", ""]
    if not kept["complete"]:
        lines += [f"**Incomplete**: data is complete only until {kept['webhooks']['complete_until']}.", ""]
    return lines + [f"- {sentence}" for sentence in kept["text"]]


def _adherence(kept: dict[str, Any]) -> list[str]:
    rows = [ADHERENCE, tuple("---" for _ in ADHERENCE)]
    for metric, one in kept["adherence"].items():
        shares = [percent(one[name]) for name in ("last_week", "median_4_weeks")]
        beside = [one[name] for name in ("running", "not_applicable", "closed_unanswered")]
        rows.append((NAMES[metric], percent(one["attainment"]), one["n"], *shares, *beside))
    table = ["| " + " | ".join(map(str, row)) + " |" for row in rows]
    return table + [f"\nLeft out of the medians: {_left_out(kept)}."] * bool(kept["left_out"])


def _left_out(kept: dict[str, Any]) -> str:
    return ", ".join(f"{week} ({_inline(note)})" for week, note in kept["left_out"].items())


def _figures(found: dict[str, Any]) -> list[str]:
    return [
        f"- {_name(name)}: {said(value, name)}"
        for name, value in found.items()
        if not isinstance(value, list)
    ]


def _name(name: str) -> str:
    return REASONS.get(name, name.replace("_", " "))


def _rated(rated: list[dict[str, Any]], *, comments: bool) -> list[str]:
    told = csat.comments(rated) if comments else {}
    said = {number: f": {_inline(words)}" for number, words in told.items()}
    return [
        f"- {one['stars']}, {one['source']} #{one['conversation_id']}{said.get(one['message'], '')}"
        for one in rated
    ]


def _waiting(kept: dict[str, Any]) -> list[str]:
    return [
        f"- {one['source']} #{one['conversation_id']} since {one['waiting_since']}"
        for one in kept["oldest_waiting"]
    ]


def _reasons(kept: dict[str, Any]) -> list[str]:
    return [
        f"- {_inline(one['label'])}: {one['n']} ({one['moved']:+d}, last week {one['last_week']})"
        for one in kept["reasons"]
    ]


def said(value: Any, name: str = "") -> str:
    if isinstance(value, dict):
        told = [(_name(key), said(one, key), isinstance(one, dict)) for key, one in value.items()]
        return (
            ", ".join(f"{key} ({one})" if nested else f"{key} {one}" for key, one, nested in told) or "none"
        )
    if name in SHARES:
        return percent(value)
    if isinstance(value, float):
        return f"{value:.2f}"
    return "no data" if value is None else str(value)


def _inline(text: str) -> str:
    """The customer's side's words: no markup of ours."""
    plain = " ".join(text.split())
    return "".join(f"\\{char}" if char in "\\`*_[]<>|#" else char for char in plain)


def as_csv(kept: dict[str, Any]) -> str:
    """week, section, name, value."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["week", "section", "name", "value"])
    for section in SECTIONS:
        for name, value in _flat(kept[section]):
            writer.writerow([kept["week"], section, safe(name), safe(value)])
    for one in kept["reasons"]:
        writer.writerow([kept["week"], "reasons", safe(one["label"]), one["n"]])
        writer.writerow([kept["week"], "reasons last week", safe(one["label"]), one["last_week"]])
    return out.getvalue()


def _flat(found: dict[str, Any], before: str = "") -> list[tuple[str, Any]]:
    rows: list[tuple[str, Any]] = []
    for name, value in found.items():
        if isinstance(value, dict):
            rows += _flat(value, f"{before}{name}.")
        elif not isinstance(value, list):
            rows.append((before + name, value))
    return rows
