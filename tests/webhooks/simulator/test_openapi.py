"""The stand-in's answers against Chatwoot's published description, where that is at hand.

The description is loose (few fields are required) and wrong in places; each place is named below.
"""

import copy
import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from webhooks.simulator import api
from webhooks.simulator.api import Request
from webhooks.simulator.state import ADMIN_TOKEN
from webhooks.simulator.world import World

DESCRIPTION = Path(__file__).parents[4] / "shared" / "chatwoot-4.14.2-swagger.json"
ACCOUNT = "/api/v1/accounts/1"

pytestmark = pytest.mark.skipif(not DESCRIPTION.exists(), reason="Chatwoot's description is not at hand")


@pytest.fixture(scope="module")
def description() -> dict[str, Any]:
    described = json.loads(DESCRIPTION.read_text())
    schemas = described["components"]["schemas"]
    # Real conversations can be snoozed; the description forgot it here.
    schemas["conversation"]["properties"]["status"]["enum"].append("snoozed")
    # A webhook's name is optional, and then null.
    schemas["webhook"]["properties"]["name"]["type"] = ["string", "null"]
    # The content of a message that is attachments alone is null.
    schemas["message"]["properties"]["content"]["type"] = ["string", "null"]
    return described


@pytest.fixture
def world() -> World:
    world = World()
    asked = world.customer_writes(content="Hello", contact="Ann Lee", attachments=[{"file_type": "image"}])
    world.agent_writes(conversation_id=asked.conversation_id, content="Hi")
    world.assign(asked.conversation_id, 2)
    world.csat_answer(world.csat_request(asked.conversation_id).id, 5)
    world.customer_writes(content=None, inbox_id=3, attachments=[{"file_type": "image"}])
    world.set_status(asked.conversation_id, "snoozed", snoozed_until=1_790_000_000)
    world.register_webhook("https://x.example/h", ["message_created"])
    return world


def asked(world: World, method: str, path: str, **body: Any) -> Any:
    url, _, query = path.partition("?")
    pairs = dict(pair.split("=") for pair in query.split("&") if pair)
    answer = api.handle(world, Request(method, url, pairs, body, ADMIN_TOKEN))
    assert answer.status == 200
    return json.loads(json.dumps(answer.body))


def check(description: dict[str, Any], value: Any, schema: dict[str, Any]) -> None:
    """`schema` may point into the description; unknown keys of ours are let through, as it does."""
    whole = {**copy.deepcopy(schema), "components": description["components"]}
    jsonschema.Draft202012Validator(whole).validate(value)


def described_answer(description: dict[str, Any], path: str, method: str) -> dict[str, Any]:
    content = description["paths"][path][method]["responses"]["200"]["content"]
    schema: dict[str, Any] = content["application/json"]["schema"]
    return schema


def ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


@pytest.mark.parametrize(
    ("described", "path"),
    [
        ("/api/v1/profile", "/api/v1/profile"),
        ("/api/v1/accounts/{account_id}/inboxes", f"{ACCOUNT}/inboxes"),
        ("/api/v1/accounts/{account_id}/conversations", f"{ACCOUNT}/conversations?status=all"),
        ("/api/v1/accounts/{account_id}/conversations/{conversation_id}", f"{ACCOUNT}/conversations/1"),
    ],
)
def test_reads_are_as_described(description: dict[str, Any], world: World, described: str, path: str) -> None:
    check(description, asked(world, "GET", path), described_answer(description, described, "get"))


def test_its_report_is_as_described(description: dict[str, Any], world: World) -> None:
    # An average of nothing is null, which is described as a text.
    body = asked(world, "GET", "/api/v2/accounts/1/reports/summary?type=account&since=0&until=9999999999")

    told = {name: value for name, value in body.items() if value is not None}
    check(description, told, ref("account_summary"))
    assert told["avg_first_response_time"]


def test_listed_messages_are_as_described(description: dict[str, Any], world: World) -> None:
    body = asked(world, "GET", f"{ACCOUNT}/conversations/1/messages")

    # `meta.contact` is described as a search result; it is one contact. So the list alone is checked.
    check(description, body["payload"], {"type": "array", "items": ref("message")})


def test_a_created_message_is_as_described(description: dict[str, Any], world: World) -> None:
    sent = {"content": "Hi", "message_type": "outgoing", "private": False, "content_attributes": {"m": "1"}}

    check(description, sent, ref("conversation_message_create_payload"))
    body = asked(world, "POST", f"{ACCOUNT}/conversations/1/messages", **sent)
    described = "/api/v1/accounts/{account_id}/conversations/{conversation_id}/messages"
    check(description, body, described_answer(description, described, "post"))


def test_webhooks_are_as_described_inside_their_real_envelope(
    description: dict[str, Any], world: World
) -> None:
    # Described as a bare list; 4.14.2 answers {"payload": {"webhooks": [...]}}.
    listed = asked(world, "GET", f"{ACCOUNT}/webhooks")["payload"]["webhooks"]

    for webhook in listed:
        check(description, webhook, {**ref("webhook"), "required": ["id", "url", "secret", "subscriptions"]})


def test_a_changed_status_is_as_described(description: dict[str, Any], world: World) -> None:
    body = asked(world, "POST", f"{ACCOUNT}/conversations/1/toggle_status", status="resolved")

    described = "/api/v1/accounts/{account_id}/conversations/{conversation_id}/toggle_status"
    check(description, body, described_answer(description, described, "post"))


def test_the_check_can_fail(description: dict[str, Any], world: World) -> None:
    message = asked(world, "GET", f"{ACCOUNT}/conversations/1/messages")["payload"][0]

    with pytest.raises(jsonschema.ValidationError):
        check(description, {**message, "message_type": "incoming"}, ref("message"))
