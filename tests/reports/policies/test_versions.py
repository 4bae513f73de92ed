"""Rule 8 of docs/sla_rules.md: which policy a clock has, in which version, and what becomes of it when that changes."""

import pytest

from knowledge.business_time.arithmetic import Calendar
from reports import sla
from tests.reports.sla.stories import DESK, EARLY, POLICY, TARGETS, at, clocks, hours, lines, policy, told

ASKED = "Mon 09:00 customer"
VIP = policy(
    0, targets=TARGETS | {"first_response": 600}, conditions=sla.Conditions(labels=frozenset({"vip"}))
)
SLOW = policy(
    0, targets=TARGETS | {"first_response": 7200}, conditions=sla.Conditions(labels=frozenset({"slow"}))
)
CHANGES = [
    ("matched at the start", VIP, ["Mon 08:00 label vip", ASKED], "Mon 09:05", "first running Mon 09:00 due Mon 09:10 used 5"),
    ("takes the new target, keeps its start and used time", VIP, [ASKED, "Mon 09:04 label vip"], "Mon 09:05",
     "first running Mon 09:00 due Mon 09:10 used 5"),
    ("over already: missed at the change", VIP, [ASKED, "Mon 09:30 label vip"], "Mon 09:40",
     "first missed Mon 09:00 due Mon 09:30 used 40 by unassigned"),
    ("over, and answered later still", VIP, [ASKED, "Mon 09:30 label vip", "Mon 09:40 Ann"], "Mon 10:40",
     "first missed Mon 09:00 due Mon 09:30 stop Mon 09:40 used 40 by Ann"),
    ("a kinder policy gives more time", SLOW, [ASKED, "Mon 09:30 label slow"], "Mon 10:30",
     "first running Mon 09:00 due Mon 11:00 used 90"),
    ("at the very instant it was due", SLOW, [ASKED, "Mon 10:00 label slow"], "Mon 10:30",
     "first running Mon 09:00 due Mon 11:00 used 90"),
    ("a miss sticks", SLOW, [ASKED, "Mon 10:30 label slow"], "Mon 10:40",
     "first missed Mon 09:00 due Mon 10:00 used 100 by unassigned"),
    ("a miss by a change sticks when the label goes", VIP, [ASKED, "Mon 09:30 label vip", "Mon 09:31 label other"], "Mon 09:40",
     "first missed Mon 09:00 due Mon 09:30 used 40 by unassigned"),
    ("a target that does not apply any more does not stay (zammad#5624)", VIP, ["Mon 08:00 label vip", ASKED,
     "Mon 09:05 label other"], "Mon 09:30", "first running Mon 09:00 due Mon 10:00 used 30"),
    ("a stopped clock never changes", VIP, [ASKED, "Mon 09:30 Ann", "Mon 09:31 label vip"], "Mon 09:40",
     "first met Mon 09:00 due Mon 10:00 stop Mon 09:30 used 30 by Ann"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("other", "story", "as_of", "expected"), [row[1:] for row in CHANGES], ids=[row[0] for row in CHANGES]
)
def test_8_policies_are_matched_at_the_start_and_when_a_condition_changes(other, story, as_of, expected):
    assert lines(told(*story), other, POLICY, as_of=as_of, only="first") == [expected]


def test_8_a_clock_that_no_policy_serves_any_more_promises_nothing():
    """zammad#5624: what the old policy promised does not stay."""
    first = clocks(told("Mon 08:00 label vip", ASKED, "Mon 09:05 label other"), VIP, as_of="Mon 12:00")[0]

    assert (first.state, first.due_at) == ("not_applicable", None)


def test_3_a_quicker_next_response_does_not_overrule_the_first():
    """zammad#5177"""
    quick = policy(targets=TARGETS | {"next_response": 600})

    assert lines(told(ASKED), quick, as_of="Mon 09:30", only="first next") == [
        "first running Mon 09:00 due Mon 10:00 used 30"
    ]


def test_8_a_miss_by_a_change_is_marked():
    (first, _) = clocks(told(ASKED, "Mon 09:30 label vip"), VIP, POLICY, as_of="Mon 09:40")

    assert (first.missed_by_change, first.policy) == (True, VIP.number)


CONDITIONS = [({"inbox_ids": frozenset({3})}, "inbox 3"), ({"priorities": frozenset({"urgent"})}, "priority urgent"),
              ({"teams": frozenset({"Billing"})}, "team Billing"),
              ({"labels": frozenset({"vip", "x"})}, "label vip")]  # fmt: skip


@pytest.mark.parametrize(("conditions", "change"), CONDITIONS, ids=[row[1] for row in CONDITIONS])
def test_8_each_condition_chooses(conditions, change):
    special = policy(0, conditions=sla.Conditions(**conditions))
    with_it, without = (
        clocks(told(*story), special, POLICY, as_of="Mon 09:10")[0].policy
        for story in ([f"Mon 08:00 {change}", ASKED], [ASKED])
    )

    assert (with_it, without) == (0, 1)


def test_an_edit_serves_the_clocks_that_start_from_then_on():
    edited = policy(version=2, targets=TARGETS | {"first_response": 600}, valid_from=at("Tue 09:00"))
    before, after = (clocks(told(f"{day} customer"), POLICY, edited, as_of="Tue 09:30")[0]
                     for day in ("Tue 08:59", "Tue 09:00"))  # fmt: skip

    assert (before.policy_version, before.due_at) == (1, at("Tue 10:00"))
    assert (after.policy_version, after.due_at) == (2, at("Tue 09:10"))


def test_without_a_policy_nothing_is_promised():
    (first, _) = clocks(told(ASKED), VIP)

    assert (first.state, first.due_at, first.policy) == ("not_applicable", None, None)


def test_an_inbox_with_hours_of_its_own_counts_in_them():
    nights = sla.Steps((1, Calendar(DESK.zone, (((20 * 3600, 24 * 3600),),) * 7)))
    own = policy(hours=sla.Hours(hours(DESK).versions, {2: ((EARLY, nights),)}))

    assert lines(told(ASKED), own, as_of="Mon 09:30", only="first") == [
        "first running Mon 09:00 due Mon 21:00 used 0"
    ]


def test_at_risk_is_the_share_of_the_target_used_up():
    assert clocks(told(ASKED), as_of="Mon 09:30")[0].at_risk_at == at("Mon 09:48")
