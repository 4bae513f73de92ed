"""The charts of a card: days on which nobody works are gaps, and targets are lines."""

from datetime import date
from zoneinfo import ZoneInfo

import pytest
from django.db.models import Q

from reports.attainment import attainment, cells, charts
from reports.clocks import clocks
from reports.periods import Period
from tests.factories import later, make_inbox
from tests.reports.clocks.test_clocks import answered, hear, wrote

pytestmark = pytest.mark.django_db
WEEK = Period(date(2026, 11, 23), date(2026, 11, 29), ZoneInfo("UTC"))
DAY = 86_400


@pytest.fixture(autouse=True)
def _desk(seeded) -> None:
    make_inbox()


def drawn(period: Period = WEEK) -> dict[str, list]:
    """By series: its values, first response only."""
    now = later(14 * DAY)
    found = attainment.attainment(period, by=None, now=now, within=Q())
    before = attainment.met_and_missed(period.before(), within=Q())
    trend = attainment.trend(period, within=Q(), saved={})
    card = cells.cards(found, before, trend, cells.Links("/", period), now=now)[0]
    return {one.name: list(one.values) for chart in charts.of(card, period) for one in chart.series}


def test_a_day_without_clocks_is_a_gap_and_no_hundred_percent():
    hear(wrote(), answered(), at=1800)

    assert drawn()["Met"] == [1.0, *[None] * 6]


def test_an_answer_on_a_closed_day_is_a_gap():
    """The seeded calendar is closed on weekends, so an answer on Saturday takes no business time at all."""
    hear(wrote(at=5 * DAY), answered(at=5 * DAY + 60), at=5 * DAY + 60)

    shown = drawn()

    assert (shown["Met"], shown["Median"]) == ([None] * 7, [None] * 7)


def test_the_policy_s_target_is_a_line_across_the_chart():
    hear(wrote(), answered(), at=1800)
    clocks.sweep(now=later(DAY))

    assert drawn()["Target (Standard)"] == [3600] * 7
