"""A conversation told in lines, and its clocks in lines: what the tables of rules are written in.

"Mon 09:00 customer", "Tue 10:30 Ann" (answers), "Mon 12:00 resolved", "Mon 10:00 assign Ann", "Mon 10:00 label vip",
"Mon 10:00 priority urgent", "Mon 10:00 team Billing", "Mon 10:30 failed" (the answer before it was refused then).
Mon is 23 November 2026, Mon+1 the Monday after; the desk is open Mon-Fri 09:00-17:00 UTC.
"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from knowledge.business_time.arithmetic import Calendar
from reports import sla

MONDAY = datetime(2026, 11, 23, tzinfo=UTC)
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
EARLY = datetime(2000, 1, 1, tzinfo=UTC)
STATUSES = ("open", "pending", "snoozed", "resolved")
OFFICE = ((9 * 3600, 17 * 3600),)
DESK = Calendar(ZoneInfo("UTC"), (OFFICE,) * 5 + ((),) * 2)
TARGETS = {"first_response": 3600, "next_response": 4 * 3600, "resolution": 24 * 3600}
SHORT = {"first_response": "first", "next_response": "next", "resolution": "resolution"}


def at(text: str) -> datetime:
    day, clock = text.split()
    name, _, weeks = day.partition("+")
    hour, minute, *second = map(int, clock.split(":"))
    return MONDAY + timedelta(
        days=DAYS.index(name) + 7 * int(weeks or 0), hours=hour, minutes=minute, seconds=sum(second)
    )


def hours(calendar: Calendar, version: int = 1) -> sla.Hours:
    return sla.Hours(sla.Steps((version, calendar)))


def policy(number: int = 1, version: int = 1, **facts) -> sla.Policy:
    facts = {"targets": TARGETS, "valid_from": EARLY, "hours": hours(DESK), "order": number} | facts
    return sla.Policy(number, version, **facts)


POLICY = policy()


def told(*lines: str, first: str = "open", **facts) -> sla.Facts:
    said: list[sla.Said] = []
    steps: dict[str, list] = {name: [] for name in ("status", "assign", "team", "label", "priority", "inbox")}
    for line in lines:
        day, clock, verb, *rest = line.split()
        when, what = at(f"{day} {clock}"), " ".join(rest)
        if verb == "customer":
            said.append(sla.Said(when, len(said), sla.CUSTOMER))
        elif verb in STATUSES:
            steps["status"].append((when, verb))
        elif verb == "label":
            steps["label"].append((when, frozenset(rest)))
        elif verb == "inbox":
            steps["inbox"].append((when, int(what)))
        elif verb in ("assign", "team"):
            steps[verb].append((when, sla.Named(what, what)))
        elif verb in steps:
            steps[verb].append((when, what))
        elif verb == "failed":
            said[-1] = replace(said[-1], failed_at=when)
        else:
            said.append(sla.Said(when, len(said), sla.PERSON, sla.Named(verb, verb)))
    named = {"assign": "assignee", "label": "labels"}
    start = {"status": first, "label": frozenset(), "inbox": 2, "assign": sla.NOBODY, "team": sla.NOBODY}
    kept = {
        named.get(name, name): sla.Steps(start.get(name, ""), tuple(found)) for name, found in steps.items()
    }
    return sla.Facts(said=tuple(said), **kept, **facts)


def clocks(facts: sla.Facts, *policies: sla.Policy, as_of: str = "Mon+4 09:00") -> list[sla.Clock]:
    return sla.clocks(facts, policies or (POLICY,), as_of=at(as_of))


def said_of(clock: sla.Clock) -> str:
    parts = [SHORT[clock.metric], clock.state.replace("_", " "), when(clock.started_at)]
    parts += [f"due {when(clock.due_at)}"] if clock.due_at else []
    parts += [f"stop {when(clock.stopped_at)}"] if clock.stopped_at else []
    parts += [f"used {clock.business_seconds / 60:g}"]
    parts += [f"by {clock.attributed_to}"] if clock.attributed_to else []
    return " ".join(parts)


def when(moment: datetime) -> str:
    days = (moment - MONDAY).days
    week = f"+{days // 7}" if days >= 7 else ""
    return f"{DAYS[days % 7]}{week} {moment:%H:%M:%S}".removesuffix(":00")


def lines(facts: sla.Facts, *policies: sla.Policy, as_of: str = "Mon+4 09:00", only: str = "") -> list[str]:
    """The clocks; `only` the metrics that it names."""
    return [
        said_of(clock)
        for clock in clocks(facts, *policies, as_of=as_of)
        if SHORT[clock.metric] in (only.split() or SHORT.values())
    ]
