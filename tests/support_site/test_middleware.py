"""A webhook goes the short way, and is told what any other machine is told."""

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
