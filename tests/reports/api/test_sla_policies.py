"""/api/v1/sla-policies/: read by the desk, written by Managers, versioned, validated."""

from datetime import timedelta

import pytest
from django.utils import timezone

from knowledge.models import BusinessCalendar
from reports.models import SLAPolicy
from tests.factories import make_client, make_inbox, make_source, make_user

pytestmark = pytest.mark.django_db
POLICIES = "/api/v1/sla-policies/"
NOTHING = {"inbox_ids": [], "labels": [], "priorities": [], "teams": []}
WHOLE = {
    "name": "VIP", "order": 1, "conditions": NOTHING | {"labels": ["vip"], "priorities": ["urgent"]}, "calendar": None,
    "first_response_s": 600, "next_response_s": 1200, "resolution_s": 14_400, "at_risk_share": 0.5,
    "valid_from": "2026-11-23T00:00:00Z",
}  # fmt: skip


@pytest.fixture
def manager(seeded):
    return make_client(make_user("mia", "Manager"))


@pytest.fixture
def policy(manager) -> SLAPolicy:
    return SLAPolicy.objects.get()


def patch(client, policy: SLAPolicy, body) -> object:
    return client.patch(f"{POLICIES}{policy.pk}/", body, format="json")


def test_a_policy_is_made_and_answered_as_it_was_sent(manager):
    answer = manager.post(POLICIES, WHOLE, format="json")

    assert answer.status_code == 201
    assert answer.json() == WHOLE | {"id": SLAPolicy.objects.get(name="VIP").pk, "version": 1}


def test_the_seeded_policy_is_listed(manager):
    (row,) = manager.get(POLICIES).json()["results"]

    assert (row["first_response_s"], row["next_response_s"], row["resolution_s"]) == (3600, 14_400, 86_400)
    assert (row["calendar"], row["at_risk_share"], row["conditions"]) == (
        BusinessCalendar.objects.get().pk,
        0.8,
        NOTHING,
    )


def test_conditions_that_are_left_out_mean_all(manager):
    body = WHOLE | {"conditions": {"labels": ["vip"]}}

    assert manager.post(POLICIES, body, format="json").json()["conditions"] == NOTHING | {"labels": ["vip"]}


def test_an_edit_is_a_version_that_serves_from_now_on(manager, policy):
    before = timezone.now()

    answer = patch(manager, policy, {"first_response_s": 60, "version": 1})

    policy.refresh_from_db()
    assert (answer.status_code, answer.json()["version"]) == (200, 2)
    assert before <= policy.valid_from <= timezone.now()


def test_an_edit_may_serve_from_later_on(manager, policy):
    answer = patch(manager, policy, {"first_response_s": 60, "valid_from": "2126-01-01T00:00:00Z"})

    assert answer.json()["valid_from"] == "2126-01-01T00:00:00Z"


def test_an_edit_reaches_no_clock_that_is_decided(manager, policy):
    past = (timezone.now() - timedelta(days=1)).isoformat()

    answer = patch(manager, policy, {"first_response_s": 60, "valid_from": past})

    assert (answer.status_code, list(answer.json()["fields"])) == (400, ["valid_from"])


def test_an_edit_that_changes_nothing_keeps_the_version(manager, policy):
    assert patch(manager, policy, {"name": policy.name}).json()["version"] == 1


def test_an_edit_of_an_older_version_is_refused(manager, policy):
    patch(manager, policy, {"first_response_s": 60})

    answer = patch(manager, policy, {"name": "Late", "version": 1})

    assert (answer.status_code, answer.json()["code"]) == (409, "version_changed")


REFUSED = [
    {"first_response_s": 0}, {"next_response_s": -1}, {"resolution_s": 10**9}, {"at_risk_share": 0}, {"at_risk_share": 1.5},
    {"conditions": []}, {"conditions": {"inboxes": [1]}}, {"conditions": {"inbox_ids": ["two"]}},
    {"conditions": {"labels": [""]}}, {"conditions": {"priorities": ["soon"]}}, {"conditions": {"teams": "Billing"}},
    {"conditions": None}, {"calendar": 99_999}, {"name": ""}, {"order": -1}, {"first_response": 60}, {"valid_from": "soon"},
]  # fmt: skip


@pytest.mark.parametrize("facts", REFUSED, ids=str)
def test_what_makes_no_sense_is_refused_naming_the_field(manager, policy, facts):
    answer = patch(manager, policy, facts)

    assert (answer.status_code, list(answer.json()["fields"])) == (400, list(facts))
    assert answer.json()["detail"]


@pytest.mark.parametrize(
    ("group", "reads", "writes"),
    [("Agent", 200, 403), ("Lead", 200, 403), ("Manager", 200, 200), ("Operator", 403, 403)],
)
def test_the_desk_reads_and_managers_write(seeded, group, reads, writes):
    policy, client = SLAPolicy.objects.get(), make_client(make_user("pat", group))

    assert client.get(f"{POLICIES}{policy.pk}/").status_code == reads
    assert patch(client, policy, {"name": "Ours"}).status_code == writes
    assert client.post(POLICIES, WHOLE, format="json").status_code == (201 if writes == 200 else 403)


def test_an_inbox_that_several_accounts_have_is_named_with_its_account(manager, policy):
    make_inbox()
    make_inbox(make_source("other"))

    unclear = patch(manager, policy, {"conditions": {"inbox_ids": [2]}})
    named = patch(manager, policy, {"conditions": {"inbox_ids": ["other/2"]}})

    assert (unclear.status_code, named.status_code) == (400, 200)
    assert "acme/2 or other/2" in unclear.content.decode()
    assert named.json()["conditions"]["inbox_ids"] == ["other/2"]


def test_no_policy_is_deleted_by_a_program(manager, policy):
    assert manager.delete(f"{POLICIES}{policy.pk}/").status_code == 405


def test_without_a_token_nothing_is_read(client, seeded):
    assert client.get(POLICIES).status_code == 401
