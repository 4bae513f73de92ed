"""The figures of a week: each equals its rows, no data is never 100 %, and usual ranges come from past weeks."""

from datetime import timedelta

import pytest

from knowledge.models import Dismissal, LearningSignal
from reports import weekly
from reports.models import Clock, WeeklyNote
from reports.weekly import csat, data_quality, drafts, drilldown, escalations, figures, miss_causes, volume
from tests.factories import (
    NOW,
    later,
    make_approved,
    make_draft,
    make_inbox,
    make_lead,
    make_source,
    make_user,
)
from tests.reports.clocks.test_clocks import answered, changed, hear, resolved, wrote
from tests.reports.weekly.week_48 import LATER, PERIOD, WEEK, asked, kept, rated
from webhooks.models import Alert, Conversation, Delivery, Message

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _desk(seeded) -> None:
    make_inbox()


def causes() -> dict[str, int]:
    return {cause: len(found) for cause, found in miss_causes.causes(PERIOD, now=LATER).items()}


def test_an_empty_week_says_no_data_and_never_100():
    report = kept("2020-W53")

    assert report["adherence"]["first_response"]["attainment"] is None
    assert report["csat"]["satisfied"] is None
    assert report["headline"] == "Week 53: first response no data (n = 0), 0 escalations, 0 action items"


def test_the_figures_add_up_to_the_rows():
    hear(wrote(), answered())
    hear(wrote(200, id=8))
    clocks = Clock.objects.filter(metric="first_response")
    hear(answered(201, 9000, within={"id": 8}), at=9000)

    first = kept()["adherence"]["first_response"]

    assert (first["met"], first["missed"], first["n"]) == (1, 1, clocks.count())
    assert first["attainment"] == 0.5


def week_of(*, back: int, met: int, of: int) -> None:
    """So many clocks of a first response, of which so many were met, in that week."""
    conversation, _ = Conversation.objects.get_or_create(source=make_source(), display_id=99)
    at = NOW + timedelta(hours=1, weeks=-back)
    Clock.objects.bulk_create(
        Clock(conversation=conversation, metric="first_response", number=1000 * back + number, case=0,
              state="met" if number < met else "missed", started_at=at, due_at=at, stopped_at=at, decided_at=at,
              business_seconds=1, wall_seconds=1)
        for number in range(of)
    )  # fmt: skip


def test_the_median_is_of_the_latest_four_weeks_that_no_note_takes_out():
    for back, met in enumerate((20, 10, 0, 16, 18, 20), start=1):
        week_of(back=back, met=met, of=20)
    WeeklyNote.objects.create(week="2026-W45", text="Black Friday", at=NOW)  # three weeks before

    first = figures.figures(PERIOD, now=LATER)["adherence"]["first_response"]

    assert first["last_week"] == 1
    assert first["median_4_weeks"] == pytest.approx(0.85)  # of 20, 10, 16, 18


def test_a_week_with_a_note_is_left_out_of_what_is_usual():
    for back, met in enumerate((20, 18, 0, 19, 17), start=1):
        week_of(back=back, met=met, of=20)
    assert figures.figures(PERIOD, now=LATER)["usual"]["first_response"] == (0, 1)

    WeeklyNote.objects.create(week="2026-W45", text="Black Friday", at=NOW)

    found = figures.figures(PERIOD, now=LATER)
    assert found["usual"]["first_response"] == (0.85, 1)
    assert found["left_out"] == {"2026-W45": "Black Friday"}


def test_the_charts_show_the_week_and_the_eight_before():
    week_of(back=1, met=10, of=20)

    trend = figures.figures(PERIOD, now=LATER)["trend"]

    assert (trend["weeks"][0], trend["weeks"][-1]) == ("2026-W40", WEEK)
    assert trend["first_response"] == [None] * 7 + [0.5, None]


def test_what_was_open_at_the_end_is_what_was_open_before_and_what_came_and_went():
    hear(wrote(), answered(), resolved(3000), at=3000)
    again = {"status": ("resolved", "open")}
    hear(changed(4000, event="conversation_status_changed", changes=again, status="open"))
    hear(wrote(200, id=8))
    hear(wrote(300, id=9), resolved(3000) | {"id": 9}, at=3000)
    hear(wrote(400, id=10))
    Conversation.objects.filter(display_id=8).update(created_at=NOW - timedelta(days=8))
    Conversation.objects.exclude(display_id=8).update(created_at=NOW)
    Conversation.objects.filter(display_id=10).update(deleted_at=later(3600))

    week = volume.figures(PERIOD)

    assert week == {
        "opened": 3, "resolved": 2, "reopened": 1, "deleted": 1, "net": 1, "backlog_start": 1, "backlog_end": 2,
    }  # fmt: skip


