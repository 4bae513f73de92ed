"""The API's answers, errors included, as 4.14.2 gives them."""

from typing import Any

import pytest

from webhooks.simulator import api
from webhooks.simulator.api import Answer, Request
from webhooks.simulator.state import ADMIN_TOKEN, AGENT_TOKEN, BOT_TOKEN
from webhooks.simulator.world import World

ACCOUNT = "/api/v1/accounts/1"


class Client:
    def __init__(self, world: World) -> None:
        self.world = world

    def ask(self, method: str, path: str, token: str | None = ADMIN_TOKEN, **body: Any) -> Answer:
        path, _, query = path.partition("?")
        pairs = dict(pair.split("=") for pair in query.split("&") if pair)
        return api.handle(self.world, Request(method, path, pairs, body, token))

    def get(self, path: str, token: str | None = ADMIN_TOKEN) -> Answer:
        return self.ask("GET", ACCOUNT + path, token)

    def post(self, path: str, token: str | None = ADMIN_TOKEN, **body: Any) -> Answer:
        return self.ask("POST", ACCOUNT + path, token, **body)


@pytest.fixture
def client() -> Client:
    return Client(World(now=lambda: 1_780_000_000.5))


def make_conversation(client: Client, messages: int = 1, inbox_id: int = 1) -> int:
    first = client.world.customer_writes(content="Hello 0", inbox_id=inbox_id, contact="Ann Lee")
    for number in range(1, messages):
        client.world.customer_writes(content=f"Hello {number}", conversation_id=first.conversation_id)
    return first.conversation_id


def test_the_version_needs_no_token(client: Client) -> None:
    answer = client.ask("GET", "/api", token=None)

    assert (answer.status, answer.body["version"]) == (200, "4.14.2")


def test_without_a_token_one_is_asked_to_sign_in(client: Client) -> None:
    answer = client.ask("GET", "/api/v1/profile", token=None)

    assert answer == Answer(401, {"errors": ["You need to sign in or sign up before continuing."]})


def test_a_wrong_token_is_invalid(client: Client) -> None:
    assert client.ask("GET", "/api/v1/profile", token="no") == Answer(401, {"error": "Invalid Access Token"})


def test_the_profile_names_the_accounts_role(client: Client) -> None:
    accounts = client.ask("GET", "/api/v1/profile").body["accounts"]

    assert [(account["id"], account["role"]) for account in accounts] == [(1, "administrator")]


def test_a_bot_cannot_list_messages(client: Client) -> None:
    number = make_conversation(client)

    assert client.get(f"/conversations/{number}/messages", BOT_TOKEN).status == 401


def test_a_bot_can_write(client: Client) -> None:
    number = make_conversation(client)

    assert client.post(f"/conversations/{number}/messages", BOT_TOKEN, content="Hi").status == 200


def test_an_agent_silently_sees_only_own_inboxes(client: Client) -> None:
    mine, other = make_conversation(client, inbox_id=1), make_conversation(client, inbox_id=3)

    seen = client.get("/conversations?status=all", AGENT_TOKEN).body["data"]["payload"]
    assert [conversation["id"] for conversation in seen] == [mine]
    assert client.get(f"/conversations/{other}", AGENT_TOKEN).status == 401


def test_another_inboxes_conversation_answers_401_not_403(client: Client) -> None:
    number = make_conversation(client, inbox_id=3)

    answer = client.post(f"/conversations/{number}/messages", AGENT_TOKEN, content="Hi")
    assert answer == Answer(401, {"error": "You are not authorized to do this action"})


def test_a_missing_conversation_answers_404(client: Client) -> None:
    assert client.get("/conversations/99") == Answer(404, {"error": "Resource could not be found"})


def test_a_webhook_comes_with_its_secret(client: Client) -> None:
    answer = client.post(
        "/webhooks", webhook={"url": "https://x.example/h", "subscriptions": ["message_created"]}
    )

    webhook = answer.body["payload"]["webhook"]
    assert len(webhook["secret"]) == 24
    assert client.get("/webhooks").body == {"payload": {"webhooks": [webhook]}}


