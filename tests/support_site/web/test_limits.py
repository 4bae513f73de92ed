"""Limits on request size and rate apply everywhere except to webhooks."""

import pytest
from django.test import Client, RequestFactory

from tests.factories import make_client, make_source, make_user, message_event, signed
from webhooks.accounts import rate_limits

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("path", ["/api/v1/drafts/", "/admin/login/"])
def test_a_large_body_is_refused_wherever_no_webhook_arrives(settings, path):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000

    answer = Client().post(path, b"x" * 1001, content_type="application/json")

    assert answer.status_code == 413


def test_a_large_webhook_is_taken(settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    make_source()

    assert (
        Client().post("/webhooks/chatwoot/acme/", **signed(message_event(content="x" * 2000))).status_code
        == 200
    )


def test_a_token_that_calls_too_often_learns_when_to_retry(settings):
    settings.API_PER_MINUTE = 2
    client = make_client(make_user("maria", "Lead"))

    answers = [client.get("/api/v1/drafts/") for _ in range(3)]

    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert int(answers[-1]["Retry-After"]) <= 60
    assert answers[-1].json()["code"] == "throttled"


def test_another_token_is_counted_apart(settings):
    settings.API_PER_MINUTE = 1
    make_client(maria := make_user("maria", "Lead")).get("/api/v1/drafts/")

    assert make_client(maria).get("/api/v1/drafts/").status_code == 200


def test_webhooks_are_never_too_many(settings):
    settings.API_PER_MINUTE = 1
    make_source()

    answers = [
        Client().post("/webhooks/chatwoot/acme/", **signed(message_event(100 + number)))
        for number in range(4)
    ]

    assert [answer.status_code for answer in answers] == [200] * 4


# proxies that are trusted | who connects | whom it says it asks for | whose request it is
VISITORS = [
    ([], "203.0.113.5", "1.2.3.4", "203.0.113.5"),
    (["10.0.0.0/8"], "203.0.113.5", "1.2.3.4", "203.0.113.5"),
    (["10.0.0.0/8"], "10.0.0.1", "203.0.113.5", "203.0.113.5"),
    (["10.0.0.0/8"], "10.0.0.1", "1.2.3.4, 203.0.113.5, 10.0.0.2", "203.0.113.5"),
    (["10.0.0.0/8"], "10.0.0.1", "", "10.0.0.1"),
    (["unix", "10.0.0.1"], "10.0.0.1", "203.0.113.5:80", "10.0.0.1"),
]


@pytest.mark.once
@pytest.mark.parametrize(("proxies", "connected", "told", "expected"), VISITORS)
def test_only_a_trusted_proxy_is_believed_about_whom_it_asks_for(
    settings, proxies, connected, told, expected
):
    settings.TRUSTED_PROXIES = proxies
    headers = {"HTTP_X_FORWARDED_FOR": told} if told else {}

    assert rate_limits.address(RequestFactory().get("/", REMOTE_ADDR=connected, **headers)) == expected


@pytest.mark.parametrize(
    "cursor", ["bz05OTk5OTk5OTk5OSZwPXg=", "cD1hYmM=", "cD05OTk5OTk5OTk5OTk5OTk5OTk5OTk5OQ=="]
)
def test_a_cursor_that_nobody_was_given_is_not_found(cursor):
    answer = make_client(make_user("maria", "Lead")).get("/api/v1/drafts/", {"cursor": cursor})

    assert answer.status_code == 404
