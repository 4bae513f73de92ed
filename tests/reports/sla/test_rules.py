"""The rules of docs/sla_rules.md, each a table of cases. Others' mistakes are named in the rows that they fail."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from knowledge.business_time.arithmetic import Calendar
from reports import sla
from tests.reports.sla.stories import TARGETS, at, clocks, hours, lines, policy, told

ASKED = "Mon 09:00 customer"
ANN = "by Ann"
# (rule and name, what happened, asked at, metrics, clocks)
RESPONSES = [
    ("1: starts at the customer's first message", [ASKED], "Mon 09:30", "first",
     ["first running Mon 09:00 due Mon 10:00 used 30"]),
    ("1: further messages start nothing", [ASKED, "Mon 09:20 customer"], "Mon 09:30", "first",
     ["first running Mon 09:00 due Mon 10:00 used 30"]),
    ("1: an agent opened the conversation", ["Mon 09:00 Ann", "Mon 13:00 customer", "Mon 13:30 Ann"], "Tue 09:00", "first next",
     ["first met Mon 13:00 due Mon 14:00 stop Mon 13:30 used 30 by Ann"]),
    ("2: a refused answer stops nothing", [ASKED, "Mon 09:30 Ann", "Mon 09:31 failed"], "Mon 12:00", "first",
     ["first missed Mon 09:00 due Mon 10:00 used 180 by unassigned"]),
    ("2: it had stopped it until then", [ASKED, "Mon 09:30 Ann", "Mon 11:00 failed"], "Mon 10:59", "first",
     ["first met Mon 09:00 due Mon 10:00 stop Mon 09:30 used 30 by Ann"]),
    ("2: the answer sent again stops it", [ASKED, "Mon 09:30 Ann", "Mon 09:31 failed", "Mon 09:50 Bob"], "Tue 09:00", "first",
     ["first met Mon 09:00 due Mon 10:00 stop Mon 09:50 used 50 by Bob"]),
    ("3: from the first message after an answer", [ASKED, "Mon 09:30 Ann", "Mon 10:00 customer", "Mon 11:00 customer",
     "Mon 13:00 Ann"], "Tue 09:00", "next", ["next met Mon 10:00 due Mon 14:00 stop Mon 13:00 used 180 by Ann"]),
    ("3: one miss a wait", [ASKED, "Mon 09:30 Ann", "Mon 10:00 customer", "Mon 15:00 customer", "Tue 09:00 Ann"], "Wed 09:00",
     "next", ["next missed Mon 10:00 due Mon 14:00 stop Tue 09:00 used 420 by Ann"]),
    ("3: an answer without a question is no wait (zammad#3140)", [ASKED, "Mon 09:30 Ann", "Mon 09:40 Ann"], "Fri 09:00", "next",
     []),
    ("3: the answer ends the wait at once (zammad#2082)", [ASKED, "Mon 09:30 Ann"], "Mon 09:30", "first",
     ["first met Mon 09:00 due Mon 10:00 stop Mon 09:30 used 30 by Ann"]),
    ("4: snoozing does not dodge", [ASKED, "Mon 09:10 snoozed"], "Mon 12:00", "first",
     ["first missed Mon 09:00 due Mon 10:00 used 180 by unassigned"]),
    ("4: nor does pending", [ASKED, "Mon 09:10 pending"], "Mon 12:00", "first",
     ["first missed Mon 09:00 due Mon 10:00 used 180 by unassigned"]),
    ("5: met at the very second", [ASKED, "Mon 10:00 Ann"], "Tue 09:00", "first",
     ["first met Mon 09:00 due Mon 10:00 stop Mon 10:00 used 60 by Ann"]),
    ("5: late by a second is late", [ASKED, "Mon 10:00:01 Ann"], "Tue 09:00", "first",
     ["first missed Mon 09:00 due Mon 10:00 stop Mon 10:00:01 used 60.0167 by Ann"]),
    ("5: due at closing time, not at the next opening", ["Fri 16:00 customer", "Mon+1 09:00 Ann"], "Tue+1 09:00", "first",
     ["first missed Fri 16:00 due Fri 17:00 stop Mon+1 09:00 used 60 by Ann"]),
    ("5: written and answered on a closed Saturday", ["Sat 11:00 customer", "Sat 12:00 Ann"], "Tue+1 09:00", "first",
     ["first met Sat 11:00 due Mon+1 10:00 stop Sat 12:00 used 0 by Ann"]),
    ("5: a weekend is not counted (chatwoot#13392)", ["Fri 16:30 customer", "Mon+1 09:30 Ann"], "Tue+1 09:00", "first",
     ["first met Fri 16:30 due Mon+1 09:30 stop Mon+1 09:30 used 60 by Ann"]),
    ("5: a quick answer in the morning is quick, whatever the night was (chatwoot#6418)", ["Mon 20:00 customer", "Tue 09:05 Ann"],
     "Wed 09:00", "first", ["first met Mon 20:00 due Tue 10:00 stop Tue 09:05 used 5 by Ann"]),
    ("5: a late first answer stays a miss (chatwoot#13392)", [ASKED, "Mon 11:00 Ann"], "Fri 09:00", "first",
     ["first missed Mon 09:00 due Mon 10:00 stop Mon 11:00 used 120 by Ann"]),
    ("6: resolved unanswered in time is cancelled", [ASKED, "Mon 09:50 resolved"], "Tue 09:00", "first",
     ["first cancelled Mon 09:00 due Mon 10:00 stop Mon 09:50 used 50"]),
    ("6: resolved unanswered too late is missed", [ASKED, "Mon 10:30 resolved"], "Tue 09:00", "first",
     ["first missed Mon 09:00 due Mon 10:00 stop Mon 10:30 used 90 by unassigned"]),
    ("6: a goodbye runs no longer than the conversation (chatwoot#10178)", [ASKED, "Mon 09:30 Ann", "Mon 10:00 customer",
     "Mon 10:05 resolved"], "Fri 09:00", "next", ["next cancelled Mon 10:00 due Mon 14:00 stop Mon 10:05 used 5"]),
    ("7: reopened is a next response, no first one", [ASKED, "Mon 09:30 Ann", "Mon 10:00 resolved",
     "Wed 09:00 customer", "Wed 09:01 open", "Wed 10:00 Bob"], "Fri 09:00", "first next",
     ["first met Mon 09:00 due Mon 10:00 stop Mon 09:30 used 30 by Ann",
      "next met Wed 09:00 due Wed 13:00 stop Wed 10:00 used 60 by Bob"]),
    ("7: reopened before any answer is a first response", [ASKED, "Mon 09:30 resolved", "Tue 09:00 customer", "Tue 09:00 open",
     "Tue 09:20 Ann"], "Fri 09:00", "first next",
     ["first cancelled Mon 09:00 due Mon 10:00 stop Mon 09:30 used 30",
      "first met Tue 09:00 due Tue 10:00 stop Tue 09:20 used 20 by Ann"]),
    ("7: a follow-up in a resolved conversation starts nothing", [ASKED, "Mon 09:30 Ann", "Mon 10:00 resolved", "Tue 09:00 Ann"],
     "Fri 09:00", "first next", ["first met Mon 09:00 due Mon 10:00 stop Mon 09:30 used 30 by Ann"]),
    ("7: a week of silence and a second is a new case", [ASKED, "Mon 09:30 Ann", "Mon 10:00 resolved", "Mon+1 10:00:01 customer",
     "Mon+1 10:00:01 open"], "Mon+1 10:30", "first next",
     ["first met Mon 09:00 due Mon 10:00 stop Mon 09:30 used 30 by Ann",
      "first running Mon+1 10:00:01 due Mon+1 11:00:01 used 29.9833"]),
    ("7: a week of silence is the same case", [ASKED, "Mon 09:30 Ann", "Mon 10:00 resolved", "Mon+1 10:00 customer",
     "Mon+1 10:00 open"], "Mon+1 10:30", "first next",
     ["first met Mon 09:00 due Mon 10:00 stop Mon 09:30 used 30 by Ann", "next running Mon+1 10:00 due Mon+1 14:00 used 30"]),
    ("11: missed unanswered is the assignee's at the due time", ["Mon 08:00 assign Ann", ASKED, "Mon 10:30 assign Bob"],
     "Mon 12:00", "first", ["first missed Mon 09:00 due Mon 10:00 used 180 by Ann"]),
    ("11: who answered, not who is assigned now", [ASKED, "Mon 09:10 assign Bob", "Mon 09:30 Ann", "Mon 11:00 assign Cid"],
     "Tue 09:00", "first", ["first met Mon 09:00 due Mon 10:00 stop Mon 09:30 used 30 by Ann"]),
]  # fmt: skip
RESOLUTIONS = [
    ("4: waiting on the customer pauses", [ASKED, "Mon 10:00 Ann"], "Fri 09:00",
     ["resolution paused Mon 09:00 used 60"]),
    ("4: the customer's answer goes on", [ASKED, "Mon 10:00 Ann", "Tue 10:00 customer"], "Tue 11:00",
     ["resolution running Mon 09:00 due Thu 17:00 used 120"]),
    ("4: snoozed pauses", [ASKED, "Mon 10:00 snoozed", "Tue 10:00 open", "Tue 11:00 resolved"], "Fri 09:00",
     ["resolution met Mon 09:00 due Thu 17:00 stop Tue 11:00 used 120 by unassigned"]),
    ("4: pending after it was open pauses", [ASKED, "Mon 10:00 pending"], "Fri 09:00", ["resolution paused Mon 09:00 used 60"]),
    ("4: set at the first closing (zammad#2579, zammad#4516)", [ASKED, "Mon 09:30 resolved"], "Fri 09:00",
     ["resolution met Mon 09:00 due Wed 17:00 stop Mon 09:30 used 30 by unassigned"]),
    ("5: missed at the end of the third day", [ASKED], "Thu 09:00:01",
     ["resolution missed Mon 09:00 due Wed 17:00 used 1440.02 by unassigned"]),
    ("7: a reopened one is new, the met one stays met", [ASKED, "Mon 10:00 resolved", "Tue 09:00 customer", "Tue 09:00 open"],
     "Tue 10:00", ["resolution met Mon 09:00 due Wed 17:00 stop Mon 10:00 used 60 by unassigned",
                   "resolution running Tue 09:00 due Thu 17:00 used 60"]),
    ("7: reopened by an agent alone starts nothing", [ASKED, "Mon 10:00 resolved", "Tue 09:00 open"], "Fri 09:00",
     ["resolution met Mon 09:00 due Wed 17:00 stop Mon 10:00 used 60 by unassigned"]),
    ("11: the assignee at the stop", [ASKED, "Mon 09:10 assign Ann", "Mon 10:00 resolved", "Mon 11:00 assign Bob"], "Fri 09:00",
     ["resolution met Mon 09:00 due Wed 17:00 stop Mon 10:00 used 60 by Ann"]),
]  # fmt: skip
BOTS = [
    ("1: a bot's time is not counted (chatwoot#7679)", [ASKED, "Tue 09:00 open", "Tue 09:30 Ann", "Tue 10:00 resolved"],
     "Fri 09:00", ["first met Tue 09:00 due Tue 10:00 stop Tue 09:30 used 30 by Ann",
                   "resolution met Tue 09:00 due Fri 09:30 stop Tue 10:00 used 30 by unassigned"]),
    ("1: while the bot holds it no clock runs", [ASKED], "Fri 09:00", []),
    ("1: resolved by the bot", [ASKED, "Mon 09:05 resolved"], "Fri 09:00",
     ["first not applicable Mon 09:00 stop Mon 09:05 used 0", "resolution not applicable Mon 09:00 stop Mon 09:05 used 0"]),
    ("1: the bot again after its resolve (chatwoot#12058)", [ASKED, "Mon 09:05 resolved", "Tue 09:00 customer",
     "Tue 09:00 pending", "Tue 09:10 open", "Tue 09:40 Ann"], "Tue 09:40",
     ["first not applicable Mon 09:00 stop Mon 09:05 used 0", "resolution not applicable Mon 09:00 stop Mon 09:05 used 0",
      "first met Tue 09:10 due Tue 10:10 stop Tue 09:40 used 30 by Ann", "resolution paused Tue 09:10 used 30"]),
    ("1: a person answers in the bot's conversation", [ASKED, "Mon 09:20 Ann"], "Mon 09:20",
     ["first met Mon 09:20 due Mon 10:20 stop Mon 09:20 used 0 by Ann", "resolution paused Mon 09:20 used 0"]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("story", "as_of", "only", "expected"), [row[1:] for row in RESPONSES], ids=[row[0] for row in RESPONSES]
)
def test_responses(story, as_of, only, expected):
    assert lines(told(*story), as_of=as_of, only=only) == expected


@pytest.mark.parametrize(
    ("story", "as_of", "expected"), [row[1:] for row in RESOLUTIONS], ids=[row[0] for row in RESOLUTIONS]
)
def test_resolutions(story, as_of, expected):
    assert lines(told(*story), as_of=as_of, only="resolution") == expected


@pytest.mark.parametrize(
    ("story", "as_of", "expected"), [row[1:] for row in BOTS], ids=[row[0] for row in BOTS]
)
def test_bots(story, as_of, expected):
    found = lines(told(*story, first="pending"), as_of=as_of)

    assert found == expected


def test_8_a_miss_sticks_though_no_policy_fits_any_more():
    vip = policy(conditions=sla.Conditions(labels=frozenset({"vip"})))
    story = ["Mon 08:00 label vip", ASKED, "Mon 12:00 label other"]

    (first, _) = clocks(told(*story), vip, as_of="Tue 09:00")

    assert (first.state, first.due_at, first.policy) == ("missed", at("Mon 10:00"), 1)


# Rule 6: for whom no clock counts

EXEMPT = [("blocked", {"blocked": True}, []), ("spam", {}, ["Mon 09:05 label spam"]),
          ("spam, found afterwards", {}, ["Tue 09:05 label Spam other"])]  # fmt: skip


@pytest.mark.parametrize(("facts", "more"), [row[1:] for row in EXEMPT], ids=[row[0] for row in EXEMPT])
def test_a_blocked_contact_and_spam_have_no_clocks_that_count(facts, more):
    found = lines(told(ASKED, "Mon 09:30 Ann", *more, **facts), as_of="Fri 09:00")

    assert [line.split(" Mon")[0] for line in found] == ["first not applicable", "resolution not applicable"]


def test_a_label_that_only_sounds_like_spam_exempts_nobody():
    assert lines(told(ASKED, "Mon 09:01 label spam-check"), as_of="Mon 09:30", only="first") == [
        "first running Mon 09:00 due Mon 10:00 used 30"
    ]


def test_what_is_deleted_in_chatwoot_is_cancelled():
    gone = told(ASKED, deleted_at=at("Mon 09:10"))

    assert lines(gone, only="first") == ["first cancelled Mon 09:00 due Mon 10:00 stop Mon 09:10 used 10"]


def test_closed_unanswered_is_said_of_the_cancelled_alone():
    in_time, late = (
        clocks(told(ASKED, f"Mon {stop} resolved"), as_of="Fri 09:00")[0] for stop in ("09:30", "10:30")
    )

    assert (in_time.closed_unanswered, late.closed_unanswered) == (True, False)


def test_a_resolution_says_when_the_customer_came_back():
    story = told(ASKED, "Mon 09:30 Ann", "Mon 10:00 resolved", "Wed 12:00 customer", "Wed 12:00 open")

    resolution = next(clock for clock in clocks(story) if clock.metric == sla.RESOLUTION)

    assert resolution.reopened_at == at("Wed 12:00")


def test_12_a_miss_belongs_to_when_it_was_due_and_the_rest_to_when_they_stopped():
    missed, met = (
        clocks(told(ASKED, f"{answer} Ann"), as_of="Fri 09:00")[0] for answer in ("Tue 09:00", "Mon 09:30")
    )

    assert (missed.decided_at, met.decided_at) == (at("Mon 10:00"), at("Mon 09:30"))


# What a clock's time consists of


def test_time_is_cut_into_segments_only_for_who_asks():
    """An event calculates clocks: what it costs must not grow with the days that a customer has waited."""
    first = clocks(told(ASKED), as_of="Mon+52 09:00")[0]

    assert "segments" not in vars(first)
    assert len(first.segments) > 365


def test_the_segments_explain_every_second():
    story = told(ASKED, "Mon 16:00 open", "Mon 16:30 snoozed", "Tue 09:30 open", first="pending")

    resolution = clocks(story, as_of="Tue 10:00")[-1]

    assert [(one.kind, one.start, one.end) for one in resolution.segments] == [
        ("bot", at("Mon 09:00"), at("Mon 16:00")),
        ("counted", at("Mon 16:00"), at("Mon 16:30")),
        ("paused", at("Mon 16:30"), at("Tue 09:30")),
        ("counted", at("Tue 09:30"), at("Tue 10:00")),
    ]


def test_nights_are_closed():
    first = clocks(told("Mon 16:30 customer"), as_of="Tue 09:10")[0]

    assert [(one.kind, one.start) for one in first.segments] == [
        ("counted", at("Mon 16:30")), ("closed", at("Mon 17:00")), ("counted", at("Tue 09:00")),
    ]  # fmt: skip


def test_wall_time_runs_through_the_night():
    wall = policy(hours=sla.Hours())

    assert lines(told("Mon 16:30 customer", "Tue 16:30 Ann"), wall, only="first") == [
        "first missed Mon 16:30 due Mon 17:30 stop Tue 16:30 used 1440 by Ann"
    ]


BERLIN = Calendar(ZoneInfo("Europe/Berlin"), (((0, 86_400),),) * 7)
LONG_DAYS = [
    ("a day of 23 hours", datetime(2026, 3, 28, 23, tzinfo=UTC), datetime(2026, 3, 29, 22, tzinfo=UTC), 23),
    ("a day of 25 hours", datetime(2026, 10, 24, 22, tzinfo=UTC), datetime(2026, 10, 25, 23, tzinfo=UTC), 25),
    ("into week 53 and out of it", datetime(2026, 12, 31, 23, tzinfo=UTC), datetime(2027, 1, 1, 23, tzinfo=UTC), 24),
]  # fmt: skip


@pytest.mark.parametrize(
    ("start", "end", "length"), [row[1:] for row in LONG_DAYS], ids=[row[0] for row in LONG_DAYS]
)
def test_a_local_day_has_the_hours_it_has(start, end, length):
    facts = sla.Facts(said=(sla.Said(start, 1, sla.CUSTOMER),))
    whole_day = policy(targets=TARGETS | {"first_response": length * 3600}, hours=hours(BERLIN))

    first = sla.clocks(facts, (whole_day,), as_of=end)[0]

    assert (first.business_seconds, first.due_at, first.state) == (length * 3600, end, "running")
