"""The Health page: what is wrong, since when, how many customers it affects and what to do; calm when all is well."""

from datetime import timedelta

import pytest
from django.utils import timezone

from support_site.health import charts
from tests.factories import NOW, later, make_approved, make_delivery, make_lead, make_source, make_user
from tests.knowledge.admin.pressing import signed_in
from tests.webhooks.deliveries.open_circuits import make_open_circuit
from webhooks.alerts import alerts
from webhooks.models import Delivery, HealthSample, Upstream

pytestmark = pytest.mark.django_db


def page(query: str = "") -> str:
    user = make_user("", "Operator")
    return " ".join(signed_in(user).get("/admin/health/" + query).content.decode().split())


def test_all_is_well(seeded):
    make_source()

    assert "All is well." in page()


def test_an_alert_says_what_to_do_first(seeded):
    alerts.open_("late", key="late", text="Deliveries are late.", now=timezone.now())

    assert "<b>What to do: Check that the workers are running and whether one error repeats.</b>" in page()
    assert "deliveries-are-late" in page()


def test_it_says_how_many_customers_it_affects(seeded):
    approved = make_approved()
    make_open_circuit()
    source = approved.conversation.source
    alerts.open_("circuit_open", key="c", text="Chatwoot does not answer.", source=source, now=timezone.now())

    assert "It affects <b>1 customer</b>" in page()


def test_where_that_cannot_be_known_it_says_so(seeded):
    alerts.open_("silence", key="s", text="No webhooks.", source=make_source(), now=timezone.now())

    assert "How many customers it affects is not known." in page()


def test_dead_letters_are_wrong_before_their_alert_opens(seeded):
    make_delivery()
    Delivery.objects.update(status="DEAD", next_attempt_at=None, finished_at=NOW)

    assert "1 delivery has failed for good." in page()


SYSTEMS = {
    "answers.": {"failures": 0},
    "failed at the last call: Chatwoot answered 503. Calls continue.": {"failures": 1},
    "failed at the last 4 calls: Chatwoot answered 503. Calls continue.": {"failures": 4},
    "does not answer: Chatwoot answered 503. Calls to it are paused": {
        "failures": 10, "opened_at": NOW, "probe_at": later(30),
    },
}  # fmt: skip


@pytest.mark.parametrize("words", SYSTEMS)
@pytest.mark.every_row
def test_each_upstream_is_told_in_plain_words(seeded, words):
    source = make_source()
    facts = {"key": f"chatwoot:{source.pk}", "source": source, "last_error": "Chatwoot answered 503."}
    Upstream.objects.create(**facts, **SYSTEMS[words])

    assert words in page()


def sample(minutes: float, **facts) -> None:
    HealthSample.objects.create(
        at=NOW - timedelta(minutes=minutes), **{"arrived": 0, "failed": 0, "backlog": 0, "late_s": 0} | facts
    )


def figures(key: str) -> dict[str, str]:
    return {one.title: one.figure for one in charts.charts(charts.SPANS[key], now=NOW)}


def test_a_chart_shows_the_total_or_the_peak():
    sample(1, arrived=3, failed=1, backlog=7, late_s=90)
    sample(2, arrived=4, backlog=2)

    assert figures("1h") == {
        "Webhooks received": "7 in 1 hour",
        "Failed attempts": "1 in 1 hour",
        "Backlog": "at most 7",
        "Lateness": "at most 1 min 30 s",
    }


@pytest.mark.parametrize(("key", "minutes"), [("1h", 61), ("24h", 24 * 60 + 1), ("7d", 7 * 24 * 60 + 1)])
@pytest.mark.every_row
def test_what_is_older_than_the_period_is_left_out(key, minutes):
    sample(minutes, arrived=5)

    assert set(figures(key).values()) == {"no data yet"}


def test_a_minute_without_a_sample_is_no_data_and_not_zero():
    sample(1, arrived=0)

    (arrivals, *_) = charts.charts(charts.SPANS["1h"], now=NOW)
    assert [bar.known for bar in arrivals.bars].count(True) == 1


def test_a_lead_does_not_see_it(seeded):
    assert signed_in(make_lead()).get("/admin/health/").status_code == 403
