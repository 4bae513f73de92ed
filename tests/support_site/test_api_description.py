"""The description of the API is true: what it says may be asked, is answered as it says; and below /api/ all is JSON."""

import json
from functools import cache
from typing import Any

import pytest
import schemathesis
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_started
from django.db import close_old_connections
from django.test import Client
from drf_spectacular.generators import SchemaGenerator
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from rest_framework.test import APIClient
from schemathesis import GenerationMode
from schemathesis.checks import CHECKS, load_all_checks

from tests.factories import make_client, make_draft, make_user, make_waiting
from tests.thorough import examples
from webhooks.models import ApiToken

pytestmark = [pytest.mark.django_db, pytest.mark.once]
LISTS = {
    "deliveries/": "conversation", "drafts/": "state", "queue/": "limit", "calendars/": "name", "sla-policies/": "name",
    "articles/": "language", "learning-signals/": "inbox", "retry-policies/": "name", "conversations/7/clocks/": "at",
    "reports/sla/?from=2026-11-16&to=2026-11-22": "group_by", "reports/sla/rows/?from=2026-11-16&to=2026-11-22": "state",
    "articles/search/?q=password": "n",
}  # fmt: skip


@cache
def description() -> dict[str, Any]:
    return json.loads(json.dumps(SchemaGenerator().get_schema(request=None, public=True), default=str))


def operations() -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (path, verb, one) for path, verbs in description()["paths"].items() for verb, one in verbs.items()
    ]


def schema_of(path: str, verb: str, status: str = "200") -> dict[str, Any]:
    return resolved(
        description()["paths"][path][verb]["responses"][status]["content"]["application/json"]["schema"]
    )


def resolved(schema: dict[str, Any]) -> dict[str, Any]:
    name = schema.get("$ref", "").rpartition("/")[2]
    return description()["components"]["schemas"][name] if name else schema


@pytest.fixture
def api(seeded) -> APIClient:
    make_draft(make_waiting())
    return make_client(make_user("root", is_superuser=True))


@pytest.mark.parametrize("path", LISTS)
def test_a_parameter_that_the_description_does_not_name_is_refused(api, path):
    name = LISTS[path]

    answer = api.get(f"/api/v1/{path}{'&' if '?' in path else '?'}{name}=1")

    told = answer.json()
    assert (answer.status_code, told["code"]) == (400, "unknown_parameter")
    assert name in told["detail"]


@pytest.mark.parametrize("path", LISTS)
def test_without_it_the_same_path_is_answered(api, path):
    assert api.get(f"/api/v1/{path}").status_code == 200


@pytest.mark.parametrize("asked", ["0", "-1", "201", "all", "", "²", "9" * 40])
def test_a_page_has_1_to_200_rows(api, asked):
    answer = api.get("/api/v1/deliveries/", {"page_size": asked})

    assert (answer.status_code, answer.json()["fields"].keys()) == (400, {"page_size"})


@pytest.mark.parametrize(
    ("path", "name"), [("deliveries", "status"), ("drafts", "status"), ("learning-signals", "kind")]
)
def test_a_choice_that_may_be_left_empty_is_described_so(api, path, name):
    described = description()["paths"][f"/api/v1/{path}/"]["get"]["parameters"]

    assert "" in next(one["schema"]["enum"] for one in described if one["name"] == name)
    assert api.get(f"/api/v1/{path}/?{name}=").status_code == 200


def test_no_operation_takes_a_parameter_that_is_not_described():
    named = {(path, verb): {p["name"] for p in one.get("parameters", [])} for path, verb, one in operations()}

    assert {"status", "conversation_id", "cursor", "page_size"} <= named["/api/v1/deliveries/", "get"]
    assert {"status", "source"} <= named["/api/v1/drafts/", "get"]
    assert named["/api/v1/queue/", "get"] == set()


@pytest.mark.parametrize(
    "path", ["/api/v1/queue/", "/api/v1/conversations/{display_id}/clocks/", "/api/v1/articles/search/"]
)
def test_a_list_of_one_page_is_described_as_lists_are(path):
    assert set(schema_of(path, "get")["properties"]) == {"next", "results"}


BODIES = {
    "approve": {"revision", "text", "tone", "accuracy", "policy", "note", "then", "newest_message_id", "reason"},
    "reject": {"revision", "tone", "accuracy", "policy", "reason"},
    "escalate": {"reason", "level", "kind", "owner"},
    "claim": {"take_over", "reason"},
    "undo": set(), "carry-over": set(), "resend": set(), "arrived": set(), "close": set(),
}  # fmt: skip


