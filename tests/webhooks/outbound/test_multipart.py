"""A message with files: one form, in pieces, whose last byte never leaves after its time."""

import socket
import threading
import time
from collections.abc import Iterator

import pytest

from webhooks.errors import NotSent, Permanent, Unknown
from webhooks.outbound import chatwoot, multipart, pinned_dns
from webhooks.outbound.multipart import File
from webhooks.simulator import forms
from webhooks.simulator.server import SimulatedChatwoot

LINES = b"\r\n--\r\n\r\n" + bytes(range(256)) * 5000
FILE = File('a "b"; ü.pdf', "application/pdf", LINES)


@pytest.fixture
def server() -> Iterator[SimulatedChatwoot]:
    with SimulatedChatwoot(deliver=False) as running:
        running.world.customer_writes(content="Hello", contact="Ann Lee")
        yield running


@pytest.fixture
def client(server, settings) -> chatwoot.Client:
    settings.OUT_CALL_S = 0.4
    return chatwoot.Client(server.url, server.account_id, server.admin_token, internal=True)


def write(client: chatwoot.Client, *files: File) -> dict:
    return client.create_message(
        1, content="Hällo\r\n{", content_attributes={"support_reply": "7:1"}, recipients={"to_emails": "a@b.example"},
        files=files or [FILE],
    )  # fmt: skip


def test_the_body_comes_out_in_any_portions_and_counts_its_bytes():
    whole = [b"abc", b"", b"de", b"f" * 10]

    for portion in (1, 2, 3, 100, -1):
        body = multipart.Body([piece for piece in whole if piece], ends=time.monotonic() + 5)
        assert (len(body), body.left) == (15, False)
        assert b"".join(iter(lambda body=body, portion=portion: body.read(portion), b"")) == b"".join(whole)
        assert body.left


def test_a_form_is_what_rails_would_read():
    pieces, content_type = multipart.form(
        {"content": "Hällo", "content_attributes[m]": "1:2"}, [FILE], name="attachments[]"
    )

    fields, files = forms.read(b"".join(pieces), content_type)
    assert fields == {"content": "Hällo", "content_attributes": {"m": "1:2"}}
    assert files == [forms.File(FILE.name, FILE.content_type, FILE.content)]


def test_the_message_stands_there_with_its_marker_recipients_and_file(client, server):
    answer = write(client)

    message = server.world.message(answer["id"])
    assert message.content_attributes["support_reply"] == "7:1"
    assert message.delivered_to == ["a@b.example"]
    assert (message.content, message.private, message.source_id) == ("Hällo\r\n{", False, None)
    assert [one["file_size"] for one in answer["attachments"]] == [len(LINES)]


def test_a_public_form_says_nothing_of_private(client, server):
    """Chatwoot takes the text "false" for true where it writes a mail's body."""
    write(client)

    assert "private" not in server.requests[-1].request.body


@pytest.mark.parametrize(
    ("kind", "how", "expected"),
    [
        ("drop_before", {}, Unknown),
        ("drop_after", {}, Unknown),
        ("save_then_422", {}, Unknown),
        ("status", {"code": 413}, Permanent),
        ("status", {"code": 404}, Permanent),
        ("rate_limit", {}, NotSent),
    ],
)
def test_a_failed_upload_says_whether_it_can_have_happened(client, server, kind, how, expected):
    server.world.faults.add(kind, "POST", r"/messages$", **how)

    with pytest.raises(expected) as caught:
        write(client)
    assert type(caught.value) is expected


def test_without_a_connection_no_byte_of_a_file_has_left(client, server):
    server.stop()

    with pytest.raises(NotSent):
        write(client)


def test_a_large_file_has_the_time_that_it_needs(client, server, settings):
    settings.UPLOAD_BYTES_S = len(LINES) / 2  # another two seconds
    server.world.faults.add("hang", "POST", r"/messages$", seconds=0.2)

    assert chatwoot.upload_s(len(LINES)) == 2
    assert write(client)["id"]


@pytest.fixture
def slow() -> Iterator[tuple[str, list[bytes]]]:
    """A server that takes a body so slowly that nobody waits for it, and goes on taking."""
    listener, taken = socket.create_server(("127.0.0.1", 0)), []
    listener.settimeout(5)
    ending = threading.Event()

    def run() -> None:
        connection, _ = listener.accept()
        connection.settimeout(2)
        try:
            while not ending.is_set() and (data := connection.recv(64 * 1024)):
                taken.append(data)
                time.sleep(0.02)
        except OSError:
            pass
        taken.append(b"")  # the end
        connection.close()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{listener.getsockname()[1]}", taken
    ending.set()
    thread.join(5)
    listener.close()


def test_after_its_time_the_last_byte_of_an_upload_never_leaves(slow, settings):
    """Else it could arrive after somebody has looked for it in vain, and sent it again."""
    url, taken = slow
    settings.OUT_CALL_S, settings.UPLOAD_BYTES_S = 0.3, 2**30
    client = chatwoot.Client(url, 1, "token", internal=True)
    large = File("a.pdf", "application/pdf", b"x" * (12 * 2**20))

    with pytest.raises(Unknown):
        write(client, large)
    gave_up, ends = sum(map(len, taken)), time.monotonic() + 6
    while b"" not in taken and time.monotonic() < ends:
        time.sleep(0.05)

    after = sum(map(len, taken)) - gave_up
    assert b"" in taken, "the connection was closed"
    assert gave_up + after < len(large.content)
    assert after <= 4 * pinned_dns.MOST_UNDER_WAY + 2**20  # what the two systems kept of it