def test_what_was_resolved_since_was_open_then():
    hear(wrote(), resolved(3000), at=3000)
    Conversation.objects.update(created_at=NOW - timedelta(days=8))

    assert [volume.backlog(at).count() for at in (PERIOD.start, PERIOD.end)] == [1, 0]


def test_whom_a_person_dismissed_does_not_wait():
    hear(wrote(), wrote(200, id=8))
    message = Message.objects.get(message_id=200)
    Dismissal.objects.create(
        conversation=message.conversation, message=message, by=make_lead(), at=NOW, reason="Thanks"
    )

    assert [row["conversation_id"] for row in volume.oldest_waiting()] == [7]


def test_a_contact_reason_moves_against_the_week_before():
    hear(wrote(), wrote(200, id=8), wrote(300, id=9))
    Conversation.objects.update(labels=["refund", "refund"], created_at=NOW)
    Conversation.objects.filter(display_id=9).update(created_at=NOW - timedelta(days=7))

    assert volume.reasons(PERIOD) == [{"label": "refund", "n": 2, "last_week": 1, "moved": 1}]


def test_each_miss_counts_once_by_what_was_waited_for_longest():
    hear(wrote(), answered(at=9000), at=9000)

    assert kept()["adherence"]["first_response"]["missed"] == 1
    assert causes() == {miss_causes.UNASSIGNED: 1}


def test_a_draft_that_nobody_decided_is_waiting_for_review():
    hear(wrote())
    make_draft(Message.objects.get(), now=NOW + timedelta(minutes=1))
    hear(answered(at=9000), at=9000)

    assert causes() == {miss_causes.REVIEW: 1}


def test_while_a_trouble_of_ours_was_open_the_system_was_down():
    hear(wrote(), answered(at=9000), at=9000)
    Alert.objects.create(
        kind="spool",
        key="spool",
        text="DatabaseUnavailable",
        opened_at=later(60),
        last_seen_at=NOW,
        closed_at=later(6000),
    )

    assert causes() == {miss_causes.DOWN: 1}


def test_a_gap_in_the_webhooks_is_the_system_down():
    hear(wrote(), answered(at=9000), at=9000)
    make_source().reconcile_runs.create(
        cause="gap", since=NOW, began_at=NOW, floor=NOW, leased_until=NOW, status="DONE", messages=1,
        first_missed_at=later(0), last_missed_at=later(8000),
    )  # fmt: skip

    assert causes() == {miss_causes.DOWN: 1}


def test_escalations_are_counted_by_reason_and_level():
    hear(wrote())
    about, owner = Conversation.objects.get(), make_lead()
    for kind, level, facts in (
        ("refund", 1, {"raised_at": NOW, "due_at": later(60)}),
        ("refund", 2, {"raised_at": NOW, "due_at": later(60), "closed_at": later(50)}),
        ("legal", 2, {"raised_at": NOW - timedelta(days=9), "due_at": NOW + timedelta(days=60)}),
    ):
        about.escalations.create(kind=kind, level=level, reason="Because", owner=owner, **facts)

    found = escalations.figures(PERIOD, opened=4, now=LATER)

    assert (found["raised"], found["closed"], found["open"], found["overdue"], found["share"]) == (
        2,
        1,
        2,
        1,
        0.5,
    )
    assert found["by_reason"]["refund"] == {"raised": 2, "closed": 1, "open": 1, "overdue": 1}
    assert found["by_level"]["2"] == {"raised": 1, "closed": 1, "open": 1, "overdue": 0}


def test_ratings_come_with_the_number_of_surveys():
    hear(wrote(), answered(), asked(), rated(5), asked(901, conversation=8), at=3600)

    found = csat.figures(PERIOD)

    assert (found["rated"], found["satisfied"], found["average"]) == (1, 1, 5)
    assert (found["asked"], found["answered"], found["response_rate"]) == (2, 1, 0.5)


def test_a_rating_belongs_to_the_week_in_which_it_was_given():
    hear(asked(), rated(5, at=8 * 86400), at=8 * 86400)

    assert csat.figures(PERIOD)["rated"] == 0
    assert csat.figures(weekly.parse("2026-W49"))["rated"] == 1


def test_a_rating_changed_in_the_next_week_is_said_there_and_counts_once():
    hear(asked(), rated(2), at=3600)
    before = kept()["csat"]
    hear(rated(4, at=8 * 86400), at=8 * 86400)

    next_week = csat.figures(weekly.parse("2026-W49"))

    assert csat.figures(PERIOD) == before
    assert (before["rated"], before["average"], next_week["rated"]) == (1, 2, 0)
    assert [(one["before"], one["stars"]) for one in next_week["changed_later"]] == [(2, 4)]


