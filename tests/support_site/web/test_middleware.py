"""A webhook takes the fast path and gets the same errors as any other program."""

import pytest
from django.test import Client

from tests.factories import make_source, message_event, signed

pytestmark = [pytest.mark.django_db, pytest.mark.once]
PATH = "/webhooks/chatwoot/acme/"


@pytest.fixture
def answer():
    make_source()
    return Client().post(PATH, **signed(message_event()))


def test_an_answer_to_a_webhook_says_that_no_browser_may_use_it(answer):
    assert answer["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'"
    assert answer["X-Content-Type-Options"] == "nosniff"


def test_an_answer_to_a_webhook_says_how_long_it_is(answer):
    assert answer["Content-Length"] == str(len(answer.content))


def test_a_webhook_is_not_refused_for_its_host(settings):
    settings.ALLOWED_HOSTS = ["support.example.com"]
    make_source()

    answer = Client().post(PATH, **signed(message_event()), HTTP_HOST="10.0.0.7:8000")

    assert answer.status_code == 200


def test_an_address_that_is_no_webhooks_goes_the_way_of_pages():
    answer = Client().post("/webhooks/elsewhere/")

    assert answer.status_code == 404


@pytest.mark.parametrize("path", ["/admin/login/", "/api/v1/queue/"])
def test_every_other_path_keeps_to_the_hosts_it_is_meant_for(settings, path):
    settings.ALLOWED_HOSTS = ["support.example.com"]

    assert Client().get(path, HTTP_HOST="elsewhere.example").status_code == 400


@pytest.mark.parametrize(
    ("peer", "secure"),
    [("10.0.0.5", True), ("10.0.1.7", True), ("10.0.0.6", False), ("203.0.113.9", False), ("", False)],
)
def test_only_a_proxy_of_ours_is_believed_that_its_caller_spoke_https(settings, peer, secure):
    settings.TRUSTED_PROXIES = ["10.0.0.5", "10.0.1.0/24"]
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    settings.SECURE_SSL_REDIRECT = True

    answer = Client().get("/admin/login/", REMOTE_ADDR=peer, HTTP_X_FORWARDED_PROTO="https")

    assert (answer.status_code == 200) is secure


def test_a_webhook_of_anybody_is_not_redirected(settings):
    settings.TRUSTED_PROXIES, settings.SECURE_SSL_REDIRECT = ["10.0.0.5"], True
    make_source()

    assert Client().post(PATH, **signed(message_event()), REMOTE_ADDR="203.0.113.9").status_code == 200


def test_pages_are_compressed_and_what_programs_read_is_not():
    asks = {"Accept-Encoding": "gzip"}

    assert Client().get("/admin/login/", headers=asks).get("Content-Encoding") == "gzip"
    assert "Content-Encoding" not in Client().get("/api/v1/schema/", headers=asks)
