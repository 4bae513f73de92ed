"""What people are notified of about their own work: one table, used by the digest and by each person's settings."""

from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

EMAIL, CHAT = "email", "chat"
CHANNELS = {EMAIL: _("Email"), CHAT: _("Chat")}


@dataclass(frozen=True)
class Kind:
    """name: as a choice on the Notifications page. count: how many of them, in a digest's subject."""

    name: str | Promise
    about: str | Promise
    count: Any


ESCALATION, SECOND_LOOK, STOPPED, ASSIGNED, MENTION, OUTAGE, KNOWLEDGE = (
    "escalation", "second_look", "stopped", "assigned", "mention", "outage", "knowledge",
)  # fmt: skip
KINDS = {
    ESCALATION: Kind(
        _("Escalations"),
        _("A conversation is escalated to you, returned to you, or commented on."),
        ngettext_lazy("%(count)s escalation", "%(count)s escalations", "count"),
    ),
    SECOND_LOOK: Kind(
        _("Second looks"),
        _("A reply needs a second person, and you may be that person."),
        ngettext_lazy("%(count)s second look", "%(count)s second looks", "count"),
    ),
    STOPPED: Kind(
        _("Stopped replies"),
        _("A reply that you approved was parked or stopped."),
        ngettext_lazy("%(count)s stopped reply", "%(count)s stopped replies", "count"),
    ),
    ASSIGNED: Kind(
        _("Assigned customers"),
        _("Somebody assigns a waiting customer to you."),
        ngettext_lazy("%(count)s assigned customer", "%(count)s assigned customers", "count"),
    ),
    MENTION: Kind(
        _("Mentions"),
        _("A colleague mentions you in a comment."),
        ngettext_lazy("%(count)s mention", "%(count)s mentions", "count"),
    ),
    OUTAGE: Kind(
        _("Outages"),
        _("Chatwoot does not answer, and approved replies wait."),
        ngettext_lazy("%(count)s outage", "%(count)s outages", "count"),
    ),
    KNOWLEDGE: Kind(
        _("Weekly knowledge digest"),
        _(
            "On Mondays: open changes of articles, by customers, and new gaps. For those who decide about them."
        ),
        ngettext_lazy("%(count)s knowledge digest", "%(count)s knowledge digests", "count"),
    ),
}
