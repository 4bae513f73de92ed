"""Whether a reply may be sent now: the switch for all sending, and its limits. A person releases what they hold back."""

import contextlib
from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db.models import QuerySet

from webhooks.alerts import alerts
from webhooks.errors import Hold
from webhooks.models import SendingSwitch

from ..models import Draft, DraftEvent

HOUR = timedelta(hours=1)


class CapReached(Hold):
    """key: which limit, so that it raises one alert."""

    def __init__(self, message: str, *, key: str) -> None:
        super().__init__(message, held_for="rule")
        self.key = key


def check(draft: Draft, *, now: datetime, in_turn: bool = False) -> None:
    """Raises Hold. in_turn: within a transaction, one sender at a time, so that two cannot use the same last place."""
    rows = SendingSwitch.objects.filter(pk=1)
    switch = (rows.select_for_update() if in_turn else rows).first() or SendingSwitch()
    if switch.stopped:
        raise Hold("All sending is stopped.", held_for="rule")
    most, called = switch.most_an_hour, _calls(now)
    if most is not None and called.count() >= most:
        raise CapReached(f"The limit of {_replies(most)} per hour is reached.", key="send_cap:hour")
    most, conversation = switch.most_a_conversation, draft.conversation
    if most is not None and called.filter(draft__conversation=conversation).count() >= most:
        raise CapReached(
            f"The limit of {_replies(most)} per hour to conversation {conversation.display_id} of {conversation.source} "
            "is reached.",
            key=f"send_cap:conversation:{conversation.pk}",
        )


def _replies(count: int) -> str:
    return "1 reply" if count == 1 else f"{count:,} replies"


def _calls(now: datetime) -> QuerySet[DraftEvent]:
    return DraftEvent.objects.filter(action="sending", at__gt=now - HOUR)


def used(*, now: datetime) -> int:
    """How many replies were sent within the last hour, for the switch's page."""
    return _calls(now).count()


@contextlib.contextmanager
def alerting(*, now: datetime) -> Iterator[None]:
    """For use outside the transaction that CapReached ends: inside, the alert would be rolled back with the rest."""
    try:
        yield
    except CapReached as reached:
        alerts.open_(
            "send_cap",
            key=reached.key,
            text=f"{reached} Further replies wait until a person releases them.",
            now=now,
        )
        raise