@pytest.mark.parametrize("verb", BODIES)
def test_a_verb_on_a_draft_is_described_with_what_it_reads(verb):
    operation = description()["paths"][f"/api/v1/drafts/{{id}}/{verb}/"]["post"]
    body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})

    assert BODIES[verb] <= set(resolved(body).get("properties", {}))
    assert bool(body) == bool(BODIES[verb])


def test_every_operation_names_its_refusals_with_our_codes():
    lacking = {
        f"{verb} {path}": sorted({"400", "401", "403", "404", "429"} - one["responses"].keys())
        for path, verb, one in operations()
        if {"400", "401", "403", "404", "429"} - one["responses"].keys()
    }

    assert lacking == {}
    assert (
        "revision_changed"
        in description()["paths"]["/api/v1/drafts/{id}/approve/"]["post"]["responses"]["409"]["description"]
    )
    assert resolved(schema_of("/api/v1/queue/", "get", "403"))["properties"].keys() == {
        "code",
        "detail",
        "fields",
    }


def test_what_may_be_null_is_described_so():
    delivery = description()["components"]["schemas"]["Delivery"]["properties"]

    assert [
        name
        for name in ("duplicate_of", "next_attempt_at", "conversation_id")
        if not delivery[name].get("nullable")
    ] == []


@pytest.mark.parametrize("query", ["?from=2026-11-16", "?from=&to=2026-11-22", "?from=2026-11-16&to=", ""])
def test_a_report_of_half_a_period_is_told_what_to_give(api, query):
    answer = api.get(f"/api/v1/reports/sla/{query}")

    assert answer.status_code == 400
    assert "Give the first and the last day" in answer.json()["detail"]


PATHS = [
    "/api/",
    "/api/v1/",
    "/api/v1/draft/",
    "/api/v1/drafts",
    "/api/v1/drafts.json",
    "/api/v2/",
    "/api/v1/drafts/1/approve.json",
]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("method", ["GET", "POST", "PATCH", "DELETE"])
def test_a_path_that_the_api_has_not_is_a_404_in_json(seeded, path, method):
    _, token = ApiToken.objects.create(user=make_user("root", is_superuser=True), expiry=None)
    program = Client(enforce_csrf_checks=True, raise_request_exception=False)

    answer = program.generic(
        method, path, b"{}", content_type="application/json", headers={"Authorization": f"Token {token}"}
    )

    assert (answer.status_code, answer["Content-Type"], answer.json()["code"]) == (
        404,
        "application/json",
        "not_found",
    )


@pytest.fixture
def connection_kept():
    """As Django's own test client does: a request's start would close the connection of the test's transaction."""
    request_started.disconnect(close_old_connections)
    yield
    request_started.connect(close_old_connections)


# What no schema says: that a day lies before another, that a JSON field is a week. These are 400 with our code.
CONFIG = {
    "checks": {"positive_data_acceptance": {"expected-statuses": ["2xx", "400", "401", "403", "404", "409", "429"]}},
}  # fmt: skip
FEW = settings(
    max_examples=examples(3), deadline=None, derandomize=True, database=None, phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)  # fmt: skip


@pytest.mark.slow
@pytest.mark.usefixtures("connection_kept")
@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
def test_the_api_answers_as_it_describes_itself(api, mode):
    load_all_checks()
    checks = CHECKS.get_all()
    contract = schemathesis.openapi.from_dict(description(), config=schemathesis.Config.from_dict(CONFIG))
    contract.app = WSGIHandler()
    headers = {"Authorization": api._credentials["HTTP_AUTHORIZATION"]}
    wrong: dict[str, str] = {}

    for operation in (found.ok() for found in contract.get_all_operations()):

        @FEW
        @given(case=operation.as_strategy(generation_mode=mode))
        def holds(case: Any) -> None:
            known(case)
            case.call_and_validate(headers=headers, checks=checks)

        try:
            holds()
        except Unsatisfiable:
            pass  # it takes nothing that could be wrong
        except BaseException as error:
            wrong[operation.label] = str(error)[:600]

    assert len(checks) > 8
    assert wrong == {}


def known(case: Any) -> None:
    """Every second number becomes that of the first row, the only conversation: what no row has is answered soon."""
    for name, row in (("id", 1), ("display_id", 7)):
        number = case.path_parameters.get(name)
        if isinstance(number, int) and number % 2:
            case.path_parameters[name] = row
