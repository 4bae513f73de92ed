"""The engine against the oracle that counts minute by minute: 440 random histories, without exception.

Through two changes of the clock, a holiday, edited policies and calendars, pauses, bots, spam, deletions and long silences.
"""

import random
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from knowledge.business_time.arithmetic import Calendar
from reports import sla
from tests.reports.sla.oracle import MINUTE, WEEK, OpenMinutes, Oracle, Promise

DAY = 24 * 60
BEGINS = {
    "summer begins": datetime(2026, 3, 25, tzinfo=UTC), "summer ends": datetime(2026, 10, 21, tzinfo=UTC),
    "week 53": datetime(2026, 12, 27, tzinfo=UTC),
}  # fmt: skip
LENGTH = 50 * DAY
EDITED = 4 * DAY + 600  # when policy and calendar get their second version
METRICS = (("first_response", 60), ("next_response", 240), ("resolution", 1440))
OFFICE = {day: [(9 * 60, 12 * 60), (13 * 60, 17 * 60)] for day in range(5)}
LONG = {day: [(7 * 60, 23 * 60 + 30)] for day in range(6)}
ALL = {day: [(0, 24 * 60)] for day in range(7)}
ZONE = "Europe/Berlin"
EARLY = datetime(2000, 1, 1, tzinfo=UTC)


def targets(share: float, unit: int = 1) -> dict[str, Any]:
    return {metric: int(minutes * share) * unit for metric, minutes in METRICS}


def closed_on(begin: datetime) -> set[str]:
    return {f"{begin + timedelta(days=6):%Y-%m-%d}"}


@cache
def minutes(begin: datetime, name: str) -> OpenMinutes:
    week = {"office": OFFICE, "long": LONG, "all": ALL}[name]
    return OpenMinutes(begin, LENGTH, ZONE, week, closed_on(begin) if name == "office" else set())


@cache
def calendar(begin: datetime, name: str) -> Calendar:
    week = {"office": OFFICE, "long": LONG, "all": ALL}[name]
    ranges = tuple(tuple((a * 60, b * 60) for a, b in week.get(day, [])) for day in range(7))
    special = {datetime.fromisoformat(day).date(): () for day in closed_on(begin)} if name == "office" else {}
    return Calendar(ZoneInfo(ZONE), ranges, special)


def promises(begin: datetime, *, with_all: bool) -> tuple[list[Promise], tuple[sla.Policy, ...]]:
    """VIP on long hours; a team's, in wall time; and for all others the office's, edited once."""
    edited = begin + EDITED * MINUTE
    office = sla.Steps((1, calendar(begin, "office")), ((edited, (2, calendar(begin, "long"))),))

    def by_start(start: int) -> OpenMinutes:
        return minutes(begin, "office" if start < EDITED else "long")

    ours = [
        Promise(1, 1, 0, targets(0.25), lambda start: minutes(begin, "long"), lambda labels, priority, team: "vip" in labels),
        Promise(2, 1, 0, targets(0.5), lambda start: minutes(begin, "all"),
                lambda labels, priority, team: team == "billing" and priority in ("high", "urgent")),
        Promise(3, 1, 0, targets(1), by_start, lambda labels, priority, team: True),
        Promise(3, 2, EDITED, targets(0.75), by_start, lambda labels, priority, team: True),
    ]  # fmt: skip
    theirs = [
        sla.Policy(1, 1, EARLY, targets(0.25, 60), 1, sla.Conditions(labels=frozenset({"VIP"})),
                   sla.Hours(sla.Steps((1, calendar(begin, "long"))))),
        sla.Policy(2, 1, EARLY, targets(0.5, 60), 2,
                   sla.Conditions(teams=frozenset({"Billing"}), priorities=frozenset({"high", "urgent"})), sla.Hours()),
        sla.Policy(3, 1, EARLY, targets(1, 60), 3, hours=sla.Hours(office)),
        sla.Policy(3, 2, edited, targets(0.75, 60), 3, hours=sla.Hours(office)),
    ]  # fmt: skip
    return (ours, tuple(theirs)) if with_all else (ours[:2], tuple(theirs[:2]))


