"""The live dashboard: what it counts, for whom, and that each number leads to as many rows."""

import re
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.urls import reverse

from reports import dashboard
from tests.factories import NOW, conversation_object, make_inbox, make_user, message_event
from tests.knowledge.admin.pressing import signed_in
from tests.reports.clocks.test_clocks import answered, hear, resolved, wrote
from webhooks.models import Conversation

pytestmark = pytest.mark.django_db
PAGE = reverse("admin:reports_clock_dashboard")


@pytest.fixture(autouse=True)
def _desk(seeded) -> None:
    make_inbox()


@pytest.fixture
def mia():
    return make_user("mia", "Manager")


def at(monkeypatch, seconds: float) -> None:
    for page in ("admin.dashboard.clock", "clocks.timeline.clock"):
        monkeypatch.setattr(f"reports.{page}", SimpleNamespace(now=lambda: NOW + timedelta(seconds=seconds)))


def count(rows: str) -> str:
    return reverse("admin:reports_clock_drilldown", args=[rows])


def seen(user, page: str = PAGE) -> str:
    return signed_in(user).get(page).content.decode()


def test_what_runs_stands_in_the_order_in_which_it_breaches(mia):
    hear(wrote(), wrote(200, 600, id=8), at=600)

    assert [(row.conversation.display_id, row.metric) for row in dashboard.next_to_breach(mia)][:2] == [
        (7, "first_response"), (8, "first_response"),
    ]  # fmt: skip


@pytest.mark.parametrize(("minutes", "at_risk", "breached"), [(47, 0, 0), (48, 1, 0), (60, 1, 0), (61, 0, 1)])
def test_a_clock_is_at_risk_until_it_is_late(mia, minutes, at_risk, breached):
    hear(wrote())
    now = NOW + timedelta(minutes=minutes)

    assert dashboard.at_risk(mia, now=now).count() == at_risk
    assert dashboard.breached(mia, now=now).count() == breached


def test_what_was_answered_late_is_not_open_any_more(mia):
    hear(wrote(), answered(101, 4000), resolved(4100), at=4100)

    assert dashboard.breached(mia, now=NOW + timedelta(seconds=4200)).count() == 0


def test_unassigned_is_who_waits_and_has_nobody(mia):
    assigned = {"sender": {"id": 5, "name": "Ada Park"}, "assignee": {"id": 3, "name": "Maria"}}
    hear(wrote(), message_event(200, conversation=conversation_object(8, meta=assigned)))

    assert [row.display_id for row in dashboard.unassigned(mia)] == [7]


def test_what_was_deleted_in_chatwoot_is_no_backlog(mia):
    hear(wrote())
    assert dashboard.backlog(mia).count() == 1

    Conversation.objects.update(deleted_at=NOW)

    assert not dashboard.backlog(mia).exists()


def test_the_backlog_falls_into_ages_without_gap_or_overlap(mia):
    for place, hours in enumerate((0, 3.9, 4, 24, 72, 168, 5000)):
        hear(wrote(100 * place + 1, id=place + 10))
        Conversation.objects.filter(display_id=place + 10).update(created_at=NOW - timedelta(hours=hours))

    assert [age.count for age in dashboard.ages(mia, now=NOW)] == [2, 1, 1, 1, 2]


@pytest.mark.parametrize("rows", ["running", "at-risk", "breached", "unassigned", "backlog", "age-0"])
@pytest.mark.every_row
def test_a_number_opens_its_conversations(monkeypatch, mia, rows):
    hear(wrote())
    at(monkeypatch, {"at-risk": 3000, "breached": 3700}.get(rows, 60))

    number = Conversation.objects.get().pk
    assert reverse("admin:reports_clock_timeline", args=[number]) in seen(mia, count(rows))


def test_an_unknown_number_is_not_found(mia):
    assert signed_in(mia).get(count("mood")).status_code == 404


def test_another_inbox_s_customers_are_not_counted():
    hear(wrote())
    pat = make_user("pat", "Lead", inboxes=[make_inbox(inbox_id=9)])

    assert not dashboard.running(pat).exists()
    assert not dashboard.backlog(pat).exists()


@pytest.mark.parametrize(
    ("group", "status"), [("Agent", 200), ("Lead", 200), ("Manager", 200), ("Operator", 403)]
)
def test_the_dashboard_is_the_desk_s(group, status):
    assert signed_in(make_user("pat", group)).get(PAGE).status_code == status


def test_an_open_page_gets_its_part_alone(mia):
    answer = signed_in(mia).get(PAGE, headers={"X-Fragment": "1"}).content.decode()

    assert answer.lstrip().startswith('<div class="s-stack" id="dashboard-live" data-at=')


def test_it_is_called_by_its_name(mia):
    assert re.search(r"<title>\s*Support SLA dashboard", seen(mia))


def test_a_look_takes_as_many_queries_for_many_clocks(mia, django_assert_max_num_queries):
    client = signed_in(mia)
    hear(wrote())
    with django_assert_max_num_queries(40) as few:
        client.get(PAGE)
    for number in range(8, 14):
        hear(wrote(number * 100, id=number))

    with django_assert_max_num_queries(len(few)):
        client.get(PAGE)


def test_delivery_health_says_when_no_worker_is_running(mia):
    assert "none running: webhooks are waiting" in seen(mia)
