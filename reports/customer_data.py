"""The reports hold numbers, labels and colleagues' names, but no customer data (webhooks/privacy/customer_data.py)."""

from webhooks.privacy.customer_data import Holds, none

TABLE: dict[str, Holds] = {
    "reports.SLAPolicy": none("name", "conditions"),
    "reports.Clock": none("attributed_to", "person", "team", "team_key", "priority", "labels"),
    "reports.DayTally": none(
        "zone", "by", "content"
    ),  # counts and seconds, by the names of colleagues and labels
    "reports.DayChange": none(),
    "reports.Recalculation": none("reason", "transitions"),  # why hours were entered late, and counts
    "reports.SLAAlert": none(),
    "reports.WeeklyReport": none("week", "content"),  # counts; conversations by number
    "reports.WeeklyNote": none("week", "text"),
    "reports.WeeklyRecipient": none("name", "address"),
}
