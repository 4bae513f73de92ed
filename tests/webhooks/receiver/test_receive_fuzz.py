"""Whatever is posted is answered: with a code of the contract, never a 5xx; and what was signed is kept byte for byte."""

import json
from typing import Any

import pytest
import schemathesis
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_started
from django.db import close_old_connections
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import checks

from tests.factories import make_source, message_event, signed
from tests.thorough import examples
from webhooks.models import Delivery

pytestmark = pytest.mark.django_db
PATH = "/webhooks/chatwoot/acme/"
# The database is one transaction over all examples: each counts its own rows.
many = settings(
    max_examples=examples(30), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda part: st.lists(part) | st.dictionaries(st.text(), part),
    max_leaves=15,
)
header = st.text(st.characters(codec="latin-1", exclude_characters="\r\n"), max_size=300)


def post(body: bytes, **headers: str) -> Any:
    return Client().post(PATH, **signed(body) | headers)


@many
@given(body=st.binary(max_size=2000))
def test_any_signed_bytes_are_kept_as_they_came(body):
    make_source()

    answer = post(body)

    assert answer.status_code in (200, 400)
    assert bytes(Delivery.objects.get(pk=answer.json()["id"]).body) == body


@many
@given(event=anything)
def test_any_signed_json_is_kept_as_it_came(event):
    make_source()
    body = json.dumps(event).encode()

    answer = post(body)

    assert answer.status_code == (200 if isinstance(event, dict) else 400)
    assert bytes(Delivery.objects.get(pk=answer.json()["id"]).body) == body


@many
@given(
    known=st.sampled_from(
        ["event", "id", "conversation", "account", "sender", "changed_attributes", "updated_at"]
    ),
    part=anything,
    event=st.sampled_from(["message_created", "conversation_updated", "contact_created"]),
)
def test_an_event_with_one_part_replaced_by_anything_is_accepted(known, part, event):
    make_source()

    answer = post(json.dumps(message_event(event=event) | {known: part}).encode())

    assert (answer.status_code, answer.json()["status"]) == (200, "accepted")


@many
@given(key=header, agent=header, kind=header)
def test_any_header_loses_no_event(key, agent, kind):
    make_source()

    answer = post(b"{}", HTTP_X_CHATWOOT_DELIVERY=key, HTTP_USER_AGENT=agent, CONTENT_TYPE=kind)

    assert (answer.status_code, answer.json()["status"] in ("accepted", "duplicate")) == (200, True)


@many
@given(signature=header, timestamp=header)
def test_no_made_up_signature_opens_the_door(signature, timestamp):
    make_source()

    answer = post(b"{}", HTTP_X_CHATWOOT_SIGNATURE=signature, HTTP_X_CHATWOOT_TIMESTAMP=timestamp)

    assert answer.status_code == 401


ERROR = {
    "type": "object", "required": ["error", "detail"],
    "properties": {"error": {"type": "string"}, "detail": {"type": "string"}},
}  # fmt: skip
KEPT = {
    "type": "object", "required": ["status"],
    "properties": {"status": {"enum": ["accepted", "duplicate", "spooled"]}, "id": {"type": "integer"}},
}  # fmt: skip


def answers(schema: dict[str, Any], *codes: str) -> dict[str, Any]:
    return {
        code: {"description": code, "content": {"application/json": {"schema": schema}}} for code in codes
    }


CONTRACT = schemathesis.openapi.from_dict(
    {
        "openapi": "3.0.3",
        "info": {"title": "The receiver, as Chatwoot meets it", "version": "1"},
        "paths": {
            "/webhooks/chatwoot/{slug}/": {
                "post": {
                    "parameters": [
                        {"name": "slug", "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}},
                        *(
                            {"name": f"X-Chatwoot-{name}", "in": "header", "schema": {"type": "string"}}
                            for name in ("Delivery", "Timestamp", "Signature")
                        ),
                    ],
                    "requestBody": {"content": {"application/json": {"schema": {}}}},
                    "responses": answers(KEPT, "200") | answers(ERROR, "400", "401", "404", "405", "413"),
                }
            }
        },
    }
)  # fmt: skip
CONTRACT.app = WSGIHandler()


@pytest.fixture
def connection_kept():
    """As Django's own test client does: a request's start would close the connection of the test's transaction."""
    request_started.disconnect(close_old_connections)
    yield
    request_started.connect(close_old_connections)


@pytest.mark.usefixtures("connection_kept")
@CONTRACT.parametrize()
@settings(max_examples=examples(30), deadline=None, suppress_health_check=list(HealthCheck))
def test_every_answer_is_one_of_the_contract(case):
    make_source()
    case.path_parameters["slug"] = (
        "acme" if len(case.path_parameters["slug"]) % 2 else case.path_parameters["slug"]
    )

    case.call_and_validate(
        checks=[
            checks.not_a_server_error,
            checks.status_code_conformance,
            checks.content_type_conformance,
            checks.response_schema_conformance,
        ]
    )
