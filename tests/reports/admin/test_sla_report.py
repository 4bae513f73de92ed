"""The SLA report page: the figures of the API with their rows, compared with the range before; and the export."""

import csv
import io
from datetime import date, timedelta
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest
from django.db.models import Q
from django.urls import reverse

from knowledge.models import BusinessCalendar
from reports.attainment import attainment, cells
from reports.clocks import clocks
from reports.models import Clock
from reports.periods import Period
from tests.factories import NOW, later, make_client, make_inbox, make_source, make_user
from tests.knowledge.admin.pressing import signed_in
from tests.reports.clocks.test_clocks import answered, hear, resolved, wrote
from tests.webhooks.reconcile.test_reconcile_runs import make_run
from webhooks.models import Contact, Conversation, Delivery, Inbox, KnownName

pytestmark = pytest.mark.django_db
PAGE, ROWS, EXPORT = (reverse(f"admin:reports_clock_{name}") for name in ("report", "rows", "export"))
DAY = {"from": "2026-11-23", "to": "2026-11-23"}
UTC = ZoneInfo("UTC")
MONDAY = Period(date(2026, 11, 23), date(2026, 11, 23), UTC)
LATER = NOW + timedelta(days=30)


@pytest.fixture(autouse=True)
def _a_month_later(monkeypatch, seeded) -> None:
    make_inbox()
    for page in ("admin.sla_report", "api.sla"):
        monkeypatch.setattr(f"reports.{page}.clock", SimpleNamespace(now=lambda: LATER))


@pytest.fixture
def mia():
    return signed_in(make_user("mia", "Manager"))


def many(met: int, missed: int = 0, start: float = 0, first: int = 100) -> None:
    for number in range(first, first + met + missed):
        late = number >= first + met
        hear(wrote(number * 10, start, id=number), at=start)
        hear(
            answered(number * 10 + 1, start + (3700 if late else 60), within={"id": number}),
            at=start + 3700,
        )


def cards() -> dict[str, cells.Card]:
    found = attainment.attainment(MONDAY, by="inbox", now=LATER, within=Q())
    before = attainment.met_and_missed(MONDAY.before(), within=Q())
    trend = attainment.trend(MONDAY, within=Q(), saved={})
    links = cells.Links(ROWS, MONDAY)
    return {card.metric: card for card in cells.cards(found, before, trend, links, now=LATER)}


def test_the_page_tells_what_the_api_tells(mia):
    many(2, missed=1)
    api = make_client(make_user("pat", "Manager")).get("/api/v1/reports/sla/", DAY).json()

    answer = mia.get(PAGE, DAY)
    told = {card.metric: card.cell.figures for card, _ in answer.context["cards"]}
    for metric, figures in told.items():
        same = {name: value for name, value in api["metrics"][metric].items() if name in figures}
        assert same | {"oldest_open_late_due_at": None} == figures | {"oldest_open_late_due_at": None}
    assert "66.6 %" in answer.content.decode()


KINDS = ("met", "missed", "running", "stopped", "open_late", "closed_unanswered", "reopened_72h")


def test_every_number_opens_as_many_clocks_as_it_says(mia):
    many(2, missed=1)
    hear(wrote(), answered(), resolved(2000), wrote(102, 7200), at=7200)
    hear(wrote(200, id=8), resolved(300) | {"id": 8}, at=400)
    hear(wrote(300, id=9))

    seen = 0
    for card in cards().values():
        for kind in KINDS:
            number = card.cell.number(kind)
            assert mia.get(number.link).context["page"].paginator.count == number.count, kind
            seen += bool(number.count)
    assert seen > 6


def test_a_group_s_number_opens_its_own_clocks_alone(mia):
    many(1)
    many(1, missed=1, first=300)
    source = make_source()
    KnownName.objects.create(source=source, kind="user", number=9, name="Olga", day=NOW.date())
    Clock.objects.filter(conversation__display_id=100).update(person=f"{source.pk}/user/9")

    groups = mia.get(PAGE, DAY | {"by": "agent"}).context["groups"]
    told = {group.name: group.cells[0] for group in groups}
    assert told["Olga"].n == 1
    assert mia.get(told["Olga"].link).context["page"].paginator.count == 1


