"""A week as a file: Markdown to read, CSV with one figure a line, or the snapshot itself as JSON."""

import csv
import io
import json
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils.formats import date_format, number_format
from django.utils.text import capfirst
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from webhooks.display import charts, formats
from webhooks.display.csv_cells import BOM, safe

from ..attainment import north_star
from ..attainment.cells import NAMES
from . import csat, escalations, miss_causes, summary
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
    "north_star": _("In time and right"),
    "why_missed": _("Causes of missed targets"),
    "reopened": _("Reopened within 72 h"),
    "flow": _("Volume"),
    "escalations": _("Escalations"),
    "csat": _("Customer ratings"),
    "drafts": _("Drafts"),
}
# Keys of the snapshot as people read them; a key with a section wins over one without.
LABELS = {
    "north_star.n": _("first responses due"), "north_star.share": _("known to be in time and right"),
    "at_most": _("at most, if all that nobody graded were right"), "last_week": _("last week"),
    "last_week_n": _("n last week"), **{f"north_star.{name}": label for name, label in north_star.OUTCOMES.items()},
    "met": _("met"), "missed": _("missed"), "attainment": _("attainment"), "running": pgettext_lazy("clocks", "running"),
    "stopped": _("stopped"),
    "not_applicable": _("not applicable"), "closed_unanswered": _("closed unanswered"), "median_s": _("median s"),
    "reopened_72h": _("reopened 72h"), "median_4_weeks": _("median 4 weeks"),
    "reopened.n": _("resolutions"), "rate": _("share"), "share": _("share"), "net": _("net change"),
    "opened": pgettext_lazy("conversations", "opened"), "resolved": pgettext_lazy("conversations", "resolved"),
    "reopened": pgettext_lazy("conversations", "reopened"), "deleted": pgettext_lazy("conversations", "deleted"),
    "backlog_start": _("backlog at the start"), "backlog_end": _("backlog at the end"),
    "escalations.share": _("share of new conversations"), "raised": pgettext_lazy("escalations", "raised"),
    "closed": pgettext_lazy("escalations", "closed"),
    "open": pgettext_lazy("escalations", "open"), "overdue": pgettext_lazy("escalations", "overdue"),
    "rated": _("ratings"), "average": _("average stars"), "satisfied": _("4 or 5 stars"), "asked": _("surveys sent"),
    "answered": _("surveys answered"), "response_rate": _("response rate"), "low": _("1 or 2 stars"), **csat.NAMES,
    "turns": _("customer turns"), "drafts.share": _("share of turns with a draft"), "accepted": _("approved unedited"),
    "decided": _("decided"), "approved": _("approved"), "graded": _("graded"), "tone": _("tone"), "accuracy": _("accuracy"),
    "policy": _("policy"), "edit_ratio": _("edit ratio"),
    "accepted_share": _("share approved unedited"), "approval_min": _("median time to approval"),
    "without_signal": _("decisions without a learning signal"), **miss_causes.NAMES,
}  # fmt: skip
SPLITS = ("by_reason", "by_level")  # tables of their own
ESCALATED = {
    "raised": pgettext_lazy("escalations", "Raised"),
    "closed": pgettext_lazy("escalations", "Closed"),
    "open": _("Open at the end"),
    "overdue": pgettext_lazy("escalations", "Overdue"),
}
SHARES = (
    "accepted_share", "at_most", "attainment", "edit_ratio", "last_week", "median_4_weeks", "rate", "response_rate", "satisfied",
    "share",
)  # fmt: skip
ADHERENCE = (
    _("Metric"),
    _("Met"),
    "n",
    _("Last week"),
    _("4-week median"),
    pgettext_lazy("clocks", "Running"),
    _("Not applicable"),
    _("Closed unanswered"),
)


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
        (gettext("Action items"), items),
        (gettext("SLA attainment"), _adherence(report)),
        *((title(name), _figures(name, report[name])) for name in SECTIONS[1:-1] if name in report),
        (gettext("1 or 2 stars"), _rated(report["csat"]["rated_low"], comments=comments)),
        *([(gettext("Ratings changed later"), changed)] if (changed := _changed(report)) else []),
        (gettext("Longest waiting"), _waiting(report)),
        (gettext("Contact reasons"), _reasons(report)),
        (gettext("Webhooks"), [summary.webhooks(report["webhooks"])]),
    ]
    body = [
        line for title, lines in parts for line in ("", f"## {title}", "", *(lines or [gettext("None.")]))
    ]
    return "\n".join([*_head(report), *body]) + "\n"


