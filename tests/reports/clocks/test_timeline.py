"""A conversation's timeline: what explains its clocks."""

from datetime import timedelta
from itertools import pairwise
from types import SimpleNamespace

import pytest
from django.urls import reverse

from reports.clocks import clocks, timeline
from reports.policies import versions
from reports.templatetags import timeline as lanes
from tests.factories import NOW, make_draft, make_inbox, make_user
from tests.knowledge.admin.pressing import signed_in
from tests.reports.clocks.test_clocks import answered, changed, hear, resolved, wrote
from webhooks.models import Conversation, Message

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _desk(seeded, monkeypatch) -> None:
    make_inbox()
    monkeypatch.setattr(
        "reports.clocks.timeline.clock", SimpleNamespace(now=lambda: NOW + timedelta(hours=12))
    )


def told(hours: float = 12) -> dict[str, timeline.Told]:
    conversation = Conversation.objects.get()
    found, facts, as_of = clocks.calculated(
        conversation, versions.all_versions(), now=NOW + timedelta(hours=hours)
    )
    return {one.clock.metric: one for one in timeline.explained(conversation, found, facts, as_of=as_of)}


def page(user, **query) -> str:
    number = Conversation.objects.get().pk
    return signed_in(user).get(reverse("admin:reports_clock_timeline", args=[number]), query).content.decode()


def sums(one: timeline.Told) -> dict[str, float]:
    return {kind: seconds for kind, _, seconds in one.sums}


def test_each_second_is_counted_or_says_why_not():
    hear(wrote(), answered(101, 1800), at=1800)

    assert sums(told()["first_response"]) == {"counted": 1800}
    assert sums(told()["resolution"]) == {"counted": 1800, "paused": 12 * 3600 - 1800}


def test_closed_hours_are_told_apart():
    hear(wrote(100, 7.5 * 3600), answered(101, 25 * 3600), at=25 * 3600)

    assert sums(told(30)["first_response"]) == {"counted": 5400, "closed": 16 * 3600}


def test_the_bot_s_time_is_its_own():
    hear(wrote(status="pending"))
    hear(
        changed(
            600, event="conversation_status_changed", changes={"status": ("pending", "open")}, status="open"
        ),
        at=600,
    )
    hear(answered(101, 900), at=900)

    assert sums(told()["first_response"]) == {"bot": 600, "counted": 300}


def test_waiting_for_review_stands_beside_as_long_as_the_clock_runs():
    hear(wrote())
    make_draft(Message.objects.get(), now=NOW + timedelta(seconds=60))

    assert sums(told(0.5)["first_response"])["review"] == 1740


ENDS = [
    ((answered(),), "first_response", "Answered by Maria."),
    ((), "first_response", "Nothing has stopped it yet. When it ran out, nobody had it."),
    ((resolved(60),), "first_response", "Closed unanswered, before it was due."),
    ((answered(101, 3700),), "first_response", "Answered by Maria, too late."),
    ((resolved(3700),), "first_response", "Closed unanswered, too late; when it ran out, nobody had it."),
    ((answered(), resolved(3700)), "resolution", "Resolved; nobody had it."),
]


@pytest.mark.parametrize(
    ("then", "metric", "words"),
    ENDS,
    ids=["answered", "late", "closed", "answered-late", "closed-late", "resolved"],
)
def test_it_says_who_stopped_it(then, metric, words):
    hear(wrote(), *then, at=3700)

    assert told()[metric].ended == words


def test_the_page_names_policy_and_versions():
    hear(wrote())
    make_user("mia", "Manager")
    shown = page(make_user("ann", "Agent"))

    assert "Standard</a>, version 1; calendar version 1" in shown
    assert "The customer wrote." in shown


def test_what_happened_stands_oldest_first():
    hear(wrote(), answered(), resolved(3600), at=3600)
    conversation = Conversation.objects.get()
    _, facts, _ = clocks.calculated(conversation, versions.all_versions(), now=NOW)

    assert [event.text for event in timeline.events(conversation, facts)] == [
        "The customer wrote.", "Maria answered.", "Status: resolved.",
    ]  # fmt: skip


def test_another_inbox_s_conversation_is_not_found():
    hear(wrote())
    pat = make_user("pat", "Agent", inboxes=[make_inbox(inbox_id=9)])
    number = Conversation.objects.get().pk

    assert signed_in(pat).get(reverse("admin:reports_clock_timeline", args=[number])).status_code == 404


def test_all_clocks_share_one_axis_with_the_length_on_each_bar():
    hear(wrote(), answered(), at=1800)
    shown = told(1)

    drawn = lanes.clock_lanes(list(shown.values()))
    bars = {lane.told.clock.metric: lane.bars for lane in drawn["lanes"]}

    assert [(bar.left, bar.width, bar.label) for bar in bars["first_response"]] == [(0, 50, "30 min")]
    assert [(bar.kind, bar.left, bar.label) for bar in bars["resolution"]] == [
        ("counted", 0, "30 min"), ("paused", 50, "30 min"),
    ]  # fmt: skip
    assert [mark.text for mark in drawn["marks"] if mark.text] == [
        "Mon 23 Nov, 09:00",
        "09:15",
        "09:30",
        "09:45",
    ]


def end_of(mark: lanes.Mark, axis: int) -> float:
    return mark.left * axis / 100 + len(mark.text) * lanes.LETTER


@pytest.mark.parametrize("hours", [0.4, 1, 5, 11, 30, 24 * 9, 24 * 200])
def test_no_label_of_the_axis_touches_another_on_a_narrow_screen_either(hours):
    hear(wrote(), answered(), at=1800)

    marks = lanes.clock_lanes(list(told(hours).values()))["marks"]

    for axis, shown in (
        (lanes.WIDE, [m for m in marks if m.text]),
        (lanes.NARROW, [m for m in marks if m.narrow]),
    ):
        assert shown
        assert all(end_of(a, axis) + lanes.ROOM <= b.left * axis / 100 for a, b in pairwise(shown))
        assert end_of(shown[-1], axis) <= axis + lanes.ROOM


def test_a_bar_that_is_too_narrow_for_its_length_says_it_in_the_title_alone():
    hear(wrote(), answered(), at=1800)

    bars = lanes.clock_lanes(list(told(24 * 9).values()))["lanes"][0].bars

    assert (bars[0].label, bars[0].narrow) == ("", False)
    assert "30 min" in bars[0].title


def test_a_conversation_without_clocks_has_no_axis():
    assert lanes.clock_lanes([]) == {"lanes": []}


def test_a_long_conversation_s_clocks_come_in_pages_the_newest_first(monkeypatch):
    lena = make_user("lena", "Lead")
    monkeypatch.setattr(timeline, "MOST_CLOCKS", 3)
    turns = [(wrote(100 + 2 * n, 600 * n), answered(101 + 2 * n, 600 * n + 300)) for n in range(7)]
    hear(*(event for turn in turns for event in turn), at=7 * 600)
    found, _, _ = clocks.calculated(Conversation.objects.get(), versions.all_versions(), now=NOW)
    assert len(found) == 8  # a first response, six next ones, the resolution

    pages = [page(lena, page=number) for number in (1, 2, 3)]

    assert "Page 3 of 3" in page(lena)
    assert [one.count("<dt>Time used</dt>") for one in pages] == [3, 3, 2]
    assert sum(one.count("The customer wrote.") for one in pages) == 7
    assert "?page=2" in pages[2]
