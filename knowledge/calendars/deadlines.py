"""When a reply and a review are due.

The reply's deadline is the one that the SLA clocks wrote on the conversation. Until they have run, and if no policy
applies, it is one business hour after the customer began to wait.
"""

from datetime import datetime, timedelta

from webhooks.models import Conversation

from ..business_time.arithmetic import Calendar, NeverOpens, instant_after
from ..models import Draft
from .inbox_calendars import InForce

MINUTE = 60
REPLY_WITHIN_S = 60 * MINUTE
REVIEW_WITHIN_S = 15 * MINUTE


def reply_due_at(conversation: Conversation, *, calendars: InForce, now: datetime) -> datetime:
    if conversation.reply_due_at:
        return conversation.reply_due_at
    since = conversation.waiting_since or now
    return due_at(calendars.of(conversation.inbox_id), since, REPLY_WITHIN_S)


def review_due_at(draft: Draft, conversation: Conversation, *, calendars: InForce) -> datetime:
    """Counted from the proposal of the draft."""
    return due_at(calendars.of(conversation.inbox_id), draft.created_at, REVIEW_WITHIN_S)


def due_at(calendar: Calendar, since: datetime, seconds: float) -> datetime:
    try:
        return instant_after(calendar, since, seconds)
    except NeverOpens:  # the last special opening is over: an error here would hide the customer
        return since + timedelta(seconds=seconds)
