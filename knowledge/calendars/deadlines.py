"""When a customer should have an answer, and a draft its decision.

The reply's deadline is the one that the clocks wrote on the conversation (SLA policies). Before they did, and where no
policy promises anything, it is an hour on the calendar in force.
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
    """From when the draft became reviewable."""
    return due_at(calendars.of(conversation.inbox_id), draft.created_at, REVIEW_WITHIN_S)


def due_at(calendar: Calendar, since: datetime, seconds: float) -> datetime:
    try:
        return instant_after(calendar, since, seconds)
    except NeverOpens:  # its last special opening is over: a customer must not vanish behind an error
        return since + timedelta(seconds=seconds)
