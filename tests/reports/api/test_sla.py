"""A conversation's clocks, and the SLA report: whose clocks count where, and the rows behind each figure."""

from datetime import timedelta
from types import SimpleNamespace

import pytest

from reports.attainment.attainment import quantile
from reports.models import Clock
from tests.factories import NOW, deliver, later, make_client, make_inbox, make_source, make_user
from tests.reports.clocks.test_clocks import answered, changed, hear, resolved, wrote
from tests.webhooks.reconcile.test_reconcile_runs import make_run
from webhooks.models import Alert, Conversation

pytestmark = pytest.mark.django_db
CLOCKS = "/api/v1/conversations/7/clocks/"
REPORT = "/api/v1/reports/sla/"
COUNTS = ("met", "missed", "running", "not_applicable", "closed_unanswered", "deleted", "missed_earlier")


@pytest.fixture(autouse=True)
def _a_month_later(monkeypatch) -> None:
    """Whatever the day is on which this runs."""
    monkeypatch.setattr("reports.api.sla.clock", SimpleNamespace(now=lambda: NOW + timedelta(days=30)))


@pytest.fixture
def manager(seeded):
    make_inbox()
    return make_client(make_user("mia", "Manager"))


def report(client, first: str = "2026-11-23", last: str = "2026-11-23", **asked):
    return client.get(REPORT, {"from": first, "to": last} | asked)


def first_response(client, *dates: str) -> dict:
    return report(client, *dates).json()["metrics"]["first_response"]


def figures(found: dict) -> dict:
    return {name: found[name] for name in COUNTS if found[name]}


# A conversation's clocks


def test_the_clocks_come_oldest_first_with_what_each_second_was(manager):
    hear(wrote(), answered(), wrote(102, 3600), answered(103, 7200), resolved(7300))

    rows = manager.get(CLOCKS).json()["results"]

    assert [(row["metric"], row["state"]) for row in rows] == [
        ("first_response", "met"), ("resolution", "met"), ("next_response", "met"),
    ]  # fmt: skip
    assert rows[0] | {"policy": 1} == {
        "metric": "first_response", "case": 1, "state": "met", "started_at": "2026-11-23T09:00:00Z",
        "due_at": "2026-11-23T10:00:00Z", "at_risk_at": "2026-11-23T09:48:00Z", "stopped_at": "2026-11-23T09:30:00Z",
        "business_seconds": 1800, "wall_seconds": 1800, "policy": 1, "policy_version": 1, "calendar_version": 1,
        "attributed_to": "Maria", "team": "", "closed_unanswered": False, "missed_by_change": False, "reopened_at": None,
        "segments": [{"from": "2026-11-23T09:00:00Z", "to": "2026-11-23T09:30:00Z", "kind": "counted"}],
    }  # fmt: skip


def test_a_number_that_two_sources_have_needs_the_source(manager):
    hear(wrote())
    deliver(wrote(500), source=make_source("other"))

    assert manager.get(CLOCKS).json()["fields"] == {
        "source": "Several sources have this conversation. Choose one."
    }
    assert len(manager.get(CLOCKS, {"source": "other"}).json()["results"]) == 2


@pytest.mark.parametrize(
    "path", ["/api/v1/conversations/8/clocks/", f"/api/v1/conversations/{2**70}/clocks/"]
)
def test_an_unknown_conversation_is_not_found(manager, path):
    answer = manager.get(path)

    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_another_inbox_s_conversation_is_as_absent_as_none(seeded):
    hear(wrote())
    elsewhere = make_client(make_user("pat", "Agent", inboxes=[make_inbox(inbox_id=9)]))

    assert elsewhere.get(CLOCKS).status_code == 404


