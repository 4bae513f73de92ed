"""What the page of a week shows: its report, made readable for one reader."""

from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from webhooks.accounts import access
from webhooks.admin.base import RightsAdmin
from webhooks.models import Conversation

from .. import weekly
from ..attainment import north_star, uncertainty
from ..attainment.cells import FEW
from ..attainment.uncertainty import Interval
from ..periods import Period
from ..weekly import charts, csat, drafts, iso_week, summary

Report = dict[str, Any]
FORMATS = {
    "md": _("Markdown, for a wiki or a chat"),
    "csv": _("CSV, for a spreadsheet"),
    "json": _("JSON, for a program"),
}


def facts(
    report: Report, period: Period, reader: User, pages: RightsAdmin, *, now: datetime
) -> dict[str, Any]:
    name, comments = report["week"], csat.comments(report["csat"]["rated_low"])
    rows_url, names = pages.url("rows", name), _customers(report, reader)
    return {
        "report": report, "targets": drafts.TARGETS, "webhooks": summary.webhooks(report["webhooks"]),
        "first": parse_date(report["from"]), "last": parse_date(report["to"]), "made_at": parse_datetime(report["made_at"]),
        "complete_until": parse_datetime(report["webhooks"]["complete_until"]),
        "charts": charts.headline(report), "draft_charts": [charts.outcomes(report), charts.edits(report)],
        "causes": charts.causes(report, lambda cause: f"{rows_url}?{urlencode({'of': f'missed/{cause}'})}"),
        "attainment": [(metric, one, change(one)) for metric, one in report["adherence"].items()],
        "oldest": [
            (one, names.get(one["conversation"]), parse_datetime(one["waiting_since"])) for one in report["oldest_waiting"]
        ],
        "rated_low": [
            (one, names.get(one["conversation"]), comments.get(one["message"], "")) for one in report["csat"]["rated_low"]
        ],
        "rated_later": [(one, names.get(one["conversation"])) for one in report["csat"].get("changed_later", ())],
        "changed": weekly.changed_since(report, now=now) if report["kept"] else [],
        "may_see_deliveries": access.may(reader, "deliveries"),
        "before": iso_week.named(iso_week.back(period, 1)), "after": iso_week.named(iso_week.back(period, -1)),
        "pdf_url": pages.url("file", name, "pdf"),
        "files": [(label, pages.url("file", name, form)) for form, label in FORMATS.items()],
        "save_url": pages.url("save", name), "note_url": pages.url("note", name), "send_url": pages.url("send", name),
        "rows_url": rows_url, "left_out": "; ".join(f"{week}, {note}" for week, note in report["left_out"].items()),
        **_star(report),
    }  # fmt: skip


def _star(report: Report) -> dict[str, Any]:
    """Empty for a week that was saved before the figure existed."""
    if "north_star" not in report:
        return {}
    found = report["north_star"]
    rows = [(name, label, found[name]) for name, label in north_star.OUTCOMES.items()]
    return {"star": found, "star_rows": rows, "star_chart": charts.north_star(report)}


def change(one: dict[str, Any]) -> tuple[float, Interval] | None:
    """Percentage points since last week with their interval; None if either week has too few clocks."""
    before, n_before = one["last_week"], one.get("last_week_n") or 0
    if one["attainment"] is None or before is None or min(one["n"], n_before) < FEW:
        return None
    interval = uncertainty.difference(one["attainment"], one["n"], before, n_before)
    return (one["attainment"] - before) * 100, interval


def _customers(report: Report, reader: User) -> dict[int, str]:
    """By conversation, as they are called now: only those of the reader's inboxes, and none is saved in the report."""
    listed = [
        *report["oldest_waiting"],
        *report["csat"]["rated_low"],
        *report["csat"].get("changed_later", ()),
    ]
    seen = Conversation.objects.filter(access.in_inboxes_of(reader, path="inbox"), contact__isnull=False)
    rows = seen.filter(pk__in={one["conversation"] for one in listed}).values_list("pk", "contact__name")
    return {number: name for number, name in rows if name}