def test_a_later_update_of_the_survey_moves_no_rating():
    """Delivered, read: the same answer under a newer version."""
    hear(asked(), rated(2), rated(2, at=8 * 86400), at=8 * 86400)

    assert csat.figures(PERIOD)["rated"] == 1
    assert csat.figures(weekly.parse("2026-W49"))["changed_later"] == []


def pair(at: float, before: str, after: str) -> list[dict]:
    """One change as Chatwoot tells it twice: by itself, cut off at milliseconds, and by a payload with microseconds."""
    when = later(at + 0.123456)
    both = {"status": (before, after), "updated_at": (NOW.isoformat(), f"{when:%Y-%m-%dT%H:%M:%S}.123Z")}
    event = changed(at + 0.123456, changes=both, status=after)
    only = changed(at + 0.123456, changes={"status": (before, after)}, status=after)
    return [only | {"event": "conversation_status_changed"}, event]


def test_one_resolve_that_chatwoot_tells_twice_is_resolved_once_and_the_backlog_adds_up():
    hear(wrote(), answered(), *pair(3600, "open", "resolved"), at=3601)
    hear(wrote(200, id=8), *[event | {"id": 8} for event in pair(4000, "open", "resolved")], at=4001)
    hear(*[event | {"id": 8} for event in pair(5000, "resolved", "open")], at=5001)

    flow = volume.figures(PERIOD)

    assert (flow["opened"], flow["resolved"], flow["reopened"], flow["net"]) == (2, 2, 1, 1)
    assert flow["backlog_end"] == flow["backlog_start"] + flow["net"] == 1


def test_ratings_after_drafts_stand_against_those_after_hand_written_answers():
    hear(wrote(), answered(), asked(), rated(2), at=3600)
    hear(wrote(200, id=8))
    sent = make_draft(Message.objects.get(message_id=200))
    type(sent).objects.filter(pk=sent.pk).update(sent_message_id=201)
    hear(answered(201, within={"id": 8}), asked(901, conversation=8))
    hear(rated(5, number=901, conversation=8), at=3600)

    found = csat.figures(PERIOD)

    assert found["drafted"] == {"rated": 1, "average": 5, "satisfied": 1}
    assert found["by_hand"] == {"rated": 1, "average": 2, "satisfied": 0}


def test_what_unhappy_customers_wrote_is_masked_and_not_in_the_snapshot():
    hear(wrote(), asked(), rated(1, "Ada Park here, call +49 170 1234567"), at=3600)

    report = kept()

    assert list(csat.comments(report["csat"]["rated_low"]).values()) == ["[name] here, call [phone]"]
    assert "1234567" not in str(report)


def test_a_decision_that_taught_nothing_is_counted():
    make_approved()
    assert drafts.without_signal(PERIOD).count() == 0

    LearningSignal.objects.all().delete()

    assert drafts.without_signal(PERIOD).count() == 1


def test_a_gap_that_was_not_recovered_makes_the_week_incomplete():
    run = make_source().reconcile_runs.create(
        cause="gap", since=NOW, began_at=NOW, floor=NOW, leased_until=NOW, status="FAILED", messages=1,
        first_missed_at=later(0), last_missed_at=later(60),
    )  # fmt: skip
    assert not data_quality.figures(PERIOD, now=LATER)["complete"]

    type(run).objects.update(status="DONE")

    assert data_quality.figures(PERIOD, now=LATER)["complete"]


def test_each_figure_opens_as_many_rows_as_it_counts():
    hear(wrote(), answered(), asked(), rated(1), resolved(5000), at=5000)
    hear(wrote(200, id=8))
    make_approved(make_draft(Message.objects.get(message_id=200)))
    about = Conversation.objects.get(display_id=7)
    about.escalations.create(
        kind="refund", level=2, reason="Because", owner=make_user("eve"), raised_at=NOW, due_at=later(60)
    )
    Conversation.objects.update(labels=["refund"], created_at=NOW)
    Delivery.objects.all().delete()

    report = figures.figures(PERIOD, now=LATER)

    counted = {
        **report["flow"], **report["escalations"], **report["csat"], **report["drafts"],
        "reason/refund": 2, "raised/refund": 1, "raised/2": 1, "raised/3": 0, "rated/by_hand": 1,
        "drafted": round(report["drafts"]["share"] * report["drafts"]["turns"]),
        "satisfied": 0, "north_star": report["north_star"]["n"], "missed/unassigned": report["why_missed"].get("unassigned", 0),
    }  # fmt: skip
    opened = {
        of: len(drilldown.pairs(PERIOD, of, lambda: report["missed"], now=LATER)[1])
        for of in [*drilldown.FIGURES, *counted]
        if (of.partition("/")[0] in drilldown.FIGURES and of != "reason") or of.startswith("missed/")
    }
    assert opened == {of: counted[of] for of in opened}
    assert len(opened) > len(drilldown.FIGURES)