def _head(report: dict[str, Any]) -> list[str]:
    lines = [
        f"# {report['headline']}",
        "",
        gettext("%(days)s (%(zone)s). Created %(at)s.")
        % {"days": days(report), "zone": report["zone"], "at": moment(report, report["made_at"])},
        "",
    ]
    if not report["kept"]:
        said = gettext("**Not saved**: these figures were calculated just now and change as data changes.")
        lines += [said, ""]
    if not report["complete"]:
        until = moment(report, report["webhooks"]["complete_until"])
        lines += [gettext("**Incomplete**: data is complete only until %(at)s.") % {"at": until}, ""]
    return lines + [f"- {sentence}" for sentence in report["text"]]


def days(report: dict[str, Any]) -> str:
    first, last = (date_format(date.fromisoformat(report[name])) for name in ("from", "to"))
    return gettext("%(first)s to %(last)s") % {"first": first, "last": last}


def moment(report: dict[str, Any], text: str) -> str:
    """In the report's time zone, which the head names."""
    return date_format(datetime.fromisoformat(text).astimezone(ZoneInfo(report["zone"])), "DATETIME_FORMAT")


def title(section: str) -> str:
    return str(TITLES.get(section, section.capitalize()))


def attainment_rows(report: dict[str, Any]) -> list[tuple[str, ...]]:
    """A heading, then a row for each metric."""
    rows: list[tuple[str, ...]] = [tuple(map(str, ADHERENCE))]
    for metric, one in report["adherence"].items():
        shares = [percent(one[name]) for name in ("last_week", "median_4_weeks")]
        beside = [one[name] for name in ("running", "not_applicable", "closed_unanswered")]
        counts = list(map(charts.count, beside))
        rows.append(
            (str(NAMES[metric]), percent(one["attainment"]), charts.count(one["n"]), *shares, *counts)
        )
    return rows


def escalation_rows(found: dict[str, Any]) -> list[tuple[str, ...]]:
    """A heading, then a row for each reason, and the total."""
    named = [(escalations.called(name), counts) for name, counts in found["by_reason"].items()]
    rows = [
        (name, *(charts.count(counts[what]) for what in ESCALATED))
        for name, counts in [*named, (gettext("Total"), found)]
    ]
    return [(gettext("Reason"), *map(str, ESCALATED.values())), *rows]


def _adherence(report: dict[str, Any]) -> list[str]:
    return _table(attainment_rows(report)) + [
        "\n" + gettext("Left out of the medians: %(weeks)s.") % {"weeks": _left_out(report)}
    ] * bool(report["left_out"])


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
            rows.append((capfirst(label), formatted(section, value, name)))
    return rows


def _label(section: str, name: str) -> str:
    known = LABELS.get(f"{section}.{name}") or LABELS.get(name) or escalations.NAMES.get(name)
    return str(known or name.replace("_", " "))


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
        "- " + gettext("%(before)s to %(stars)s, %(source)s #%(conversation_id)s") % one
        for one in report["csat"].get("changed_later", ())
    ]


def _waiting(report: dict[str, Any]) -> list[str]:
    return [
        "- "
        + gettext("%(source)s #%(conversation_id)s, since %(at)s")
        % (one | {"at": moment(report, one["waiting_since"])})
        for one in report["oldest_waiting"]
    ]


def _reasons(report: dict[str, Any]) -> list[str]:
    return [
        "- "
        + gettext("%(label)s: %(n)s (%(change)s, last week %(last_week)s)")
        % (one | {"label": _inline(one["label"]), "change": f"{one['moved']:+d}"})
        for one in report["reasons"]
    ]


def formatted(section: str, value: Any, name: str = "") -> str:
    """One figure, or a group of figures on one line."""
    if isinstance(value, dict):
        parts = []
        for key, one in value.items():
            label, text = _label(section, key), formatted(section, one, key)
            parts.append(f"{label} ({text})" if isinstance(one, dict) else f"{label} {text}")
        return ", ".join(parts) or gettext("none")
    if name in SHARES:
        return percent(value)
    if value is None:
        return gettext("no data")
    if name == "approval_min":
        return minutes(value)
    if name == "median_s":
        return formats.business_span(value)
    if isinstance(value, bool | str):
        return str(value)
    return number_format(value, 2) if isinstance(value, float) else charts.count(value)


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
            writer.writerow([report["week"], section, safe(one["label"]), n, charts.count(n)])
    return out.getvalue()


def _flat(found: dict[str, Any], before: str = "") -> list[tuple[str, Any]]:
    rows: list[tuple[str, Any]] = []
    for name, value in found.items():
        if isinstance(value, dict):
            rows += _flat(value, f"{before}{name}.")
        elif not isinstance(value, list):
            rows.append((before + name, value))
    return rows
