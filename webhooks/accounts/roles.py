"""What each right allows, in words, and the table of roles that people read where they choose one. Rights: access.py."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from . import access

# In the order of the table: a line for each right of access.RIGHTS.
SAID: dict[str, str | Promise] = {
    "drafts": gettext_lazy("Read the queue, edit and propose replies"),
    "decide": gettext_lazy("Approve, reject, escalate, and settle parked replies"),
    "articles": gettext_lazy("Read articles"),
    "edit_articles": gettext_lazy("Add and change articles"),
    "learning": gettext_lazy("See what decisions teach, with names"),
    "inbox_reports": gettext_lazy("Read the SLA report and the week of their inboxes"),
    "reports": gettext_lazy("Export reports, choose their readers, and read every inbox's figures"),
    "inboxes": gettext_lazy("Choose which inboxes get drafts, and where Agents approve"),
    "risk_rules": gettext_lazy("Change risk rules"),
    "calendars": gettext_lazy("Change opening hours"),
    "escalation_rules": gettext_lazy("Change escalation rules"),
    "sla_policies": gettext_lazy("Change SLA policies"),
    "privacy": gettext_lazy("Export and erase a customer's data, set retention"),
    "sign_in_rules": gettext_lazy("Require a second factor"),
    "switches": gettext_lazy("Stop sending, pause a source, see alerts"),
    "alert_rules": gettext_lazy("Change who is alerted, and when"),
    "retry_policies": gettext_lazy("Change retry policies"),
    "deliveries": gettext_lazy("Inspect and replay deliveries, with customers' text masked"),
    "connections": gettext_lazy("Connect Chatwoot, manage secrets and people"),
}
SUPERUSER = "Superuser"
COLUMNS = (*access.GROUPS, SUPERUSER)


@dataclass(frozen=True)
class Line:
    right: str
    text: str
    roles: frozenset[str]

    @property
    def cells(self) -> list[tuple[str, bool]]:
        return [(role, role in self.roles) for role in COLUMNS]


def table() -> list[Line]:
    """One line a right, in the order of SAID; a right that nobody described comes last, by its name."""
    rights = [*SAID, *(right for right in access.RIGHTS if right not in SAID)]
    return [
        Line(right, str(SAID.get(right, right)), access.RIGHTS[right] | {SUPERUSER})
        for right in rights
        if right in access.RIGHTS
    ]