def history(dice: random.Random, *, first: str) -> list[tuple[int, str, Any]]:
    """As Chatwoot plays it: the customer's message opens what is snoozed or resolved."""
    events: list[tuple[int, str, Any]] = []
    now, status, teams = dice.randrange(DAY), first, ["", "billing", "orders"]
    for _ in range(dice.randint(3, 16)):
        kind = dice.choices(
            ["customer", "answer", "status", "labels", "priority", "team", "assign", "delete"],
            [30, 22, 22, 7, 7, 6, 8, 0.5],
        )[0]
        if kind == "customer":
            events.append((now, kind, None))
            if status in ("snoozed", "resolved"):
                status = "pending" if first == "pending" and dice.random() < 0.4 else "open"
                events.append((now, "status", status))
        elif kind == "status":
            status = dice.choice(
                [one for one in ("open", "pending", "snoozed", "resolved", "resolved") if one != status]
            )
            events.append((now, kind, status))
        else:
            values = {
                "answer": ["Ann", "Bob"], "labels": [frozenset(), frozenset({"vip"}), frozenset({"x"}), frozenset({"vip", "x"})],
                "priority": ["", "low", "high", "urgent"], "team": teams, "assign": ["", "Ann", "Cid"], "delete": [None],
            }  # fmt: skip
            events.append((now, kind, dice.choice(values[kind])))
        now += dice.choices(
            [
                dice.randint(1, 20),
                dice.randint(20, 300),
                dice.randint(300, 3 * DAY),
                WEEK + dice.randint(-3, 3),
            ],
            [5, 6, 3, 0.4],
        )[0]
    if dice.random() < 0.05:
        events.append((now, "labels", frozenset({"Spam"})))
    return [event for event in events if event[0] < 35 * DAY]


def facts(begin: datetime, events: list[tuple[int, str, Any]], *, first: str) -> sla.Facts:
    def at(minute: int) -> datetime:
        return begin + minute * MINUTE

    def steps(kind: str, start: Any, read: Any = lambda value: value) -> sla.Steps:
        return sla.Steps(
            start, tuple((at(minute), read(value)) for minute, name, value in events if name == kind)
        )

    def named(value: str) -> sla.Named:
        return sla.Named(value, value)

    said = [
        sla.Said(at(minute), place, sla.CUSTOMER if kind == "customer" else sla.PERSON, named(value or ""))
        for place, (minute, kind, value) in enumerate(events)
        if kind in ("customer", "answer")
    ]
    return sla.Facts(
        said=tuple(said), status=steps("status", first), assignee=steps("assign", sla.NOBODY, named),
        team=steps("team", sla.NOBODY, named), labels=steps("labels", frozenset()), priority=steps("priority", ""),
        inbox=sla.Steps(2), deleted_at=next((at(minute) for minute, kind, _ in events if kind == "delete"), None),
    )  # fmt: skip


def told(clock: Any, begin: datetime) -> dict[str, Any]:
    """The engine's clock, or a row of one, in the oracle's words."""

    def minute(at: datetime | None) -> float | None:
        return None if at is None else (at - begin) / MINUTE

    whose = None if clock.attributed_to is None else (clock.attributed_to, clock.team or "")
    return {
        "metric": clock.metric, "case": clock.case, "state": str(clock.state), "start": minute(clock.started_at),
        "due": minute(clock.due_at), "stop": minute(clock.stopped_at), "used": clock.business_seconds / 60,
        "by_change": clock.missed_by_change, "reopened": minute(clock.reopened_at), "closed": clock.closed_unanswered,
        "policy": getattr(clock, "policy_id", None) or getattr(clock, "policy", None), "version": clock.policy_version,
        "whose": whose, "decided": minute(clock.decided_at),
    }  # fmt: skip


@pytest.mark.parametrize("name", BEGINS)
def test_the_engine_counts_as_the_oracle_does(name):
    begin, compared = BEGINS[name], 0
    for seed in range(147):
        dice = random.Random(f"{name} {seed}")
        first = dice.choice(["open", "open", "pending"])
        events = history(dice, first=first)
        ours, theirs = promises(begin, with_all=dice.random() < 0.85)
        for as_of in (dice.randint(0, 30 * DAY), dice.choice(events)[0], 36 * DAY):
            expected = Oracle(events, ours, first=first).ask(as_of)
            found = sla.clocks(facts(begin, events, first=first), theirs, as_of=begin + as_of * MINUTE)

            assert [told(clock, begin) for clock in found] == expected, (name, seed, as_of, first, events)
            compared += len(expected)

    assert compared > 500
