"""The figures of a week in sentences: the headline, which is also the email's subject, and at most five more."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from webhooks.display import charts

from ..attainment import uncertainty
from . import miss_causes
from .trends import LEAST_WEEKS, percent, unusual

MOST_SENTENCES = 5


def headline(week: str, found: dict[str, Any], items: int, *, running: bool = False) -> str:
    """A change that may be chance is not given as one."""
    first, raised = found["adherence"]["first_response"], found["escalations"]["raised"]
    number = {"number": int(week[-2:])}
    n = f"n = {charts.count(first['n'])}"
    facts = {
        "week": (_("Week %(number)s so far") if running else _("Week %(number)s")) % number,
        "share": percent(first["attainment"]), "change": _moved(first), "n": n,
        "escalations": ngettext("%(n)s escalation", "%(n)s escalations", raised) % {"n": charts.count(raised)},
        "items": ngettext("%(n)s action item", "%(n)s action items", items) % {"n": items},
    }  # fmt: skip
    if first["attainment"] is None:
        return _("%(week)s: first response no data (%(n)s), %(escalations)s, %(items)s") % facts
    if not facts["change"]:
        return _("%(week)s: first response %(share)s met (%(n)s), %(escalations)s, %(items)s") % facts
    return _("%(week)s: first response %(share)s met (%(change)s, %(n)s), %(escalations)s, %(items)s") % facts


def _moved(first: dict[str, Any]) -> str:
    """ "" if there is no week to compare with."""
    if first["attainment"] is None or first["last_week"] is None:
        return ""
    points = round((first["attainment"] - first["last_week"]) * 100)
    if not points:
        return _("unchanged")
    interval = uncertainty.difference(
        first["attainment"], first["n"], first["last_week"], first["last_week_n"]
    )
    if interval.is_noise:
        return _("no clear change")
    return ngettext("%(change)s point", "%(change)s points", abs(points)) % {"change": f"{points:+d}"}


def text(found: dict[str, Any], *, running: bool = False) -> list[str]:
    """Figures outside the range of the last eight weeks, then the most frequent cause of missed targets."""
    if not found["usual"]:
        return [
            _("No comparison yet: at least %(n)s of the last eight weeks must have enough data.")
            % {"n": LEAST_WEEKS}
        ]
    sentences = unusual(found, running=running)
    if not sentences:
        return [_("All figures are within the range of the last eight weeks.")]
    sentences = sentences[: MOST_SENTENCES - 1]
    if found["why_missed"]:
        cause, n = next(iter(found["why_missed"].items()))
        facts = {
            "cause": miss_causes.called(cause),
            "n": charts.count(n),
            "all": charts.count(sum(found["why_missed"].values())),
        }
        sentences.append(_("Most frequent cause of missed targets: %(cause)s (%(n)s of %(all)s).") % facts)
    return sentences


def north_star(found: dict[str, Any]) -> str:
    """One line: the share that is known, what it may be at most, and of how many."""
    facts = {
        "n": f"n = {charts.count(found['n'])}",
        "share": percent(found["share"]),
        "at_most": percent(found["at_most"]),
    }
    if found["share"] is None:
        return _("First responses in time and right: no data (%(n)s).") % facts
    if found["at_most"] == found["share"]:
        return _("First responses in time and right: %(share)s known (%(n)s).") % facts
    return _("First responses in time and right: %(share)s known, at most %(at_most)s (%(n)s).") % facts


def webhooks(found: dict[str, Any]) -> str:
    """One line: whether the data is complete, and if not, what is missing."""
    if not found["n"] and found["complete"]:
        return _("No webhooks were received.")
    if not found["n"]:
        return _("No webhooks were received. Data is incomplete.")
    counted = {name: charts.count(found[name]) for name in ("n", "retried", "recovered", "given_up")}
    parts = [
        _("%(share)s of %(n)s processed") % {"share": percent(found["share"]), "n": counted["n"]},
        _("%(n)s retried") % {"n": counted["retried"]},
    ]
    if found["recovered"]:
        parts.append(_("%(n)s recovered from Chatwoot") % {"n": counted["recovered"]})
    if found["given_up"]:
        parts.append(_("%(n)s failed") % {"n": counted["given_up"]})
    if gaps := len(found["gaps"]):
        parts.append(ngettext("%(n)s gap not recovered", "%(n)s gaps not recovered", gaps) % {"n": gaps})
    parts.append(_("data complete") if found["complete"] else _("data incomplete"))
    return ", ".join(parts) + "."
