"""The figures of the learning page: each is what it says, and no data is no figure."""

from datetime import timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from knowledge.learning import figures, turns
from tests.factories import make_inbox, make_lead, make_source
from tests.knowledge.learning.learnt import MEASURES, NOW, make_signal, overtaken, rejected, total, turn

pytestmark = pytest.mark.django_db


def test_no_data_is_no_figure():
    values = total().values

    assert values == dict.fromkeys(MEASURES)


FIGURES = {
    "acceptance": (0.5, lambda: (make_signal(), rejected())),
    "edit": (0.25, lambda: (make_signal(ratio=0.5, distance=9), make_signal(), rejected())),
    "approval": (3.0, lambda: [make_signal(waited_s=seconds) for seconds in (60, 180, 3600)]),
    "accuracy": (4.5, lambda: [make_signal(grades=(1, accuracy, 1)) for accuracy in (4, 5)]),
}


@pytest.mark.parametrize("name", FIGURES)
@pytest.mark.every_row
def test_each_figure_is_what_it_says(name):
    expected, make = FIGURES[name]
    make()

    assert total().values[name] == expected


LEFT_OUT = {
    "taken back": {"withdrawn_at": NOW},
    "written by a person": {"author_kind": "person"},
    "before the range": {"ago": 40},
}


@pytest.mark.parametrize("name", LEFT_OUT)
@pytest.mark.every_row
def test_what_does_not_count_is_left_out(name):
    make_signal(**LEFT_OUT[name])

    assert total().counts["decided"] == 0


def test_what_an_agent_overtook_is_no_decision():
    overtaken()

    assert total().counts["decided"] == 0


STAMPS = {
    "in ten seconds": ({"opened_s": 10}, 1),
    "read for longer": ({"opened_s": 11}, 0),
    "never opened here": ({"opened_s": None}, 0),
    "edited": ({"opened_s": 3, "distance": 1, "ratio": 0.1}, 0),
    "a four": ({"opened_s": 3, "grades": (5, 4, 5)}, 0),
    "ungraded": ({"opened_s": 3, "grades": None}, 0),
}


@pytest.mark.parametrize("name", STAMPS)
def test_a_rubber_stamp_is_all_fives_unedited_within_ten_seconds(name):
    facts, expected = STAMPS[name]
    make_signal(**facts)

    assert total().values["stamps"] == expected


def test_weeks_begin_on_monday_and_the_running_one_is_the_last():
    for ago in (1, 3, 9):  # Tuesday; Sunday and Monday of the week before
        make_signal(ago=ago)

    weeks = figures.report(make_lead(), weeks=4, mine=False, now=NOW).weeks

    assert [week.counts["decided"] for week in weeks] == [0, 0, 2, 1]
    assert [week.since.weekday() for week in weeks] == [0] * 4


def test_a_week_of_a_changed_clock_is_a_week(settings):
    settings.TIME_ZONE = "Europe/Berlin"
    with timezone.override("Europe/Berlin"):
        report = figures.report(make_lead(), weeks=12, mine=False, now=NOW)

    assert [timezone.localtime(week.since, ZoneInfo("Europe/Berlin")).hour for week in report.weeks] == [
        0
    ] * 12


TURNS = {
    "answered": ({"at": 60}, (1, 0)),
    "drafted": ({"at": 60, "drafted": "drafter"}, (1, 1)),
    "drafted by an agent": ({"at": 60, "drafted": "service"}, (1, 1)),
    "written by a person": ({"at": 60, "drafted": "person"}, (1, 0)),
    "still waiting": ({"at": 60, "answered": False}, (1, 0)),
    "three messages": ({"at": 60, "before": 2, "drafted": "drafter"}, (1, 1)),
    "a moment ago": ({"at": 4, "answered": False}, (0, 0)),
}


@pytest.mark.parametrize("name", TURNS)
@pytest.mark.every_row
def test_a_turn_is_what_a_customer_writes_until_somebody_answers(name):
    facts, expected = TURNS[name]
    turn(7, **facts)

    counts = total().counts

    assert (counts["turns"], counts["drafted"]) == expected


def test_each_answer_ends_a_turn():
    turn(7, at=60, drafted="drafter")
    turn(7, at=30, before=1)

    assert total().values["share"] == 0.5


def test_an_inbox_that_does_not_draft_has_no_turns():
    make_inbox(drafting=False)
    turn(7, at=60)

    assert total().values["share"] is None


def test_the_turns_module_counts_each_turn_once():
    for conversation in range(1, 4):
        turn(conversation, at=60, before=conversation)

    found = turns.turns(make_lead(), since=NOW - timedelta(days=1), until=NOW, now=NOW)

    assert found.count() == 3


def test_the_list_of_turns_has_as_many_as_are_counted_in_each_stretch_of_time():
    for conversation in range(1, 5):
        turn(conversation, at=conversation * 60, before=conversation, drafted="drafter" * (conversation % 2))
    begins = [NOW - timedelta(minutes=minutes) for minutes in (300, 150, 90, 0)]
    lead = make_lead()

    counted = turns.counted(lead, begins, now=NOW)

    assert [asked for asked, _ in counted if asked], "nothing to compare"
    for (since, until), told in zip(pairwise(begins), counted, strict=True):
        listed = turns.turns(lead, since=since, until=until, now=NOW)
        assert told == (listed.count(), listed.filter(drafted=True).count())


def test_nobody_sees_another_inboxs_figures():
    make_signal(inbox=make_inbox(make_source("other"), inbox_id=9))

    assert total(make_lead(inboxes=[make_inbox()])).counts["decided"] == 0


TARGETS = {"tone": 4.5, "accuracy": 4.7, "policy": 4.8, "share": 0.9, "approval": 15}


def test_the_targets_are_those_of_the_desk():
    assert {measure.name: measure.target for measure in MEASURES.values() if measure.target} == TARGETS


@pytest.mark.parametrize("name", TARGETS)
def test_a_target_just_reached_is_met(name):
    assert MEASURES[name].met(TARGETS[name]) is True


@pytest.mark.parametrize("name", TARGETS)
def test_no_data_meets_no_target(name):
    assert MEASURES[name].met(None) is None
