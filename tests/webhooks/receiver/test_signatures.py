"""Which secret signed a body, and which refusals there are. Pure."""

import hashlib
import hmac

import pytest

from tests.factories import NOW
from webhooks.receiver import signatures

BODY = b'{"event": "message_created", "content": "Gr\\u00fc\xc3\x9fe"}'
T = str(int(NOW.timestamp()))


def verify(
    body: bytes = BODY,
    *,
    timestamp: str = T,
    signature: str | None = None,
    secrets=("one",),
    window_s: int = 300,
) -> int:
    given = signatures.sign(body, secret="one", timestamp=timestamp) if signature is None else signature
    return signatures.verify(
        body, timestamp=timestamp, signature=given, secrets=secrets, now=NOW, window_s=window_s
    )


def refusal(**arguments) -> str:
    with pytest.raises(signatures.Rejected) as caught:
        verify(**arguments)
    return caught.value.code


def test_the_formula_is_chatwoots():
    digest = hmac.new(b"one", T.encode() + b"." + BODY, hashlib.sha256).hexdigest()

    assert signatures.sign(BODY, secret="one", timestamp=T) == f"sha256={digest}"


@pytest.mark.parametrize(
    ("secrets", "index"),
    [(("one",), 0), (("old", "one"), 1), (("one", "one"), 0)],
    ids=["alone", "second", "twice"],
)
def test_the_secret_that_signed_is_named(secrets, index):
    assert verify(secrets=secrets) == index


AGES = {"now": 0, "at the window's edge": 300, "from a clock ahead": -300}


@pytest.mark.parametrize("age", AGES.values(), ids=AGES)
def test_a_timestamp_within_the_window_is_taken(age):
    assert verify(timestamp=str(int(NOW.timestamp()) - age)) == 0


STALE = {
    "a second too old": str(int(NOW.timestamp()) - 301),
    "a second too new": str(int(NOW.timestamp()) + 301),
    "arabic digits": "١٧٦٤",
    "a superscript": "²",
    "an exponent": "1e9",
    "a fraction": T + ".0",
    "negative": "-" + T,
    "signed": "+" + T,
    "an underscore": T[:5] + "_" + T[5:],
    "white space": " " + T,
    "the right one with a thousand digits after it": T + "0" * 1000,
    "a hundred thousand digits": "9" * 100_000,
    "words": "soon",
    "NUL": T + "\0",
}


@pytest.mark.parametrize("timestamp", STALE.values(), ids=STALE)
def test_a_signed_timestamp_that_is_no_recent_number_is_stale(timestamp):
    assert refusal(timestamp=timestamp) == "timestamp_stale"


FORGED = {
    "of another body": {"signature": signatures.sign(BODY + b" ", secret="one", timestamp=T)},
    "of another moment": {"signature": signatures.sign(BODY, secret="one", timestamp=str(int(T) + 1))},
    "by another secret": {"secrets": ("two",)},
    "where no secret is known": {"secrets": ()},
    "of the body alone": {"signature": "sha256=" + hmac.new(b"one", BODY, hashlib.sha256).hexdigest()},
    "without its prefix": {"signature": signatures.sign(BODY, secret="one", timestamp=T)[7:]},
    "in capitals": {"signature": signatures.sign(BODY, secret="one", timestamp=T).upper()},
    "not even ASCII": {"signature": "sha256=ü"},
    "of lone surrogates": {"signature": "sha256=\ud800"},
    "of ten thousand bytes": {"signature": "a" * 10_000},
}


@pytest.mark.parametrize("arguments", FORGED.values(), ids=FORGED)
def test_a_signature_that_does_not_fit_is_a_mismatch(arguments):
    assert refusal(**arguments) == "signature_mismatch"


@pytest.mark.parametrize(
    "arguments", [{"timestamp": ""}, {"signature": ""}], ids=["no timestamp", "no signature"]
)
def test_a_missing_header_is_said_to_be_missing(arguments):
    assert refusal(**arguments) == "signature_missing"


def test_an_unsigned_old_timestamp_tells_nothing_of_our_clock():
    assert refusal(timestamp="1", signature="sha256=0") == "signature_mismatch"