@pytest.mark.parametrize(("met", "few"), [(19, True), (20, False)])
@pytest.mark.once
def test_fewer_than_twenty_are_grey_and_have_no_trend(mia, met, few):
    many(met)

    assert cards()["first_response"].cell.few is few
    assert ("too few for a trend" in mia.get(PAGE, DAY).content.decode()) or not few
    assert ("First response: targets met" in mia.get(PAGE, DAY).content.decode()) is not few


def test_still_open_and_late_stands_beside_the_times(mia):
    hear(wrote())
    hear(wrote(200, 7200, id=8), at=7200)
    clocks.sweep(now=LATER)

    page = mia.get(PAGE, DAY).content.decode()
    assert "2 open and overdue" in page


@pytest.mark.once
def test_nothing_decided_is_no_hundred_per_cent(mia):
    hear(wrote(), resolved(60), at=60)

    page = mia.get(PAGE, DAY).content.decode()
    assert "no data" in page


RANGES = [(1, 7), (7, 7), (8, 14), (28, 28), (31, 35)]


@pytest.mark.parametrize(("days", "moved"), RANGES)
def test_the_range_before_is_moved_by_whole_weeks(days, moved):
    last = date(2026, 11, 23)
    period = Period(last - timedelta(days=days - 1), last, UTC)

    assert period.before().last == last - timedelta(days=moved)
    assert period.before().days == days
    assert period.before().last < period.first


@pytest.mark.parametrize(("open_before", "arrows"), [("17:00", True), ("16:12", True), ("15:00", False)])
@pytest.mark.once
def test_ranges_whose_open_hours_differ_by_more_than_a_tenth_get_no_arrows(mia, open_before, arrows):
    row = BusinessCalendar.objects.get(is_default=True)
    row.openings = [{"date": "2026-11-16", "ranges": [["09:00", open_before]]}]
    row.save()
    many(20)
    many(10, missed=10, start=-7 * 86400, first=200)

    page = mia.get(PAGE, DAY).content.decode()

    assert "+50.0 points" in page
    assert ("▲" in page) is arrows


def test_a_lead_s_report_counts_and_charts_their_own_inboxes_alone(mia):
    hear(wrote(), answered())
    pat = signed_in(make_user("pat", "Lead", inboxes=[make_inbox(inbox_id=9)]))

    seen = [client.get(PAGE, DAY).context for client in (mia, pat)]

    assert [context["flow"].series[0].values for context in seen] == [[1], [0]]
    assert [context["any"] for context in seen] == [True, False]
    assert not pat.get(PAGE, DAY | {"by": "hour"}).context["heat"].has_data


def test_a_square_of_the_heat_map_opens_as_many_clocks_as_it_says(mia):
    many(2, missed=1)
    many(1, start=3600, first=300)

    heat = mia.get(PAGE, DAY | {"by": "hour"}).context["heat"]

    squares = {
        (name, hour): one for name, row in heat.rows for hour, one in zip(heat.hours, row, strict=True)
    }
    assert {at: (one.n, one.met) for at, one in squares.items() if one.n} == {
        ("Monday", 9): (3, 2), ("Monday", 10): (1, 1),
    }  # fmt: skip
    for one in squares.values():
        assert mia.get(one.link).context["page"].paginator.count == one.n


@pytest.mark.once
def test_the_stamp_warns_of_events_that_were_given_up(mia):
    hear(wrote())
    Delivery.objects.update(status="DEAD", next_attempt_at=None)

    assert (
        "1 event from Chatwoot in this range failed and is not counted" in mia.get(PAGE, DAY).content.decode()
    )


def test_the_stamp_says_where_data_is_not_complete(mia):
    hear(wrote(), at=3600)
    Delivery.objects.update(status="HELD", held_for="paused", next_attempt_at=None)

    assert "Data is complete only until" in mia.get(PAGE, DAY).content.decode()


def test_the_steps_of_the_trend_add_up_to_the_total():
    many(3, missed=1)

    steps = attainment.trend(MONDAY, within=Q(), saved={})["first_response"].values()

    assert sum(step.counts["met"] + step.counts["missed"] for step in steps) == 4
    assert sum(len(step.business) for step in steps) == 4


