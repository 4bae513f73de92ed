"""The receiver's answers (design, section 7) and that it keeps what it answered 2xx or 400 for."""

import json
from datetime import timedelta
from io import BytesIO

import pytest
from django.core.handlers.wsgi import WSGIRequest
from django.db import InterfaceError, OperationalError, connection
from django.http import HttpRequest
from django.test import Client
from django.utils import timezone

from tests.factories import SECRET, make_source, message_event, signed
from webhooks.models import Delivery, Rejection, SourceSecret
from webhooks.receiver.views import TooLarge, read_body

pytestmark = pytest.mark.django_db
PATH = "/webhooks/chatwoot/acme/"


@pytest.fixture(autouse=True)
def source():
    return make_source()


def post(payload=None, path: str = PATH, **headers):
    return Client(raise_request_exception=False).post(
        path, **signed(message_event() if payload is None else payload) | headers
    )


def test_a_signed_event_is_accepted_and_kept():
    answer = post()

    row = Delivery.objects.get()
    assert (answer.status_code, answer.json()) == (200, {"status": "accepted", "id": row.pk})
    assert (row.status, row.event, row.conversation_id, row.message_id) == (
        "PENDING",
        "message_created",
        7,
        100,
    )


def test_a_retry_by_chatwoot_is_a_duplicate_though_its_timestamp_and_signature_are_new():
    event, now = message_event(), timezone.now().timestamp()
    first = Client().post(PATH, **signed(event, key="one", at=now - 30)).json()

    again = Client().post(PATH, **signed(event, key="one", at=now))

    assert again.json() == {"status": "duplicate", "id": first["id"]}
    assert Delivery.objects.count() == 1


def test_the_same_delivery_id_is_a_duplicate_of_the_kept_row():
    arguments = signed(message_event(), key="once")
    first = Client().post(PATH, **arguments).json()

    again = Client().post(PATH, **arguments)

    assert (again.status_code, again.json()) == (200, {"status": "duplicate", "id": first["id"]})
    assert Delivery.objects.count() == 1


def test_the_same_delivery_id_at_another_source_is_another_event():
    make_source("other")
    arguments = signed(message_event(), key="once")

    answers = [
        Client().post(f"/webhooks/chatwoot/{slug}/", **arguments).json()["status"]
        for slug in ("acme", "other")
    ]

    assert answers == ["accepted", "accepted"]


def test_without_a_delivery_id_each_post_is_its_own():
    arguments = {
        name: value for name, value in signed(message_event()).items() if name != "HTTP_X_CHATWOOT_DELIVERY"
    }

    answers = [Client().post(PATH, **arguments).json()["status"] for _ in range(2)]

    assert answers == ["accepted", "accepted"]