@pytest.mark.parametrize(
    ("group", "clocks", "report_of"), [("Agent", 200, 403), ("Lead", 200, 403), ("Manager", 200, 200), ("Operator", 403, 403)]
)  # fmt: skip
def test_the_desk_reads_clocks_and_managers_reports(seeded, group, clocks, report_of):
    hear(wrote())
    client = make_client(make_user("pat", group))

    assert (client.get(CLOCKS).status_code, report(client).status_code) == (clocks, report_of)


# The report


def test_met_belongs_to_the_day_of_the_answer_and_missed_to_the_day_it_was_due(manager):
    hear(wrote(), answered())
    late = [wrote(200, 7.5 * 3600, id=8), answered(201, 25 * 3600, within={"id": 8})]
    hear(*late, at=30 * 3600)

    assert figures(first_response(manager)) == {"met": 1, "running": 1}
    tuesday = first_response(manager, "2026-11-24", "2026-11-24")
    assert figures(tuesday) == {"missed": 1}
    assert (tuesday["attainment"], tuesday["median_s"], tuesday["wall_median_s"]) == (0.0, 5400, 17.5 * 3600)


def test_nothing_decided_is_no_hundred_per_cent(manager):
    assert (first_response(manager)["attainment"], first_response(manager)["median_s"]) == (None, None)


def test_attainment_is_met_of_what_was_decided(manager):
    hear(wrote(), answered(), at=1800)
    hear(wrote(200, id=8), answered(201, 3601, within={"id": 8}), at=4000)

    assert first_response(manager)["attainment"] == 0.5


def test_closed_unanswered_stands_beside(manager):
    hear(wrote(), resolved(600), at=600)

    assert figures(first_response(manager)) == {"closed_unanswered": 1}


def test_running_is_as_of_the_end_of_the_period(manager):
    hear(wrote(), answered(101, 26 * 3600), resolved(26 * 3600 + 1), at=27 * 3600)

    resolutions = [
        report(manager, day, day).json()["metrics"]["resolution"] for day in ("2026-11-23", "2026-11-24")
    ]

    assert [figures(found) for found in resolutions] == [{"running": 1}, {"met": 1}]


def test_a_reopened_resolution_is_said(manager):
    hear(wrote(), answered(), resolved(3600), wrote(102, 7200), at=7200)

    assert report(manager).json()["metrics"]["resolution"]["reopened_72h"] == 1


def test_both_dates_are_inclusive_in_the_report_s_zone(manager, settings):
    settings.TIME_ZONE = "Pacific/Auckland"  # there it is Monday evening
    hear(wrote(), answered())

    answer = report(manager).json()
    assert (answer["zone"], answer["from"], answer["to"]) == ("Pacific/Auckland", "2026-11-23", "2026-11-23")
    assert figures(answer["metrics"]["first_response"]) == {"met": 1}


BY = [("inbox", "acme/2", "Chat"), ("agent", "acme/user/3", "Maria"), ("team", None, "no team"), ("label", "vip", "vip"),
      ("priority", "urgent", "urgent"), ("policy", "Standard", "Standard"), ("hour", 9, "09:00-10:00")]  # fmt: skip


@pytest.mark.parametrize(("by", "key", "name"), BY, ids=[row[0] for row in BY])
@pytest.mark.every_row
def test_groups_are_figures_of_the_same_kind(manager, by, key, name):
    urgent = {"labels": ["vip"], "priority": "urgent"}
    hear(wrote(**urgent), answered(within=urgent), at=1800)
    inbox = make_inbox()
    inbox.name = "Chat"
    inbox.save()

    groups = report(manager, by=by).json()["groups"]

    found = next(group for group in groups if group["metrics"]["first_response"]["met"])
    assert (found["by"], found["key"], found["name"]) == (by, key, name)
    assert set(found["metrics"]["first_response"]) == set(first_response(manager))


