"""The whole way: drafted, approved with grades, sent to Chatwoot and received back, the draft is found by its message."""

from django.db.models import Q

from reports.attainment import north_star
from reports.models import Clock
from tests.factories import GRADES
from tests.knowledge.conftest import desk  # noqa: F401  (a fixture)
from tests.reports.weekly.week_48 import PERIOD


def test_a_draft_that_was_sent_is_found_by_the_message_that_stopped_the_clock(desk):  # noqa: F811
    conversation = desk.customer_writes()
    desk.approved(conversation)
    desk.send()
    desk.webhooks()

    clock = Clock.objects.get(metric="first_response", conversation=conversation)
    found = north_star.clocks(PERIOD, within=Q()).get()
    assert (found.pk, found.outcome, found.accuracy) == (clock.pk, "right", GRADES["accuracy"])
