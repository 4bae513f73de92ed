"""What each right allows, in words, and the table of roles that people read where they choose one. Rights: access.py."""

from dataclasses import dataclass

from . import access

# In the order of the table: a line for each right of access.RIGHTS.
SAID: dict[str, str] = {
    "drafts": "Read the queue, edit and propose replies",
    "decide": "Approve, reject, escalate, and settle parked replies",
    "articles": "Read articles",
    "edit_articles": "Add and change articles",
    "learning": "See what decisions teach, with names",
    "inbox_reports": "Read the SLA report and the week of their inboxes",
    "reports": "Export reports, choose their readers, and read every inbox's figures",
    "inboxes": "Choose which inboxes get drafts, and where Agents approve",
    "risk_rules": "Change risk rules",
    "calendars": "Change opening hours",
    "escalation_rules": "Change escalation rules",
    "sla_policies": "Change SLA policies",
    "privacy": "Export and erase a customer's data, set retention",
    "sign_in_rules": "Require a second factor",
    "switches": "Stop sending, pause a source, see alerts",
    "alert_rules": "Change who is alerted, and when",
    "retry_policies": "Change retry policies",
    "deliveries": "Inspect and replay deliveries, with customers' text masked",
    "connections": "Connect Chatwoot, manage secrets and people",
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
        Line(right, SAID.get(right, right), access.RIGHTS[right] | {SUPERUSER})
        for right in rights
        if right in access.RIGHTS
    ]