def test_a_url_already_registered_answers_422(client: Client) -> None:
    client.post("/webhooks", webhook={"url": "https://x.example/h"})

    answer = client.post("/webhooks", webhook={"url": "https://x.example/h"})
    assert answer == Answer(422, {"message": "Url has already been taken", "attributes": ["url"]})


def test_webhooks_are_for_administrators(client: Client) -> None:
    assert client.get("/webhooks", AGENT_TOKEN).status == 401


def test_a_webhook_can_be_changed_and_deleted(client: Client) -> None:
    number = client.post("/webhooks", webhook={"url": "https://x.example/h"}).body["payload"]["webhook"]["id"]

    changed = client.ask("PATCH", f"{ACCOUNT}/webhooks/{number}", webhook={"url": "https://y.example/h"})
    assert changed.body["payload"]["webhook"]["url"] == "https://y.example/h"
    assert client.ask("DELETE", f"{ACCOUNT}/webhooks/{number}") == Answer(200, None)
    assert client.world.webhooks == {}


def test_the_default_list_shows_open_conversations_only(client: Client) -> None:
    number = make_conversation(client)
    client.world.set_status(number, "resolved")

    assert client.get("/conversations").body["data"]["payload"] == []
    assert len(client.get("/conversations?status=all").body["data"]["payload"]) == 1


def test_conversations_come_25_a_page(client: Client) -> None:
    for _ in range(27):
        make_conversation(client)

    pages = [client.get(f"/conversations?page={n}").body["data"]["payload"] for n in (1, 2, 3)]
    assert [len(page) for page in pages] == [25, 2, 0]


def test_updated_within_is_not_paged(client: Client) -> None:
    for _ in range(27):
        make_conversation(client)

    recent = client.get("/conversations?status=all&updated_within=60").body["data"]["payload"]
    assert len(recent) == 27


def test_times_are_whole_seconds(client: Client) -> None:
    number = make_conversation(client)

    body = client.get(f"/conversations/{number}").body
    assert (body["created_at"], body["first_reply_created_at"]) == (1_780_000_000, 0)


def test_messages_come_newest_20(client: Client) -> None:
    number = make_conversation(client, messages=25)

    contents = [m["content"] for m in client.get(f"/conversations/{number}/messages").body["payload"]]
    assert contents == [f"Hello {n}" for n in range(5, 25)]


def test_after_alone_leaves_the_id_out_and_a_range_includes_it(client: Client) -> None:
    number = make_conversation(client, messages=5)
    ids = [message.id for message in client.world.messages_of(number)]

    def listed(query: str) -> list[int]:
        answer = client.get(f"/conversations/{number}/messages?{query}")
        return [message["id"] for message in answer.body["payload"]]

    assert listed(f"after={ids[1]}") == ids[2:]
    assert listed(f"before={ids[2]}") == ids[:2]
    assert listed(f"after={ids[1]}&before={ids[3]}") == ids[1:3]


def test_after_answers_at_most_100(client: Client) -> None:
    number = make_conversation(client, messages=130)

    assert len(client.get(f"/conversations/{number}/messages?after=1").body["payload"]) == 100


def test_a_listed_message_has_a_status_but_no_version(client: Client) -> None:
    number = make_conversation(client)

    message = client.get(f"/conversations/{number}/messages").body["payload"][0]
    assert (message["message_type"], message["status"], "updated_at" in message) == (0, "sent", False)


def test_a_reply_keeps_its_marker(client: Client) -> None:
    number = make_conversation(client)

    marker = {"support_reply": "7:1"}
    client.post(f"/conversations/{number}/messages", content="Hi", content_attributes=marker)

    listed = client.get(f"/conversations/{number}/messages").body["payload"][-1]
    assert listed["content_attributes"]["support_reply"] == "7:1"


