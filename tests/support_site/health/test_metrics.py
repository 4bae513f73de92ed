"""What Prometheus reads, with and without a database."""

import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.conf import settings as site
from django.db import OperationalError, connection
from django.test import Client
from django.utils import timezone

from knowledge.models import Draft
from reports.models import Clock
from tests.factories import NOW, later, make_approved, make_delivery, make_draft
from webhooks.database import row_estimates
from webhooks.models import Attempt, Delivery

pytestmark = pytest.mark.django_db
RULES = Path(site.BASE_DIR) / "docs" / "alert_rules.yml"


def scrape() -> dict[str, float]:
    answer = Client().get("/metrics")
    assert answer.status_code == 200
    lines = [line for line in answer.content.decode().splitlines() if not line.startswith("#")]
    return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines)}


@pytest.fixture
def away():
    def broken(*args):
        raise OperationalError("gone")

    with connection.execute_wrapper(broken):
        yield


def make_clock(conversation, *, number: int, now, at_risk: int, due: int) -> None:
    """Running; at risk and due so many minutes from now."""
    Clock.objects.create(
        conversation=conversation, metric="first_response", number=number, case=0, state="running", started_at=now,
        at_risk_at=now + timedelta(minutes=at_risk), due_at=now + timedelta(minutes=due),
        business_seconds=0, wall_seconds=0,
    )  # fmt: skip


def test_deliveries_and_drafts_are_counted_as_they_are():
    make_draft()
    make_delivery(b"no event", now=NOW)

    told = scrape()

    assert told['support_deliveries{status="DEAD"}'] == Delivery.objects.filter(status="DEAD").count() > 0
    assert (told['support_drafts{status="PROPOSED"}'], told['support_drafts{status="PARKED"}']) == (1, 0)


def test_a_lane_is_as_late_as_its_oldest_due_delivery():
    now = timezone.now()
    for minutes in (1, 10, -10):
        row = make_delivery(now=now)
        Delivery.objects.filter(pk=row.pk).update(next_attempt_at=now - timedelta(minutes=minutes))

    told = scrape()

    assert told['support_due_deliveries{lane="in"}'] == 2
    assert told['support_oldest_due_seconds{lane="in"}'] == pytest.approx(600, abs=30)
    assert told['support_oldest_due_seconds{lane="send"}'] == 0


def make_attempt(number: int, *, at: datetime = NOW, **facts: Any) -> None:
    """Of one and the same delivery, which was due at NOW."""
    row = Delivery.objects.first() or make_delivery(now=NOW)
    Attempt.objects.create(delivery=row, number=number, started_at=at, **facts)


def test_attempts_are_counted_by_outcome_and_an_open_one_is_running():
    make_attempt(7, outcome="ok", duration_ms=500)
    make_attempt(8)

    told = scrape()

    assert told['support_recent_attempts{lane="in",outcome="ok"}'] == 1
    assert told['support_recent_attempts{lane="in",outcome="running"}'] == 1


def test_durations_of_attempts_are_given_as_median_and_slowest():
    for number, duration_ms in enumerate([100, 200, 900], 1):
        make_attempt(number, outcome="ok", duration_ms=duration_ms)

    told = scrape()

    took = [told[f'support_recent_attempt_seconds{{lane="in",quantile="{share}"}}'] for share in ("0.5", "1")]
    assert took == [0.2, 0.9]


def test_only_a_first_try_can_be_late():
    make_attempt(1, at=later(3))
    make_attempt(2, at=later(40))

    assert scrape()['support_recent_lateness_seconds{lane="in",quantile="1"}'] == 3


def test_a_lane_without_attempts_has_no_times():
    assert not [name for name in scrape() if name.startswith("support_recent_attempt_seconds")]


def test_replies_of_the_last_hour_are_counted_by_status():
    draft = make_approved()
    Draft.objects.filter(pk=draft.pk).update(status="PARKED")
    for minutes in (1, 2):
        draft.events.create(at=timezone.now() - timedelta(minutes=minutes), action="sending", after="SENDING")
    draft.events.create(at=timezone.now() - timedelta(hours=2), action="sending", after="SENDING")

    told = scrape()

    sends = {status: told[f'support_sends_last_hour{{status="{status}"}}'] for status in ("PARKED", "SENT")}
    assert sends == {"PARKED": 1, "SENT": 0}


def test_a_clock_is_at_risk_until_it_is_overdue():
    conversation, now = make_draft().conversation, timezone.now()
    Clock.objects.all().delete()
    for number, (at_risk, due) in enumerate([(5, 10), (-5, 10), (-9, -5), (-9, -6)]):
        make_clock(conversation, number=number, now=now, at_risk=at_risk, due=due)

    told = scrape()

    assert told['support_sla_clocks{state="at_risk"}'] == 1
    assert told['support_sla_clocks{state="overdue"}'] == 2


def test_counting_stops_where_it_would_grow_dear(monkeypatch):
    make_delivery(now=NOW)
    make_delivery(now=NOW)
    monkeypatch.setattr(row_estimates.capped, "__kwdefaults__", {"most": 1})

    assert scrape()['support_deliveries{status="PENDING"}'] == 1


def test_the_number_of_queries_is_the_same_with_many_rows(django_assert_num_queries):
    with connection.execute_wrapper(counter := _Counter()):
        scrape()
    for _ in range(5):
        make_draft()

    with django_assert_num_queries(counter.queries):
        scrape()


class _Counter:
    queries = 0

    def __call__(self, execute, sql, *rest):
        self.queries += 1
        return execute(sql, *rest)


def test_with_a_database_it_is_said_to_be_up():
    assert scrape()["support_database_up"] == 1


def test_without_a_database_metrics_say_so_and_report_the_disk(away):
    told = {name: value for name, value in scrape().items() if not name.startswith("support_webhook")}

    assert told == {"support_database_up": 0, "support_spool_files": 0, "support_spool_bytes": 0}


def test_every_label_that_an_alert_rule_sums_by_exists():
    rules = [rule for group in yaml.safe_load(RULES.read_text())["groups"] for rule in group["rules"]]
    asked = {
        label
        for rule in rules
        for by in re.findall(r"by \(([^)]*)\)", rule["expr"])
        for label in by.split(", ")
    }
    make_attempt(7, outcome="ok")

    told = {label for name in scrape() for label in re.findall(r"(\w+)=", name)}

    assert asked - told == set()


def test_every_metric_that_an_alert_rule_uses_exists():
    rules = [rule for group in yaml.safe_load(RULES.read_text())["groups"] for rule in group["rules"]]
    asked = {name for rule in rules for name in re.findall(r"support_\w+(?:\{[^}]*\})?", rule["expr"])}
    names = set(scrape())

    for figure in asked:
        name, _, label = figure.partition("{")
        assert any(one.partition("{")[0] == name and label.rstrip("}") in one for one in names), figure
