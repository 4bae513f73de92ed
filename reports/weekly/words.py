"""A week's figures in words: the headline, what needs a decision, at most five sentences, Markdown and CSV."""

import csv
import io
import math
from typing import Any

from ..report_page_cells import NAMES
from ..report_page_export import safe

MOST_LINKS = MOST_SENTENCES = 5


def told(week: str, found: dict[str, Any]) -> dict[str, Any]:
    needs = needs_you(found)
    return {"headline": _headline(week, found, len(needs)), "needs_you": needs, "text": text(found)}


def percent(share: float | None) -> str:
    """Rounded down: 99.6 % is not all."""
    return "no data" if share is None else f"{math.floor(share * 100 + 1e-9)} %"


def _headline(week: str, found: dict[str, Any], needs: int) -> str:
    first = found["adherence"]["first_response"]
    moved = ""
    if first["attainment"] is not None and first["last_week"] is not None:
        points = math.floor(first["attainment"] * 100 + 1e-9) - math.floor(first["last_week"] * 100 + 1e-9)
        moved = f"{points:+d}, " if points else "unchanged, "
    raised = found["escalations"]["raised"]
    return (
        f"Week {int(week[-2:])}: first reply {percent(first['attainment'])} ({moved}n = {first['n']:,}), "
        f"{raised:,} escalation{'' if raised == 1 else 's'}, {needs} thing{' needs' if needs == 1 else 's need'} you"
    )


def needs_you(found: dict[str, Any]) -> list[dict[str, str]]:
    """What somebody has to decide, each with the page where."""
    flow, wire = found["oldest_waiting"], found["webhooks"]
    overdue, unsigned = found["escalations"]["overdue"], found["drafts"]["without_signal"]
    dead = wire["given_up"]
    listed = [
        (overdue, f"{overdue} escalations overdue: who takes them?", "/admin/knowledge/escalation/"),
        (dead, f"{dead} webhooks given up: replay or leave them?", "/admin/webhooks/incoming/?status__exact=DEAD"),
        (unsigned, f"{unsigned} decisions without a signal: why?", "/admin/knowledge/learningsignal/"),
        (flow, f"{len(flow)} customers wait longest: who answers?", "/admin/reports/clock/dashboard/"),
    ]  # fmt: skip
    return [{"what": what, "where": where} for so, what, where in listed if so][:MOST_LINKS]


def text(found: dict[str, Any]) -> list[str]:
    """Only what lies outside the last eight weeks' range, then what most misses waited for."""
    said = []
    for metric, one in found["adherence"].items():
        value, usual = one["attainment"], one["usual"]
        if value is None or usual is None or usual[0] <= value <= usual[1]:
            continue
        where = "below" if value < usual[0] else "above"
        said.append(
            f"{NAMES[metric]} kept {percent(value)} (n = {one['n']:,}), {where} the last eight weeks' "
            f"{percent(usual[0])} to {percent(usual[1])}."
        )
    if said and found["why_missed"]:
        cause, n = next(iter(found["why_missed"].items()))
        said.append(f"Most misses: {cause} ({n:,} of {sum(found['why_missed'].values()):,}).")
    return said[:MOST_SENTENCES]


def markdown(kept: dict[str, Any]) -> str:
    lines = [
        f"# {kept['headline']}",
        "",
        f"{kept['from']} to {kept['to']}, {kept['zone']}. Made {kept['made_at']}.",
    ]
    if not kept["complete"]:
        lines += ["", f"**Incomplete**: data is complete only until {kept['webhooks']['complete_until']}."]
    lines += ["", *kept["text"], "", "## Needs you", ""]
    lines += [f"- [{one['what']}]({one['where']})" for one in kept["needs_you"]] or ["Nothing."]
    lines += [
        "",
        "## Adherence",
        "",
        "| metric | kept | n | last week | four-week median | running | not applicable |",
    ]
    lines += ["| --- | --- | --- | --- | --- | --- | --- |"]
    for metric, one in kept["adherence"].items():
        shares = [percent(one[name]) for name in ("last_week", "median_4_weeks")]
        cells = [
            NAMES[metric],
            percent(one["attainment"]),
            one["n"],
            *shares,
            one["running"],
            one["not_applicable"],
        ]
        lines.append("| " + " | ".join(map(str, cells)) + " |")
    for title, key in (("Why we missed", "why_missed"), ("Flow", "flow"), ("Escalations", "escalations"),
                       ("Drafts", "drafts"), ("Webhooks", "webhooks")):  # fmt: skip
        lines += ["", f"## {title}", ""]
        lines += [f"- {name.replace('_', ' ')}: {said(value)}" for name, value in kept[key].items()] or [
            "None."
        ]
    lines += ["", "## Contact reasons", ""]
    lines += [
        f"- {_inline(one['label'])}: {one['n']} (last week {one['last_week']})" for one in kept["reasons"]
    ] or ["None."]
    return "\n".join(lines) + "\n"


def said(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {n}" for name, n in value.items()) or "none"
    if isinstance(value, float):
        return f"{value:.2f}"
    return "no data" if value is None else str(value)


def _inline(text: str) -> str:
    """A label is the customer's side's words: no markup of ours."""
    return "".join(f"\\{char}" if char in "\\`*_[]<>|#" else char for char in text).replace("\n", " ")


def as_csv(kept: dict[str, Any]) -> str:
    """section, name, figure, value: one figure a line."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["week", "section", "name", "value"])
    for section in ("adherence", "why_missed", "flow", "escalations", "drafts", "webhooks"):
        for name, value in _flat(kept[section]):
            writer.writerow([kept["week"], section, safe(name), safe(value)])
    for one in kept["reasons"]:
        writer.writerow([kept["week"], "reasons", safe(one["label"]), one["n"]])
    return out.getvalue()


def _flat(found: dict[str, Any], before: str = "") -> list[tuple[str, Any]]:
    rows: list[tuple[str, Any]] = []
    for name, value in found.items():
        rows += _flat(value, f"{before}{name}.") if isinstance(value, dict) else [(before + name, value)]
    return rows
