"""An answer is read within a number of bytes and a time, whatever the other side sends."""

import gzip
import io
import time

import pytest
import requests
import responses
from urllib3 import HTTPResponse

from webhooks.errors import Permanent, Unknown
from webhooks.outbound import bounded, chatwoot
from webhooks.outbound.chatwoot import Client

URL = "https://chat.example.com"


class Endless(io.RawIOBase):
    """A body that never ends, a chunk each `pause` seconds."""

    def __init__(self, pause: float = 0.0) -> None:
        self.pause = pause

    def readable(self) -> bool:
        return True

    def read1(self, size: int = -1) -> bytes:
        time.sleep(self.pause)
        return b"x" * min(size, 1024)


def answered(body: io.IOBase, **headers: str) -> requests.Response:
    response = requests.Response()
    response.raw = HTTPResponse(body, headers=headers, preload_content=False, status=200)
    return response


def test_a_body_without_an_end_is_cut_by_its_bytes():
    with pytest.raises(bounded.TooLong):
        bounded.body(answered(Endless()), most=100_000, seconds=5)


def test_a_body_that_trickles_is_cut_by_the_clock():
    began = time.monotonic()

    with pytest.raises(requests.ReadTimeout):
        bounded.body(answered(Endless(pause=0.05)), most=10**9, seconds=0.2)

    assert time.monotonic() - began < 2


def test_a_packed_bomb_is_cut_by_what_it_unpacks_to():
    bomb = io.BytesIO(gzip.compress(b"\0" * 20_000_000))

    with pytest.raises(bounded.TooLong):
        bounded.body(answered(bomb, **{"content-encoding": "gzip"}), most=1_000_000, seconds=5)


def test_an_answer_within_the_bounds_is_whole():
    packed = io.BytesIO(gzip.compress(b"whole" * 100_000))

    assert (
        bounded.body(answered(packed, **{"content-encoding": "gzip"}), most=10**6, seconds=5)
        == b"whole" * 100_000
    )


@pytest.fixture
def client(settings, monkeypatch) -> Client:
    monkeypatch.setattr(chatwoot, "MOST_READ", 1000)
    monkeypatch.setattr(chatwoot, "MOST_WRITTEN", 1000)
    return Client(URL, 1, "token")


@responses.activate
def test_a_read_that_is_too_long_is_no_reason_to_ask_again(client):
    responses.get(f"{URL}/api/v1/profile", json={"name": "x" * 2000})

    with pytest.raises(Permanent, match="over 0 MiB"):
        client.profile()


@responses.activate
def test_a_write_whose_answer_is_too_long_may_have_been_done(client):
    responses.post(f"{URL}/api/v1/accounts/1/conversations/7/messages", json={"id": 1, "content": "x" * 2000})

    with pytest.raises(Unknown):
        client.create_note(7, content="Hi", content_attributes={})


@responses.activate
def test_a_list_of_messages_that_never_ends_is_given_up(client, monkeypatch):
    monkeypatch.setattr(chatwoot, "MOST_PAGES", 3)
    monkeypatch.setattr(chatwoot, "MOST_READ", 10**6)

    def page(request: requests.PreparedRequest) -> tuple[int, dict[str, str], str]:
        after = int(str(request.url).rpartition("=")[2])
        rows = ",".join(f'{{"id": {after + 1 + number}}}' for number in range(chatwoot.PAGE))
        return 200, {}, f'{{"payload": [{rows}]}}'

    responses.add_callback(responses.GET, f"{URL}/api/v1/accounts/1/conversations/7/messages", page)

    with pytest.raises(Permanent, match="over 300 messages"):
        client.messages_after(7, 1)
    assert len(responses.calls) == 3
