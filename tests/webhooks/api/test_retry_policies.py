"""/api/v1/retry-policies/: read and edited, versioned, validated (design, section 7)."""

import pytest

from tests.factories import make_client, make_user
from webhooks.models import RetryPolicy

pytestmark = pytest.mark.django_db
POLICIES = "/api/v1/retry-policies/"


@pytest.fixture
def olga(seeded):
    return make_client(make_user("olga", "Operator"))


def refused(answer) -> tuple[int, str]:
    assert answer.json()["detail"]
    return answer.status_code, answer.json()["code"]


@pytest.fixture
def policy(olga) -> RetryPolicy:
    return RetryPolicy.objects.get(is_default=True)


def patch(olga, policy: RetryPolicy, body) -> object:
    return olga.patch(f"{POLICIES}{policy.pk}/", body, format="json")


def test_a_policy_has_the_promised_fields(olga, policy):
    answer = olga.get(f"{POLICIES}{policy.pk}/").json()

    assert set(answer) == {
        "id",
        "name",
        "is_default",
        "event_pattern",
        "direction",
        "delays",
        "base",
        "factor",
        "cap",
        "jitter",
        "max_attempts",
        "max_age",
        "respect_retry_after",
        "retry_after_cap",
        "give_up_on",
        "hold_on",
        "retry_on",
        "settle_s",
        "version",
    }


def test_an_edit_takes_the_version_on(olga, policy):
    answer = patch(olga, policy, {"delays": [1, 2], "version": policy.version})

    assert (answer.status_code, answer.json()["delays"], answer.json()["version"]) == (
        200,
        [1, 2],
        policy.version + 1,
    )


def test_an_edit_of_a_version_that_is_gone_is_409(olga, policy):
    patch(olga, policy, {"delays": [1], "version": policy.version})

    assert refused(patch(olga, policy, {"delays": [2], "version": policy.version})) == (
        409,
        "version_changed",
    )


def test_an_edit_that_changes_nothing_keeps_the_version(olga, policy):
    same = patch(olga, policy, {"delays": policy.delays, "is_default": False})

    assert (same.status_code, same.json()["version"]) == (200, policy.version)


def test_choosing_a_base_drops_the_list_and_back(olga, policy):
    curve = patch(olga, policy, {"base": 5, "factor": 2, "cap": 60}).json()
    listed = patch(olga, policy, {"delays": [9]}).json()

    assert (curve["delays"], curve["base"]) == ([], 5)
    assert (listed["delays"], listed["base"], listed["factor"], listed["cap"]) == ([9], None, None, None)


WRONG = {
    "a misspelt field": {"max_atempts": 3},
    "no delays": {"delays": []},
    "delays in words": {"delays": ["soon"]},
    "a negative delay": {"delays": [-1]},
    "a delay that is true": {"delays": [True]},
    "delays a number": {"delays": 5},
    "delays a text": {"delays": "5"},
    "delays null": {"delays": None},
    "both forms": {"delays": [1], "base": 2},
    "a base of nothing": {"base": 0},
    "a base that is no number": {"base": "NaN"},
    "jitter over one": {"jitter": 1.5},
    "no attempt at all": {"max_attempts": 0},
    "more attempts than fit": {"max_attempts": 10**12},
    "a negative age": {"max_age": -1},
    "statuses not a list": {"give_up_on": 404},
    "statuses nested": {"hold_on": [[404]]},
    "statuses with a NUL": {"retry_on": ["a\0"]},
    "a status that is true": {"give_up_on": [True]},
    "a status below 100": {"give_up_on": [99]},
    "a status above 599": {"hold_on": [404, 600]},
    "a status above 599 as a text": {"hold_on": ["600"]},
    "a misspelt error class": {"retry_on": ["Permanant"]},
    "a version that is no number": {"version": "x", "delays": [1]},
    "a version that is true": {"version": True, "delays": [1]},
    "a negative version": {"version": -1, "delays": [1]},
    "another pattern for the default": {"event_pattern": "message_*"},
    "a direction that is none": {"direction": "UP"},
    "not an object": [1],
    "a name with a NUL": {"name": "a\0"},
}


@pytest.mark.parametrize("body", WRONG.values(), ids=WRONG)
def test_a_wrong_policy_is_400_and_changes_nothing(olga, policy, body):
    answer = patch(olga, policy, body)

    assert (answer.status_code, bool(answer.json()["detail"])) == (400, True)
    assert RetryPolicy.objects.get(pk=policy.pk).version == policy.version


@pytest.mark.parametrize(
    "marks", [[100, 599], ["404"], ["NotSent", "Hold"], ["ValueError", "IntegrityError"]]
)
def test_a_policy_lists_statuses_and_the_classes_that_there_are(olga, policy, marks):
    assert patch(olga, policy, {"give_up_on": marks}).json()["give_up_on"] == marks


def test_an_unknown_class_is_refused_with_those_that_are_known(olga, policy):
    answer = patch(olga, policy, {"hold_on": ["Timeout"]}).json()

    assert answer["fields"]["hold_on"][0].startswith("Timeout is neither an HTTP status from 100 to 599 nor")
    assert "NotSent, Retryable, Permanent, Unknown, Hold" in answer["detail"]


def test_a_policy_keeps_its_history(olga, policy):
    patch(olga, policy, {"delays": [1]})

    assert [row.delays for row in policy.history.all()[:2]] == [[1], policy.delays]


def test_policies_are_neither_made_nor_deleted_here(olga, policy):
    assert [olga.post(POLICIES).status_code, olga.delete(f"{POLICIES}{policy.pk}/").status_code] == [405, 405]
