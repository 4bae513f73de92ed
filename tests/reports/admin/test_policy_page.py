"""The page of an SLA policy: values as people write them, and a warning if the target cannot be met."""

import pytest
from django.urls import reverse

from knowledge.calendars import inbox_calendars
from knowledge.models import BusinessCalendar
from reports.models import SLAPolicy
from reports.policies import versions
from tests.factories import make_inbox, make_source
from tests.webhooks.people import PEOPLE, sign_in

pytestmark = [pytest.mark.django_db, pytest.mark.once]
LIST = "admin:reports_slapolicy_changelist"
WARNING = "in which no desk calendar is open"


@pytest.fixture
def manager(seeded):
    make_inbox()
    return sign_in("Manager")


@pytest.fixture
def policy(manager) -> SLAPolicy:
    return SLAPolicy.objects.get()


def page(policy: SLAPolicy, name: str = "change") -> str:
    return reverse(f"admin:reports_slapolicy_{name}", args=[policy.pk])


def form(policy: SLAPolicy, **facts) -> dict:
    return {
        "name": policy.name, "order": policy.order, "calendar": policy.calendar_id or "", "labels": "", "teams": "",
        "first_response_s": "60 min", "next_response_s": "4 h", "resolution_s": "24 h", "at_risk_share": "0.8",
        "valid_from_0": "", "valid_from_1": "",
    } | facts  # fmt: skip


def save(manager, policy: SLAPolicy, **facts):
    answer = manager.post(page(policy), form(policy, **facts))
    policy.refresh_from_db()
    return answer


def test_a_policy_is_written_as_people_say_it(manager, policy):
    save(manager, policy, first_response_s="30 min", labels="vip, gold", inboxes=["2"], priorities=["urgent"])

    assert (policy.first_response_s, policy.version) == (1800, 2)
    assert policy.conditions == {
        "inbox_ids": [2], "labels": ["vip", "gold"], "priorities": ["urgent"], "teams": [],
    }  # fmt: skip


def test_inboxes_of_one_number_are_two_choices(manager, policy):
    make_inbox(make_source("other"), name="Shop")

    text = manager.get(page(policy)).content.decode()
    save(manager, policy, inboxes=["other/2"])

    assert "Shop (other)" in text
    assert "Inbox 2 (acme)" in text
    assert policy.conditions["inbox_ids"] == ["other/2"]


def test_a_save_that_changes_nothing_is_no_version(manager, policy):
    save(manager, policy)

    assert policy.version == 1


def test_a_policy_is_made(manager, policy):
    manager.post(reverse("admin:reports_slapolicy_add"), form(policy, name="VIP", order="1"))

    assert SLAPolicy.objects.get(name="VIP").resolution_s == 86_400


def test_a_time_in_the_past_is_refused_with_what_to_do(manager, policy):
    answer = save(manager, policy, first_response_s="5 min", valid_from_0="2020-01-01", valid_from_1="00:00")

    assert "choose now or a later time" in answer.content.decode()
    assert policy.version == 1


def test_business_time_is_said_in_hours(manager, policy):
    assert 'value="24 h"' in manager.get(page(policy)).content.decode()
    assert "24 h" in manager.get(reverse(LIST)).content.decode()


def test_the_list_names_the_inboxes_a_policy_serves(manager, policy):
    save(manager, policy, inboxes=["2"])

    assert "inboxes: Inbox 2" in manager.get(reverse(LIST)).content.decode()


def test_every_hour_is_warned_of(manager, policy):
    save(manager, policy, calendar="")

    assert WARNING in manager.get(page(policy)).content.decode()
    assert "counts closed hours" in manager.get(reverse(LIST)).content.decode()


def test_the_desk_s_own_hours_are_not(manager, policy):
    assert WARNING not in manager.get(page(policy)).content.decode()


def test_nor_is_a_desk_that_never_closes(policy):
    BusinessCalendar.objects.update(always_open=True)
    policy.calendar = None

    assert versions.closed_hours(policy) == ""


def test_only_the_hours_of_the_inboxes_it_serves_count(policy):
    always = BusinessCalendar.objects.create(name="Nights", zone="UTC", always_open=True)
    inbox_calendars.keep(always, [make_inbox(inbox_id=9)])
    policy.calendar = None
    found = []
    for inbox in (2, 9):
        policy.conditions = {"inbox_ids": [inbox]}
        found.append(bool(versions.closed_hours(policy)))

    assert found == [True, False]


def test_the_history_says_what_each_version_changed(manager, policy):
    save(manager, policy, first_response_s="30 min", teams="Billing")

    text = manager.get(page(policy, "history")).content.decode()

    assert "<del>1 h</del>" in text
    assert "Billing" in text
    assert "Manager" in text


LOOKS = {
    "anonymous": 302,
    "nobody": 403,
    "Agent": 200,
    "Lead": 200,
    "Manager": 200,
    "Operator": 403,
    "superuser": 200,
}


@pytest.mark.parametrize("person", PEOPLE)
def test_the_desk_looks_and_managers_change(seeded, person):
    client, policy = sign_in(person), SLAPolicy.objects.get()

    looks = client.get(page(policy)).status_code
    client.post(page(policy), form(policy, name="Mine"))

    policy.refresh_from_db()
    assert (looks, policy.name) == (
        LOOKS[person],
        "Mine" if person in ("Manager", "superuser") else "Standard",
    )


def test_no_policy_is_deleted(manager, policy):
    assert manager.get(page(policy, "delete")).status_code == 403
