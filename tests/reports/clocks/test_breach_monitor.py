"""Many customers past their time at once: an alert for Managers, from as many on as its rule says."""

from datetime import timedelta

import pytest

from reports.clocks import breach_monitor, clocks
from tests.factories import NOW, later, make_inbox
from tests.reports.clocks.test_clocks import hear, wrote
from webhooks.models import Alert, AlertRule

pytestmark = pytest.mark.django_db
LATE = later(61 * 60)  # a first response is promised within an hour


@pytest.fixture(autouse=True)
def _two_wait(seeded) -> None:
    make_inbox()
    hear(wrote(), wrote(200, 0, id=8))
    AlertRule.objects.filter(kind="sla").update(threshold=2)


def told(now=LATE) -> list[str]:
    clocks.sweep(now=now)
    breach_monitor.check(now=now)
    return list(Alert.objects.filter(kind="sla", closed_at=None).values_list("text", flat=True))


def test_customers_past_their_time_are_counted():
    assert told() == ["2 customers wait past the promised time."]


def test_in_time_there_is_nothing_to_tell():
    assert told(later(59 * 60)) == []


@pytest.mark.parametrize("threshold", [3, None])
def test_fewer_than_the_rule_says_are_not_told(threshold):
    AlertRule.objects.filter(kind="sla").update(threshold=threshold)

    assert told() == []


def test_what_lies_longer_back_than_a_day_is_no_news():
    assert told(NOW + timedelta(days=1, hours=2)) == []
