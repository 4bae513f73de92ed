"""The running server: each fault, the control surface and the pages a person reads."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from webhooks.simulator.server import SimulatedChatwoot

ROOT = Path(__file__).parents[3]


@pytest.fixture
def chatwoot() -> Iterator[SimulatedChatwoot]:
    with SimulatedChatwoot(deliver=False) as running:
        running.world.customer_writes(content="Hello", contact="Ann Lee")
        yield running


def post(chatwoot: SimulatedChatwoot, timeout: float = 5.0) -> requests.Response:
    return requests.post(
        f"{chatwoot.url}/api/v1/accounts/1/conversations/1/messages",
        json={"content": "Hi"},
        headers={"api_access_token": chatwoot.admin_token},
        timeout=timeout,
    )


def profile(chatwoot: SimulatedChatwoot) -> requests.Response:
    headers = {"api_access_token": chatwoot.admin_token}
    return requests.get(f"{chatwoot.url}/api/v1/profile", headers=headers, timeout=5)


def replies(chatwoot: SimulatedChatwoot) -> int:
    return sum(m.message_type == "outgoing" for m in chatwoot.world.messages_of(1))


def comes_true(condition: Callable[[], bool], within: float = 5.0) -> bool:
    deadline = time.monotonic() + within
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.02)
    return condition()


def test_without_faults_a_reply_stands_once(chatwoot: SimulatedChatwoot) -> None:
    assert post(chatwoot).status_code == 200
    assert replies(chatwoot) == 1


def test_status_answers_and_does_nothing(chatwoot: SimulatedChatwoot) -> None:
    chatwoot.world.faults.add("status", code=503, body={"error": "busy"})

    answer = post(chatwoot)

    assert (answer.status_code, answer.json(), replies(chatwoot)) == (503, {"error": "busy"}, 0)


@pytest.mark.parametrize(("kind", "stands"), [("drop_before", 0), ("drop_after", 1)])
def test_a_dropped_connection_gives_no_answer(chatwoot: SimulatedChatwoot, kind: str, stands: int) -> None:
    chatwoot.world.faults.add(kind)

    with pytest.raises(requests.ConnectionError):
        post(chatwoot)

    assert replies(chatwoot) == stands
    assert [seen.status for seen in chatwoot.requests] == [None]


def test_late_work_is_done_after_the_connection_broke(chatwoot: SimulatedChatwoot) -> None:
    chatwoot.world.faults.add("late", seconds=0.5)

    with pytest.raises(requests.ConnectionError):
        post(chatwoot)

    assert replies(chatwoot) == 0
    assert comes_true(lambda: replies(chatwoot) == 1)


def test_a_hanging_request_outlasts_the_client_and_still_works(chatwoot: SimulatedChatwoot) -> None:
    chatwoot.world.faults.add("hang", seconds=0.5)

    with pytest.raises(requests.Timeout):
        post(chatwoot, timeout=0.1)

    assert replies(chatwoot) == 0
    assert comes_true(lambda: replies(chatwoot) == 1)


def test_a_rate_limit_says_when_to_come_back(chatwoot: SimulatedChatwoot) -> None:
    chatwoot.world.faults.add("rate_limit", retry_after=7)

    answer = post(chatwoot)

    assert (answer.status_code, answer.headers["Retry-After"], replies(chatwoot)) == (429, "7", 0)


@pytest.mark.parametrize(("code", "work"), [(502, False), (502, True), (200, True)])
def test_a_proxy_answers_html(chatwoot: SimulatedChatwoot, code: int, work: bool) -> None:
    chatwoot.world.faults.add("html", code=code, work=work)

    answer = post(chatwoot)

    assert (answer.status_code, answer.headers["Content-Type"]) == (code, "text/html")
    assert replies(chatwoot) == int(work)


def test_a_422_can_follow_a_saved_message(chatwoot: SimulatedChatwoot) -> None:
    chatwoot.world.faults.add("save_then_422")

    assert post(chatwoot).status_code == 422
    assert replies(chatwoot) == 1


def test_an_answer_can_break_off(chatwoot: SimulatedChatwoot) -> None:
    chatwoot.world.faults.add("cut")

    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        post(chatwoot)

    assert replies(chatwoot) == 1


def test_a_fault_waits_for_its_method_and_path_and_is_used_up(chatwoot: SimulatedChatwoot) -> None:
    chatwoot.world.faults.add("status", method="POST", path=r"/messages$", times=2)

    codes = [profile(chatwoot).status_code, *(post(chatwoot).status_code for _ in range(3))]

    assert codes == [200, 500, 500, 200]


def test_faults_of_one_kind_are_cleared_without_the_others(chatwoot: SimulatedChatwoot) -> None:
    for kind in ("status", "rate_limit"):
        chatwoot.world.faults.add(kind, times=None)

    requests.delete(f"{chatwoot.url}/simulator/faults", json={"kind": "status"}, timeout=5)

    assert profile(chatwoot).status_code == 429


def read_contact(chatwoot: SimulatedChatwoot, contact: int) -> int:
    return requests.get(
        f"{chatwoot.url}/api/v1/accounts/1/contacts/{contact}",
        headers={"api_access_token": chatwoot.admin_token},
        timeout=5,
    ).status_code


def test_flaky_spoils_reads_only_and_repeatably(chatwoot: SimulatedChatwoot) -> None:
    def codes() -> list[int]:
        chatwoot.world.faults.flaky(0.5, seed=3)
        return [read_contact(chatwoot, contact) for contact in range(20)]

    first = codes()
    assert first == codes()
    spoilt = sum(code in (429, 500, 502, 503) for code in first)
    assert 0 < spoilt < 20
    assert {post(chatwoot).status_code for _ in range(5)} == {200}


def test_a_read_that_failed_by_chance_is_answered_ever_after(chatwoot: SimulatedChatwoot) -> None:
    chatwoot.world.faults.flaky(1.0)

    assert [profile(chatwoot).status_code == 200 for _ in range(4)] == [False, True, True, True]


def test_flaky_leaves_the_version_alone(chatwoot: SimulatedChatwoot) -> None:
    chatwoot.world.faults.flaky(1.0)

    assert requests.get(f"{chatwoot.url}/api", timeout=5).status_code == 200


def test_an_unknown_fault_is_refused(chatwoot: SimulatedChatwoot) -> None:
    with pytest.raises(ValueError, match="unknown fault"):
        chatwoot.world.faults.add("explode")


def test_a_connection_is_kept_for_the_next_request(chatwoot: SimulatedChatwoot) -> None:
    with requests.Session() as session:
        answers = [session.get(f"{chatwoot.url}/api", stream=True, timeout=5) for _ in range(2)]

    assert [answer.raw.version for answer in answers] == [11, 11]


def control(chatwoot: SimulatedChatwoot, verb: str, /, **body: Any) -> requests.Response:
    return requests.post(f"{chatwoot.url}/simulator/{verb}", json=body, timeout=5)


def test_faults_can_be_set_from_outside(chatwoot: SimulatedChatwoot) -> None:
    control(chatwoot, "faults", kind="drop_after", method="POST", path="/messages$")

    with pytest.raises(requests.ConnectionError):
        post(chatwoot)


def test_a_wrong_fault_from_outside_answers_422(chatwoot: SimulatedChatwoot) -> None:
    assert control(chatwoot, "faults", kind="explode").status_code == 422


def test_a_customer_can_write_from_outside(chatwoot: SimulatedChatwoot) -> None:
    answer = control(
        chatwoot,
        "customer-message",
        inbox_id=1,
        contact={"name": "Bo", "email": "bo@x.example"},
        content="Help",
        email={"cc": ["c@x.example"]},
    ).json()

    assert answer["content_attributes"]["email"]["cc"] == ["c@x.example"]


def test_the_desk_can_act_from_outside(chatwoot: SimulatedChatwoot) -> None:
    control(chatwoot, "do/set_status", conversation_id=1, status="resolved")

    assert chatwoot.world.conversation(1).status == "resolved"


def test_messages_from_outside_tell_who_got_them(chatwoot: SimulatedChatwoot) -> None:
    post(chatwoot)

    listed = requests.get(f"{chatwoot.url}/simulator/messages/1", timeout=5).json()["messages"]
    assert [m["delivered_to"] for m in listed] == [None, ["ann.lee@customer.example"]]


def test_the_log_shows_requests_and_webhooks() -> None:
    with SimulatedChatwoot() as chatwoot:
        chatwoot.world.register_webhook(f"{chatwoot.url}/nowhere", ["message_created"])
        chatwoot.world.customer_writes(content="Hello")
        assert chatwoot.wait_idle()
        profile(chatwoot)

        log = requests.get(f"{chatwoot.url}/simulator/log", timeout=5).json()

    assert [(entry["event"], entry["status"]) for entry in log["webhooks"]] == [("message_created", 404)]
    assert [(entry["path"], entry["status"]) for entry in log["requests"]] == [("/api/v1/profile", 200)]


def test_the_conversation_page_shows_the_reply_escaped(chatwoot: SimulatedChatwoot) -> None:
    chatwoot.world.agent_writes(conversation_id=1, content="Hi <script>alert(1)</script>")

    page = requests.get(f"{chatwoot.url}/app/accounts/1/conversations/1", timeout=5)

    assert "Hi &lt;script&gt;" in page.text
    assert "<script>" not in page.text


def test_the_first_page_links_every_conversation(chatwoot: SimulatedChatwoot) -> None:
    assert '<a href="/app/accounts/1/conversations/1">' in requests.get(chatwoot.url, timeout=5).text


def test_a_missing_page_answers_404(chatwoot: SimulatedChatwoot) -> None:
    assert requests.get(f"{chatwoot.url}/app/accounts/1/conversations/9", timeout=5).status_code == 404


def test_the_simulator_needs_no_django() -> None:
    probe = (
        "import sys, webhooks.simulator.server, webhooks.simulator.traffic; sys.exit('django' in sys.modules)"
    )

    assert subprocess.run([sys.executable, "-c", probe], cwd=ROOT).returncode == 0
