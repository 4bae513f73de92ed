"""When a request is complete: told from its bytes alone, however they are cut, and in agreement with gunicorn's parser."""

import pytest
from gunicorn.config import Config
from gunicorn.http.parser import RequestParser
from hypothesis import given
from hypothesis import strategies as st

from support_site.web.request_bytes import MOST_CHUNK_LINE, MOST_HEAD, RequestBytes

MOST, MOST_WEBHOOK = 1000, 100
POST = b"POST / HTTP/1.1\r\nHost: here\r\n"
CHUNKED = POST + b"Transfer-Encoding: chunked\r\n\r\n"
WHOLE = {
    "no body": b"GET / HTTP/1.1\r\nHost: here\r\n\r\n",
    "an empty body": POST + b"Content-Length: 0\r\n\r\n",
    "a body": POST + b"Content-Length: 5\r\n\r\nhello",
    "a name in capitals": POST + b"CONTENT-LENGTH:5\r\n\r\nhello",
    "blank lines in a body": POST + b"Content-Length: 8\r\n\r\n\r\n\r\n\r\n\r\n",
    "chunks": CHUNKED + b"5\r\nhello\r\nA;name=value\r\n0123456789\r\n0\r\n\r\n",
    "a chunk like an end": CHUNKED + b"7\r\n0\r\n\r\n\r\n\r\n0\r\n\r\n",
    "trailers": CHUNKED + b"1\r\nx\r\n0\r\nA: b\r\nC: d\r\n\r\n",
    "no chunks": CHUNKED + b"0\r\n\r\n",
}


def fed(*pieces: bytes) -> RequestBytes:
    request = RequestBytes(most_body=MOST, most_webhook=MOST_WEBHOOK)
    for piece in pieces:
        request.feed(piece)
    return request


@pytest.mark.parametrize("whole", WHOLE.values(), ids=WHOLE)
def test_a_request_is_complete_at_its_last_byte_and_not_before(whole):
    request = fed()

    decided = []
    for at in range(len(whole)):
        request.feed(whole[at : at + 1])
        decided.append(request.decided)

    assert decided == [False] * (len(whole) - 1) + [True]
    assert request.complete
    assert not request.refused


@given(
    whole=st.sampled_from(list(WHOLE.values())),
    cuts=st.lists(st.integers(1, 120)),
    more=st.binary(max_size=9),
)
def test_what_comes_after_it_belongs_to_the_next_request(whole, cuts, more):
    data, cuts = whole + more, sorted({0, *(cut for cut in cuts if cut < len(whole))})

    request = fed(*(data[a:b] for a, b in zip(cuts, [*cuts[1:], len(data)], strict=True)))

    assert request.complete
    assert b"".join(request.pieces()) == whole
    assert request.next_request() == more


@pytest.mark.parametrize("whole", WHOLE.values(), ids=WHOLE)
def test_gunicorn_reads_all_of_a_complete_request_and_finds_nothing_missing(whole):
    parser = RequestParser(Config(), fed(whole).pieces(), ("127.0.0.1", 1))

    next(parser).body.read()

    assert parser.unreader.take_buffered() == b""
    assert parser.finish_body()


TOO_LONG = {
    "a length that is too long": POST + b"Content-Length: 1001\r\n\r\n",
    "a head without an end": b"GET / HTTP/1.1\r\nA: " + b"x" * (MOST_HEAD + 10),
    "a head that ends too late": b"GET / HTTP/1.1\r\nA: " + b"x" * (MOST_HEAD + 10) + b"\r\n\r\n",
    "one long chunk": CHUNKED + b"FFFFFF\r\n" + b"x" * (MOST + 3),
    "many short chunks": CHUNKED + b"1\r\nx\r\n" * (MOST + 1),
    "a chunk without a length": CHUNKED + b"\r\n",
    "a length that is no number": CHUNKED + b"zz\r\n",
    "a negative length": CHUNKED + b"-5\r\n\r\nPOST / HTTP/1.1\r\n" + b"x" * 70_000,
    "a line of lengths without an end": CHUNKED + b"1" * (MOST_CHUNK_LINE + 2),
    "trailers without an end": CHUNKED + b"0\r\n" + b"A: b\r\n" * 20_000,
}


@pytest.mark.parametrize("data", TOO_LONG.values(), ids=TOO_LONG)
def test_a_request_that_is_too_long_or_malformed_is_not_waited_for(data):
    assert fed(*(data[at : at + 5000] for at in range(0, len(data), 5000))).refused


def test_a_body_in_chunks_that_is_too_long_is_too_long_for_its_reader_too():
    request = fed(CHUNKED, *([b"64\r\n" + b"x" * 100 + b"\r\n"] * 11))
    assert request.refused

    body = next(RequestParser(Config(), request.pieces(), ("127.0.0.1", 1))).body

    assert len(body.read(MOST + 1)) == MOST + 1


def test_a_body_of_exactly_the_limit_is_waited_for():
    assert not fed(POST + b"Content-Length: 1000\r\n\r\n", b"x" * 999).decided


@pytest.mark.parametrize(
    ("head", "signed", "asks"),
    [
        (b"X-Chatwoot-Signature: a", True, False),
        (b"Expect: 100-continue", False, True),
        (b"X-Other: a", False, False),
    ],
)
def test_a_head_says_whether_it_is_signed_and_whether_its_sender_waits_for_a_word(head, signed, asks):
    request = fed(POST + head + b"\r\nContent-Length: 9\r\n\r\n")

    assert (request.signed, request.asks_to_go_on) == (signed, asks)


@pytest.mark.parametrize(
    ("path", "refused"), [("/webhooks/chatwoot/acme/", True), ("/admin/knowledge/draft/1/attach/", False)]
)
@pytest.mark.parametrize("body", ["Content-Length: 110\r\n\r\n", "Transfer-Encoding: chunked\r\n\r\n6e\r\n"])
def test_a_webhook_has_a_limit_of_its_own(path, refused, body):
    request = fed(f"POST {path} HTTP/1.1\r\nHost: here\r\n{body}".encode(), b"x" * 110)

    assert request.refused is refused
