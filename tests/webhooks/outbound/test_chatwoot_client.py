"""The API client against a misbehaving Chatwoot: each call ends in time, and says whether anything can have happened."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import requests

from webhooks.errors import DeliveryError, NotSent, Permanent, Retryable, Unknown
from webhooks.outbound import chatwoot
from webhooks.simulator.server import SimulatedChatwoot


@pytest.fixture
def server() -> Iterator[SimulatedChatwoot]:
    with SimulatedChatwoot(deliver=False) as running:
        running.world.customer_writes(content="Hello", contact="Ann Lee")
        yield running


@pytest.fixture
def client(server, settings, monkeypatch) -> chatwoot.Client:
    settings.OUT_CALL_S = 0.4
    monkeypatch.setattr(chatwoot, "READ_DEADLINE_S", 0.4)
    return chatwoot.Client(server.url, server.account_id, server.admin_token, internal=True)


def write(client: chatwoot.Client) -> int:
    return client.create_message(1, content="Hi", content_attributes={"support_reply": "1:1"}, recipients={})


def read(client: chatwoot.Client) -> dict[str, Any]:
    return client.conversation(1)


def failure(call: Callable[[], Any]) -> DeliveryError:
    with pytest.raises(DeliveryError) as caught:
        call()
    return caught.value


def sent(server: SimulatedChatwoot) -> int:
    return sum(message.message_type == "outgoing" for message in server.world.messages_of(1))


def test_a_write_answers_the_message_as_it_stands_there(client, server):
    number = write(client)["id"]

    message = server.world.message(number)
    assert (message.content, message.private, message.source_id) == ("Hi", False, None)
    assert message.content_attributes == {"support_reply": "1:1"}


def test_without_a_connection_surely_nothing_was_sent(client, server):
    server.stop()

    assert type(failure(lambda: write(client))) is NotSent


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:1", "http://no-such-host.invalid"], ids=["refused", "no such host"]
)
def test_an_address_where_nobody_is_is_not_sent(client, url):
    client.base_url = url

    assert type(failure(lambda: write(client))) is NotSent


def test_a_server_that_speaks_no_tls_is_not_sent(client, server):
    client.base_url = server.url.replace("http:", "https:")

    assert type(failure(lambda: write(client))) is NotSent


WRITES = {
    "dropped before the work": (("drop_before", {}), Unknown, None),
    "dropped after the work": (("drop_after", {}), Unknown, None),
    "hangs": (("hang", {"seconds": 2.0}), Unknown, None),
    "cut in the middle": (("cut", {}), Unknown, None),
    "500": (("status", {"code": 500}), Unknown, 500),
    "503": (("status", {"code": 503}), Unknown, 503),
    "a proxy's page": (("html", {"code": 502}), Unknown, 502),
    "a proxy's page that says 200": (("html", {"code": 200}), Unknown, 200),
    "422 after saving": (("save_then_422", {}), Unknown, 422),
    "422": (("status", {"code": 422}), Unknown, 422),
    "slow down": (("rate_limit", {}), NotSent, 429),
    "refused token": (("status", {"code": 401}), Permanent, 401),
    "forbidden": (("status", {"code": 403}), Permanent, 403),
    "gone": (("status", {"code": 404}), Permanent, 404),
    "moved": (("status", {"code": 302}), Permanent, 302),
    "an answer without an id": (("status", {"code": 200, "body": {}}), Unknown, 200),
    "an answer that is a list": (("status", {"code": 200, "body": []}), Unknown, 200),
}


@pytest.mark.parametrize("case", WRITES)
def test_a_failed_write_says_whether_it_can_have_happened(client, server, case):
    (kind, how), expected, status = WRITES[case]
    server.world.faults.add(kind, "POST", r"/messages$", **how)

    error = failure(lambda: write(client))

    assert (type(error), error.http_status) == (expected, status)


READS = {
    "dropped": (("drop_before", {}), Retryable),
    "hangs": (("hang", {"seconds": 2.0}), Retryable),
    "cut in the middle": (("cut", {}), Retryable),
    "500": (("status", {"code": 500}), Retryable),
    "a proxy's page": (("html", {"code": 502}), Retryable),
    "a proxy's page that says 200": (("html", {"code": 200}), Retryable),
    "slow down": (("rate_limit", {}), Retryable),
    "a list": (("status", {"code": 200, "body": []}), Retryable),
    "refused token": (("status", {"code": 401}), Permanent),
    "gone": (("status", {"code": 404}), Permanent),
}


@pytest.mark.parametrize("case", READS)
def test_a_failed_read_is_tried_again_unless_it_cannot_help(client, server, case):
    (kind, how), expected = READS[case]
    server.world.faults.add(kind, "GET", **how)

    assert type(failure(lambda: read(client))) is expected


@pytest.mark.parametrize(
    ("given", "seconds"),
    [(7, 7.0), (None, None), ("Wed, 21 Oct 2026 07:28:00 GMT", 0.0), ("²", None), ("-1", None)],
)
@pytest.mark.parametrize("call", [read, write])
def test_retry_after_is_taken_in_seconds_and_as_a_date(client, server, call, given, seconds):
    server.world.faults.add("rate_limit", retry_after=given)

    assert failure(lambda: call(client)).retry_after == seconds


def test_nothing_is_tried_twice_by_itself(client, server):
    server.world.faults.add("drop_before", times=None)

    failure(lambda: write(client))
    failure(lambda: read(client))

    assert len(server.requests) == 2


@pytest.fixture
def watched(client, monkeypatch) -> chatwoot.Client:
    """A client whose reads a person waits for."""
    monkeypatch.setattr(chatwoot, "TRY_AGAIN_S", 0.01)
    return chatwoot.Client(client.base_url, client.account_id, client.token, internal=True, watched=True)


@pytest.mark.parametrize(
    ("kind", "how"), [("status", {"code": 503}), ("html", {}), ("rate_limit", {"retry_after": None})]
)
def test_a_read_that_a_person_waits_for_survives_two_temporary_errors(watched, server, kind, how):
    server.world.faults.add(kind, "GET", times=2, **how)

    assert read(watched)["id"] == 1


@pytest.mark.parametrize(
    ("kind", "how", "tries"),
    [("status", {"code": 503}, 3), ("status", {"code": 401}, 1), ("drop_before", {}, 1),
     ("rate_limit", {"retry_after": 7}, 1)],
)  # fmt: skip
def test_a_person_hears_of_a_lasting_error_soon(watched, server, kind, how, tries):
    server.world.faults.add(kind, "GET", times=None, **how)

    failure(lambda: read(watched))

    assert len(server.requests) == tries


def test_a_write_is_never_repeated_for_the_person_who_waits(watched, server):
    server.world.faults.add("status", "POST", times=None, code=503)

    failure(lambda: write(watched))

    assert len(server.requests) == 1


def trickling() -> Iterator[str]:
    """A server that sends a byte of its answer now and then, so that no socket ever waits for long."""
    listening = socket.create_server(("127.0.0.1", 0))
    stop = threading.Event()

    def serve() -> None:
        connected, _ = listening.accept()
        connected.recv(65536)
        connected.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        while not stop.wait(0.05):
            try:
                connected.sendall(b" ")
            except OSError:
                return

    threading.Thread(target=serve, daemon=True).start()
    yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    stop.set()
    listening.close()


trickling_server = pytest.fixture(trickling)


@pytest.mark.parametrize(("call", "expected"), [(read, Retryable), (write, Unknown)], ids=["read", "write"])
def test_a_trickling_answer_ends_at_the_wall_clocks_deadline(client, trickling_server, call, expected):
    client.base_url = trickling_server
    began = time.monotonic()

    error = failure(lambda: call(client))

    assert type(error) is expected
    assert time.monotonic() - began < 1.5


def test_messages_are_read_to_the_end(client, server):
    for number in range(250):
        server.world.now = lambda number=number: 1_800_000_000.0 + number * 10
        server.world.customer_writes(content=str(number), conversation_id=1)
    known = [message.id for message in server.world.messages_of(1)]

    found = client.messages_after(1, known[0])

    assert [row["id"] for row in found] == known[1:]


def test_a_page_that_fails_fails_the_whole_read(client, server):
    for number in range(120):
        server.world.now = lambda number=number: 1_800_000_000.0 + number * 10
        server.world.customer_writes(content=str(number), conversation_id=1)
    server.world.faults.add(
        "status", "GET", times=1, code=200, body={"payload": [{"id": n} for n in range(2, 102)]}
    )
    server.world.faults.add("status", "GET", times=1, code=500)

    assert type(failure(lambda: client.messages_after(1, 1))) is Retryable


def test_one_message_is_read_or_none(client, server):
    number = server.world.messages_of(1)[0].id

    assert client.message(1, number)["content"] == "Hello"
    assert client.message(1, number + 99) is None


@pytest.mark.parametrize("status", [401, 404, 500])
def test_an_error_carries_no_token(client, server, status):
    server.world.faults.add("status", code=status)

    assert server.admin_token not in str(failure(lambda: read(client)))


@pytest.mark.parametrize(
    "said", ["", "soon", "Fri, 31 Dec 9999 23:59:59 GMT", "Mon, 23 Nov 99999 09:00:00 GMT"]
)
def test_a_date_that_no_clock_shows_is_none(said):
    assert chatwoot._date(response(said)) is None


@pytest.mark.parametrize("zone", ["GMT", "-0000", "+0000"])
def test_a_date_is_in_utc_however_it_says_so(zone):
    assert chatwoot._date(response(f"Mon, 24 Nov 2025 09:00:00 {zone}")) == datetime(
        2025, 11, 24, 9, tzinfo=UTC
    )


def response(date: str) -> requests.Response:
    made = requests.Response()
    made.headers["Date"] = date
    return made
