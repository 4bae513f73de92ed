"""The states of a conversation as people read them."""

from django.utils.translation import pgettext_lazy

STATUSES = {
    "open": pgettext_lazy("conversation", "open"), "resolved": pgettext_lazy("conversation", "resolved"),
    "pending": pgettext_lazy("conversation", "pending"), "snoozed": pgettext_lazy("conversation", "snoozed"),
}  # fmt: skip


def shown(status: str) -> str:
    """One that Chatwoot adds later is shown as it is stored."""
    return str(STATUSES.get(status, status))
