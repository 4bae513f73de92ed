"""Chatwoot's version: read when a source is connected and once a day, and what each means for this site."""

import logging
import re
from datetime import datetime, timedelta

from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from ..errors import DeliveryError
from ..models import Source
from ..outbound import chatwoot

logger = logging.getLogger(__name__)
Numbers = tuple[int, ...]
EACH = timedelta(days=1)
SIGNS_SINCE = (4, 11, 2)
SLA_HOURS_SINCE = (4, 15)
SLA_HOURS = _("Its own SLA (Enterprise) may count business hours: one range a day, no breaks, no holidays.")
NEVER = (99,)
# From which version on, before which one, and what a person should know. From Chatwoot's own source and release notes.
MEANINGS: list[tuple[Numbers, Numbers, str | Promise]] = [
    ((0,), SIGNS_SINCE, _("It does not sign webhooks. Nothing proves who sent them: update it.")),
    ((0,), (4, 1), _("Its conversations carry no version. The order of events is taken from the last activity.")),
    (SIGNS_SINCE, (4, 13), _("It signs the account's webhook, but not those of API inboxes and bots.")),
    ((4, 9), (4, 13), _("It sends messages as HTML. The text is read from the conversation where that has it.")),
    ((4, 14), NEVER, _("It refuses to post to private addresses unless SAFE_FETCH_ALLOW_PRIVATE_NETWORK=true.")),
    (SLA_HOURS_SINCE, NEVER, SLA_HOURS),
    ((4, 16), NEVER, _("Its automations may write up to 30 days after their cause. They count as no person's answer.")),
    ((4, 17), NEVER, _("Bots and Captain may be assignees. What they have does not wait in the queue.")),
]  # fmt: skip


def numbers(version: str) -> Numbers:
    """4.14.2 → (4, 14, 2); empty where nothing is known."""
    return tuple(int(part) for part in re.findall(r"\d+", version)[:3])


def meaning(version: str) -> list[str]:
    known = numbers(version)
    return [str(text) for since, before, text in MEANINGS if known and since <= known < before]


def counts_sla_hours(version: str) -> bool:
    return numbers(version) >= SLA_HOURS_SINCE


def check(*, now: datetime) -> None:
    """Reads the version of each source that has not been read for a day. One that does not answer is asked next time."""
    due = Q(version_read_at=None) | Q(version_read_at__lt=now - EACH)
    for source in Source.objects.filter(due).exclude(api_token=""):
        try:
            version = chatwoot.client(source, any_installation=True).version()[:20]
        except DeliveryError as error:
            logger.info("source.version_unread", extra={"source": source.slug, "error": type(error).__name__})
            continue
        if version != source.chatwoot_version:
            facts = {"source": source.slug, "before": source.chatwoot_version, "now": version}
            logger.warning("source.version_changed", extra=facts)
        Source.objects.filter(pk=source.pk).update(chatwoot_version=version, version_read_at=now)
