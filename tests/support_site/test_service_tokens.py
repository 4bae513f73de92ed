"""Programs with a service token look and propose, whatever their user may: every operation of the API, by its schema."""

from collections.abc import Iterator

import pytest
from django.urls import get_resolver, resolve
from drf_spectacular.generators import SchemaGenerator

from tests.factories import make_client, make_draft, make_user
from webhooks.accounts import access

pytestmark = pytest.mark.django_db
READS = ("get", "head", "options")
VERBS = (*READS, "post", "put", "patch", "delete")
# What they may write: nothing else, ever.
PROPOSES = {
    ("post", "/api/v1/drafts/"), ("post", "/api/v1/articles/"), ("patch", "/api/v1/articles/{id}/"),
}  # fmt: skip
# What they may read. Reports, policies' changes, deliveries and everything new are for people until they stand here.
LOOKS = (
    "/api/v1/drafts/", "/api/v1/queue/", "/api/v1/articles/", "/api/v1/learning-signals/", "/api/v1/calendars/",
    "/api/v1/sla-policies/", "/api/v1/knowledge-changes/", "/api/v1/probes/", "/api/v1/knowledge-gaps/", "/api/v1/conversations/",
    "/api/v1/schema/", "/api/v1/docs/",
)  # fmt: skip


def operations() -> Iterator[tuple[str, str]]:
    schema = SchemaGenerator().get_schema(request=None, public=True)
    for path, methods in schema["paths"].items():
        yield from ((method, path) for method in VERBS if method in methods)


def concrete(path: str) -> str:
    draft = make_draft()
    for name, value in (
        ("display_id", "7"),
        ("week", "2026-W47"),
        ("id", str(draft.pk)),
        ("pk", str(draft.pk)),
    ):
        path = path.replace("{" + name + "}", value)
    return path.replace("{", "").replace("}", "")


@pytest.fixture
def robot(seeded):
    """A program of somebody who may do everything."""
    return make_client(make_user("robot", *access.GROUPS, is_superuser=True), service=True)


def test_a_service_token_writes_nothing_but_proposals(robot):
    written = {
        (method, path): robot.generic(
            method.upper(), concrete(path), "{}", content_type="application/json"
        ).status_code
        for method, path in operations()
        if method not in READS
    }

    assert set(written) > PROPOSES
    assert {operation for operation, status in written.items() if status not in (403, 405)} == PROPOSES


def test_a_service_token_is_told_why(robot):
    answer = robot.patch("/api/v1/retry-policies/1/", {"max_attempts": 1}, format="json")

    assert (answer.status_code, answer.json()["code"]) == (403, "service_token")


def test_a_service_token_reads_what_the_table_says(robot):
    read = {path: robot.get(concrete(path)).status_code for method, path in operations() if method == "get"}

    refused = {path for path, status in read.items() if status == 403}
    assert refused == {path for path in read if not path.startswith(LOOKS)}


def test_the_schema_names_every_address_of_the_api():
    """Or the crawl would pass one over."""
    named = {path for _, path in operations()}
    routes = {
        str(one.pattern) for one in get_resolver().url_patterns if str(one.pattern).startswith("api/v1/")
    }

    assert named
    assert all(resolve(concrete(path)) for path in named)
    assert len(routes) >= 5


def test_no_right_is_a_programs_but_those_of_the_one_table():
    assert {right for right in access.RIGHTS if right in access.SERVICE_SCOPES} == set(access.SERVICE_SCOPES)
    assert {right for right, acts in access.SERVICE_SCOPES.items() if access.PROPOSE in acts} == {
        "articles",
        "drafts",
    }
