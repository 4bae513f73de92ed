"""How long a customer waited and a reviewer read, as a signal keeps it."""

from datetime import UTC, datetime, timedelta

import pytest

from knowledge.calendars import inbox_calendars
from knowledge.replies import decisions
from tests.factories import (
    GRADES,
    NOW,
    later,
    make_draft,
    make_lead,
)
from tests.knowledge.learning.signal_events import only
from tests.knowledge.replies.deciding import approve

pytestmark = pytest.mark.django_db


def test_how_long_the_reviewer_had_it_open_counts_from_the_first_opening():
    draft, lead = make_draft(), make_lead()
    for seconds in (0, 40):
        decisions.claim(draft, by=lead, now=later(seconds))

    decisions.approve(draft, by=lead, revision=1, grades=GRADES, now=later(60))

    assert (only().opened_s, only().waited_s) == (60, 60)


def test_waiting_counts_while_the_desk_is_open():
    inbox_calendars.seed()
    opening = datetime(2026, 11, 30, 9, 0, tzinfo=UTC)  # Monday
    draft = make_draft(now=opening - timedelta(days=3) + timedelta(hours=7, minutes=59))  # Friday, 16:59

    decisions.approve(draft, by=make_lead(), revision=1, grades=GRADES, now=opening + timedelta(minutes=2))

    assert only().waited_s == 180


def test_what_lapsed_is_opened_anew():
    draft, lead = make_draft(), make_lead()
    for seconds in (0, 3600):
        decisions.claim(draft, by=lead, now=later(seconds))

    decisions.approve(draft, by=lead, revision=1, grades=GRADES, now=later(3605))

    assert only().opened_s == 5


def test_who_never_opened_it_has_no_time_of_reading():
    draft = make_draft()
    decisions.claim(draft, by=make_lead(), now=NOW)

    approve(draft)

    assert only().opened_s is None