@pytest.mark.once
def test_a_change_that_may_be_chance_is_grey_and_says_its_interval(mia):
    many(20)
    many(19, missed=1, start=-7 * 86400, first=200)

    page = mia.get(PAGE, DAY).content.decode()

    assert '<span class="s-quiet">+5.0 points</span>' in page
    assert "within chance: 95 % interval −11.6 to +23.6" in page
    assert "▲" not in page


SEES = {"Agent": (), "Lead": (PAGE, ROWS), "Manager": (PAGE, ROWS, EXPORT), "Operator": ()}


@pytest.mark.parametrize("group", SEES)
@pytest.mark.once
def test_leads_read_the_report_and_only_managers_export_it(group):
    pat = signed_in(make_user("pat", group))

    assert tuple(page for page in (PAGE, ROWS, EXPORT) if pat.get(page).status_code == 200) == SEES[group]
    if PAGE in SEES[group]:
        assert (EXPORT in pat.get(PAGE).content.decode()) is (EXPORT in SEES[group])


def test_a_manager_of_one_inbox_sees_and_exports_its_conversations_alone():
    hear(wrote(), answered())
    pat = signed_in(make_user("pat", "Manager", inboxes=[make_inbox(inbox_id=9)]))

    assert pat.get(ROWS, DAY).context["page"].paginator.count == 0
    assert len(exported(pat)) == 0


def test_a_gap_in_the_webhooks_is_shown_beside_the_figures(mia):
    make_run(make_source(), messages=7, first_missed_at=later(-600), last_missed_at=later(-300))

    page = mia.get(PAGE, DAY).content.decode()

    assert "Webhooks from acme did not arrive between" in page
    assert "7 events missed" in page


WRONG = [
    {"from": "monday", "to": "x"},
    {"from": "2026-11-23", "to": "2026-11-22"},
    {"from": "2024-01-01", "to": "2026-01-01"},
]


@pytest.mark.parametrize("asked", WRONG, ids=str)
@pytest.mark.once
def test_dates_that_make_no_sense_show_the_last_four_weeks_and_say_so(mia, asked):
    answer = mia.get(PAGE, asked)

    assert "Showing the last four weeks." in answer.content.decode()
    assert answer.context["period"].days == 28


# The export


def exported(client) -> list[dict]:
    answer = client.get(EXPORT, DAY)
    assert answer.streaming
    return list(csv.DictReader(io.StringIO(b"".join(answer).decode("utf-8-sig"))))


def test_the_export_has_a_row_a_conversation_with_every_clock(mia):
    hear(wrote(), answered(), wrote(102, 3600), answered(103, 7200), wrote(104, 7300), at=7300)
    hear(wrote(200, id=8))

    rows = exported(mia)
    assert [row["conversation_id"] for row in rows] == ["7", "8"]
    told = {
        name: rows[0][f"{name}_state"] for name in ("first_response_1", "next_response_1", "next_response_2")
    }
    assert told == {"first_response_1": "met", "next_response_1": "met", "next_response_2": "running"}
    assert (rows[0]["first_response_1_business_seconds"], rows[1]["next_response_1_state"]) == ("1800.0", "")


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
@pytest.mark.once
def test_a_cell_that_looks_like_a_formula_stays_a_text(mia, start):
    hear(wrote())
    Inbox.objects.update(name=f"{start}cmd|' /C calc'!A0")

    assert exported(mia)[0]["inbox"].startswith(f"'{start}")


def test_the_export_takes_as_many_queries_for_many_conversations(mia, django_assert_max_num_queries):
    hear(wrote())
    with django_assert_max_num_queries(20) as few:
        exported(mia)
    for number in range(8, 14):
        hear(wrote(number * 100, id=number))

    with django_assert_max_num_queries(len(few)):
        assert len(exported(mia)) == 7
    assert (Conversation.objects.count(), Contact.objects.count()) == (7, 1)


def test_a_longer_range_takes_as_many_queries(mia, django_assert_max_num_queries):
    many(met=20)
    mia.get(PAGE, DAY)
    with django_assert_max_num_queries(60) as few:
        assert b"<canvas" in mia.get(PAGE, DAY).content

    with django_assert_max_num_queries(len(few)):
        assert b"<canvas" in mia.get(PAGE, {"from": "2026-11-10", "to": "2026-12-07"}).content