@pytest.mark.parametrize("by", ["", *(row[0] for row in BY)])
@pytest.mark.every_row
def test_the_counts_add_up_to_the_rows_behind_them(manager, by):
    hear(
        wrote(labels=["vip"]), answered(within={"labels": ["vip"]}), resolved(3600), wrote(102, 7200), at=7200
    )
    hear(wrote(200, id=8), wrote(300, id=9, status="pending"), at=7200)
    hear(changed(60, changes={"label_list": ([], ["spam"])}, labels=["spam"], id=9), at=7200)
    answer = report(manager, **({"by": by} if by else {})).json()

    for metrics in [answer["metrics"], *(group["metrics"] for group in answer["groups"])]:
        for found in metrics.values():
            rows = manager.get(found["rows"]).json()["results"]
            assert len(rows) == sum(found[name] for name in COUNTS)


def test_a_manager_of_one_inbox_counts_its_clocks_alone(seeded):
    hear(wrote(), answered())
    elsewhere = make_client(make_user("pat", "Manager", inboxes=[make_inbox(inbox_id=9)]))

    assert figures(first_response(elsewhere)) == {}


def test_the_report_says_until_when_it_is_complete(manager):
    from tests.factories import make_delivery

    waiting = make_delivery(wrote(), now=later(-60))

    assert report(manager).json()["complete_until"] == waiting.received_at.isoformat().replace("+00:00", "Z")


def test_a_clock_that_nobody_looked_at_makes_it_incomplete(manager):
    hear(wrote())
    Conversation.objects.update(clocks_look_at=NOW - timedelta(days=9000), last_activity_at=later(-60))

    assert report(manager).json()["complete_until"] == "2026-11-23T08:59:00Z"


def test_while_webhooks_do_not_reach_us_it_is_complete_until_the_last_that_did(manager):
    hear(wrote(), at=60)
    Conversation.objects.update(clocks_look_at=None)
    Alert.objects.create(
        source=make_source(),
        kind="silence",
        key="silence:1",
        text="Silent",
        opened_at=later(3600),
        last_seen_at=later(3600),
    )

    assert report(manager).json()["complete_until"] == "2026-11-23T09:01:00Z"


def test_gaps_in_the_webhooks_are_listed(manager):
    make_run(make_source(), messages=7, first_missed_at=later(-600), last_missed_at=later(-300))

    assert report(manager).json()["gaps"] == [
        {"source": "acme", "from": "2026-11-23T08:50:00Z", "to": "2026-11-23T08:55:00Z", "events": 7, "recovered": True}
    ]  # fmt: skip


REFUSED = [({"from": "monday"}, "from"), ({"from": ""}, "from"), ({"to": "2026-13-01"}, "to"), ({"to": "2026-11-22"}, "to"),
           ({"by": "mood"}, "by"), ({"from": "1971-01-01"}, "to")]  # fmt: skip


@pytest.mark.parametrize(("asked", "field"), REFUSED, ids=str)
def test_what_makes_no_sense_is_refused_naming_the_field(manager, asked, field):
    answer = manager.get(REPORT, {"from": "2026-11-23", "to": "2026-11-23"} | asked)

    assert (answer.status_code, list(answer.json()["fields"])) == (400, [field])


def test_the_report_takes_as_many_queries_for_many_clocks(manager, django_assert_max_num_queries):
    hear(wrote(), answered())
    with django_assert_max_num_queries(16) as few:
        report(manager, by="label")
    for number in range(8, 14):
        hear(wrote(number * 100, id=number))

    with django_assert_max_num_queries(len(few)):
        report(manager, by="label")
    assert Clock.objects.count() == 14


QUANTILES = [
    ([], 0.5, None),
    ([7], 0.9, 7),
    ([1, 2, 3, 4], 0.5, 2.5),
    ([4, 1, 3, 2], 1, 4),
    ([10, 20], 0.9, 19),
]


@pytest.mark.parametrize(("values", "share", "expected"), QUANTILES)
def test_a_quantile_lies_between_its_neighbours(values, share, expected):
    assert quantile(values, share) == expected