REFUSED = {
    "no signature": ({"HTTP_X_CHATWOOT_SIGNATURE": ""}, "signature_missing"),
    "no timestamp": ({"HTTP_X_CHATWOOT_TIMESTAMP": ""}, "signature_missing"),
    "a wrong signature": ({"HTTP_X_CHATWOOT_SIGNATURE": "sha256=" + "0" * 64}, "signature_mismatch"),
    "another body": ({"data": b'{"event": "forged"}'}, "signature_mismatch"),
    "an old timestamp": (signed(message_event(), at=1.0e9), "timestamp_stale"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_we_cannot_trust_is_refused_and_not_kept(case):
    changed, code = REFUSED[case]

    answer = post(**changed)

    assert (answer.status_code, answer.json()["error"]) == (401, code)
    assert answer.json()["detail"]
    assert not Delivery.objects.filter(direction="IN").exists()


def test_an_unknown_source_is_404():
    answer = post(path="/webhooks/chatwoot/nobody/")

    assert (answer.status_code, answer.json()["error"]) == (404, "unknown_source")


@pytest.mark.parametrize("method", ["get", "put", "patch", "delete"])
def test_other_methods_are_405(method):
    assert getattr(Client(), method)(PATH).status_code == 405


def test_a_body_over_the_limit_is_413_and_one_at_the_limit_is_not(settings):
    body = json.dumps(message_event()).encode()

    settings.WEBHOOK_MAX_BYTES = len(body) - 1
    assert (post(body).status_code, post(body).json()["error"]) == (413, "too_large")

    settings.WEBHOOK_MAX_BYTES = len(body)
    assert post(body).status_code == 200


def test_a_body_over_the_limit_stands_among_the_refused(settings):
    settings.WEBHOOK_MAX_BYTES = 10

    post()

    assert Rejection.objects.get().code == "too_large"


def test_a_body_that_ends_early_is_not_taken_for_one_with_a_wrong_signature(monkeypatch):
    def cut(request):
        return read_body(
            WSGIRequest({"REQUEST_METHOD": "POST", "wsgi.input": BytesIO(b"{"), "CONTENT_LENGTH": "9"})
        )

    monkeypatch.setattr("webhooks.receiver.views.read_body", cut)

    answer = post()

    assert (answer.status_code, answer.json()["error"]) == (400, "cut_short")
    assert not Rejection.objects.exists()


def test_the_address_without_its_last_slash_is_the_same_address():
    assert post(path=PATH.rstrip("/")).json()["status"] == "accepted"


def test_a_body_over_djangos_own_limit_is_taken():
    assert post(message_event(content="x" * 3_000_000)).status_code == 200


@pytest.mark.parametrize("length", ["", "abc", "-1", "²"], ids=["none", "words", "negative", "a superscript"])
def test_an_odd_content_length_is_no_5xx(length):
    assert post(CONTENT_LENGTH=length).status_code in (200, 401)


def test_the_body_is_kept_byte_for_byte():
    body = (
        b'{ "event":"message_created",\r\n "content":"a \\u0026 b \xc3\xa9 \\u0000", "n": 1.50, "n": 2 } \n'
    )

    post(body)

    assert bytes(Delivery.objects.get().body) == body


NOT_EVENTS = {
    "empty": b"",
    "not JSON": b"event=message_created",
    "half of it": b'{"event": "message_',
    "invalid UTF-8": b'{"event": "\xff\xfe"}',
    "NUL bytes": b"\0" * 100,
    "a list": b'[{"event": "message_created"}]',
    "null": b"null",
    "a number": b"3",
    "a text": b'"message_created"',
    "nested 100,000 deep": b"[" * 100_000 + b"]" * 100_000,
    "an object nested 100,000 deep": b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
    "an integer of 10,000 digits": b'{"event": "message_created", "id": ' + b"9" * 10_000 + b"}",
}


@pytest.mark.parametrize("body", NOT_EVENTS.values(), ids=NOT_EVENTS)
@pytest.mark.every_row
def test_signed_but_no_event_is_400_and_kept_dead(body):
    answer = post(body)

    row = Delivery.objects.get()
    assert (answer.status_code, answer.json()["error"], answer.json()["id"]) == (400, "not_an_event", row.pk)
    assert (row.status, row.next_attempt_at, bytes(row.body)) == ("DEAD", None, body)
    assert row.last_error


HEADERS = {
    "a delivery id with a NUL": {"HTTP_X_CHATWOOT_DELIVERY": "a\0b"},
    "a delivery id of NUL alone": {"HTTP_X_CHATWOOT_DELIVERY": "\0"},
    "a delivery id of 10 kB": {"HTTP_X_CHATWOOT_DELIVERY": "x" * 10_000},
    "a delivery id in latin-1": {"HTTP_X_CHATWOOT_DELIVERY": "\xff\xfe"},
    "a user agent with a NUL": {"HTTP_USER_AGENT": "a\0b"},
    "a user agent of 10 kB": {"HTTP_USER_AGENT": "x" * 10_000},
    "an odd content type": {"CONTENT_TYPE": "text/\xff; charset=none"},
    "another content type": {"content_type": "multipart/form-data; boundary=x"},
    "asks for HTML": {"HTTP_ACCEPT": "text/html"},
    "asks for nonsense": {"HTTP_ACCEPT": "\0;;q=x"},
    "says it is gzip": {"HTTP_CONTENT_ENCODING": "gzip"},
}


@pytest.mark.parametrize("headers", HEADERS.values(), ids=HEADERS)
@pytest.mark.every_row
def test_odd_headers_lose_no_event(headers):
    answer = post(**headers)

    assert (answer.status_code, answer.json()["status"]) == (200, "accepted")


def test_an_odd_query_loses_no_event():
    assert post(path=PATH + "?format=xml").status_code == 200


def test_a_body_in_chunks_is_read_to_its_end(settings):
    def chunked(body: bytes) -> HttpRequest:  # as gunicorn hands it over
        return WSGIRequest(
            {"REQUEST_METHOD": "POST", "wsgi.input": BytesIO(body), "wsgi.input_terminated": True}
        )

    settings.WEBHOOK_MAX_BYTES = 10
    assert read_body(chunked(b"0123456789")) == b"0123456789"
    with pytest.raises(TooLarge):
        read_body(chunked(b"0123456789a"))


@pytest.mark.parametrize("error", [OperationalError, InterfaceError])
@pytest.mark.parametrize("statement", ["SELECT", "INSERT"])
def test_without_a_database_the_event_is_spooled(error, statement):
    def broken(execute, sql, *rest):
        if sql.startswith(statement):
            raise error("gone")
        return execute(sql, *rest)

    with connection.execute_wrapper(broken):
        answer = post()

    assert (answer.status_code, answer.json()) == (200, {"status": "spooled"})
    assert not Delivery.objects.exists()


def test_two_long_delivery_ids_that_begin_alike_are_two_events():
    answers = [post(HTTP_X_CHATWOOT_DELIVERY="x" * 300 + end).json()["status"] for end in "ab"]

    assert answers == ["accepted", "accepted"]


def test_during_a_rotation_both_secrets_sign(source):
    SourceSecret.objects.create(source=source, secret="the new secret")

    answers = [
        Client().post(PATH, **signed(message_event(), secret=one)).status_code
        for one in (SECRET, "the new secret")
    ]

    assert answers == [200, 200]


@pytest.mark.parametrize(("hours", "status"), [(-1, 401), (1, 200)], ids=["expired", "not yet"])
def test_a_secret_signs_until_it_expires(source, hours, status):
    source.secrets.update(expires_at=timezone.now() + timedelta(hours=hours))

    assert post().status_code == status


def test_another_sources_secret_does_not_sign():
    make_source("other", secret="the other secret")

    assert Client().post(PATH, **signed(message_event(), secret="the other secret")).status_code == 401


def test_a_secret_that_was_added_a_moment_ago_signs(source):
    post()  # its secrets are remembered now
    SourceSecret.objects.create(source=source, secret="the new secret")

    assert Client().post(PATH, **signed(message_event(), secret="the new secret")).status_code == 200


def test_a_source_that_was_made_a_moment_ago_receives():
    post()
    make_source("brand-new")

    assert post(path="/webhooks/chatwoot/brand-new/").status_code == 200


def test_the_secret_that_matched_is_noted(source):
    old = SourceSecret.objects.create(source=source, secret="the old secret")
    before = timezone.now()

    post()

    used = source.secrets.exclude(pk=old.pk).get()
    assert used.last_matched_at >= before
    assert source.secrets.get(pk=old.pk).last_matched_at is None


def test_an_unsigned_source_is_opened_by_the_token_of_its_path_alone(source):
    source.unsigned_token = "unguessable"
    source.save()
    unsigned = {"data": json.dumps(message_event()), "content_type": "application/json"}

    answers = [Client().post(PATH + end, **unsigned).status_code for end in ("unguessable/", "guessed/", "")]

    assert answers == [200, 404, 401]


def test_no_token_opens_a_source_that_is_signed():
    unsigned = {"data": json.dumps(message_event()), "content_type": "application/json"}

    assert Client().post(PATH + "anything/", **unsigned).status_code == 404


def test_receiving_does_no_other_work(django_assert_max_num_queries):
    post()  # what is known of the sources, and which secret is in use, is read and noted once

    with django_assert_max_num_queries(3):  # savepoint, insert, release; outside a test the insert alone
        post()