def test_a_mail_reaches_the_recipients_named(client: Client) -> None:
    number = make_conversation(client)

    client.post(
        f"/conversations/{number}/messages",
        content="Hi",
        to_emails="a@x.example",
        cc_emails="b@x.example, c@x.example",
    )

    assert client.world.messages_of(number)[-1].delivered_to == ["a@x.example", "b@x.example", "c@x.example"]


@pytest.mark.parametrize(
    ("content", "stored"),
    [
        ("Dear {{ contact.name }}", "Dear Ann Lee"),
        ("{{contact.first_name}}!", "Ann!"),
        ("Gone: {{ secret.thing }}.", "Gone: ."),
        ("Code `{{ contact.name }}` stays", "Code `{{ contact.name }}` stays"),
        ("Split {\u200b{ contact.name }}", "Split {\u200b{ contact.name }}"),
        ("Broken {% tag %} {{ contact.name }}", "Broken {% tag %} {{ contact.name }}"),
    ],
)
def test_liquid_is_rendered_outside_code(client: Client, content: str, stored: str) -> None:
    number = make_conversation(client)

    answer = client.post(f"/conversations/{number}/messages", content=content)
    assert answer.body["content"] == stored


def test_an_incoming_message_is_refused(client: Client) -> None:
    number = make_conversation(client)

    answer = client.post(f"/conversations/{number}/messages", content="Hi", message_type="incoming")
    assert answer == Answer(422, {"error": "Incoming messages are only allowed in Api inboxes"})


def test_too_many_messages_a_minute_are_refused(client: Client) -> None:
    number = make_conversation(client, messages=200)

    assert client.post(f"/conversations/{number}/messages", content="Hi").status == 422


def test_the_echo_id_is_not_stored(client: Client) -> None:
    number = make_conversation(client)

    answer = client.post(f"/conversations/{number}/messages", content="Hi", echo_id="e1")
    listed = client.get(f"/conversations/{number}/messages").body["payload"][-1]
    assert (answer.body["echo_id"], "echo_id" in listed) == ("e1", False)


def test_labels_are_replaced(client: Client) -> None:
    number = make_conversation(client)
    client.post(f"/conversations/{number}/labels", labels=["a", "b"])

    client.post(f"/conversations/{number}/labels", labels=["c"])

    assert client.get(f"/conversations/{number}/labels").body == {"payload": ["c"]}


def test_status_priority_and_assignee_can_be_set(client: Client) -> None:
    number = make_conversation(client)

    client.post(f"/conversations/{number}/toggle_status", status="pending")
    client.post(f"/conversations/{number}/toggle_priority", priority="urgent")
    client.post(f"/conversations/{number}/assignments", assignee_id=2)

    body = client.get(f"/conversations/{number}").body
    assert (body["status"], body["priority"], body["meta"]["assignee"]["id"]) == ("pending", "urgent", 2)


def test_deleting_a_message_erases_its_marker(client: Client) -> None:
    number = make_conversation(client)
    sent = client.post(f"/conversations/{number}/messages", content="Hi", content_attributes={"m": 1})

    answer = client.ask("DELETE", f"{ACCOUNT}/conversations/{number}/messages/{sent.body['id']}")
    assert (answer.status, answer.body["content_attributes"]) == (200, {"deleted": True})


def test_survey_answers_are_listed(client: Client) -> None:
    number = make_conversation(client)
    survey = client.world.csat_request(number)
    client.world.csat_answer(survey.id, 5, "Great")

    answers = client.get("/csat_survey_responses").body
    assert [(a["rating"], a["message_id"], a["conversation_id"]) for a in answers] == [(5, survey.id, number)]


@pytest.mark.parametrize(("captain", "kind"), [(False, "AgentBot"), (True, "Captain::Assistant")])
def test_a_machine_that_has_a_conversation_is_named_by_its_type(
    client: Client, captain: bool, kind: str
) -> None:
    number = make_conversation(client)
    client.world.give_to_bot(number, captain=captain)

    assert client.get(f"/conversations/{number}").body["meta"]["assignee_type"] == kind
