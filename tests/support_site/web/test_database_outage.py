"""Pages while the database is down: a plain answer at once, as a page or as JSON."""

import pytest
from django.db import OperationalError, connection
from django.test import Client

from tests.factories import make_user
from webhooks.database import outage

pytestmark = pytest.mark.django_db


@pytest.fixture
def away():
    def broken(*args):
        raise OperationalError("gone")

    with connection.execute_wrapper(broken):
        yield


@pytest.fixture
def admin() -> Client:
    client = Client()
    client.force_login(make_user("boss", is_superuser=True))
    return client


def test_a_page_says_so_and_tries_again_by_itself(admin, away):
    answer = admin.get("/admin/")

    assert (answer.status_code, answer["Refresh"], answer["Retry-After"]) == (503, "10", "10")
    assert b"The database does not answer" in answer.content


def test_an_api_says_so_in_json(away):
    answer = Client().get("/api/v1/deliveries/", HTTP_AUTHORIZATION="Token abc")

    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")


def test_nobody_waits_for_a_database_that_is_known_to_be_down(admin):
    outage.report(OperationalError())

    answer = admin.get("/admin/")

    assert answer.status_code == 503


def test_a_form_that_was_sent_is_not_sent_again_by_itself(admin):
    outage.report(OperationalError())

    assert "Refresh" not in admin.post("/admin/")


def test_a_trouble_of_one_request_alone_is_no_outage(admin):
    failed = []

    def once(execute, *rest):
        if not failed:
            failed.append(1)
            raise OperationalError("deadlock detected")
        return execute(*rest)

    admin.raise_request_exception = False
    with connection.execute_wrapper(once):
        answer = admin.get("/admin/")

    assert answer.status_code == 500
    assert not outage.is_known()


def test_an_unknown_path_of_the_api_is_answered_in_json():
    answer = Client().get("/api/v1/nothing/")

    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
