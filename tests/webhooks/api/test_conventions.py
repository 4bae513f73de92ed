"""Every error of the API is a machine code and a human detail, whoever notices it."""

import subprocess
import sys

import pytest
from django.test import Client

from tests.factories import make_client, make_user
from webhooks.api.deliveries import DeliveryViewSet

pytestmark = [pytest.mark.django_db, pytest.mark.once]


def test_a_body_nested_too_deeply_is_the_senders_mistake(seeded):
    api = make_client(make_user("mia", "Manager"))

    answer = api.post("/api/v1/calendars/", "[" * 100_000, content_type="application/json")

    assert (answer.status_code, answer.json()["code"]) == (400, "parse_error")


def test_a_bug_is_told_to_programs_in_their_own_form(monkeypatch):
    monkeypatch.setattr(DeliveryViewSet, "initial", lambda *args, **kwargs: 1 / 0)

    answer = Client(raise_request_exception=False).get("/api/v1/deliveries/")

    assert (answer.status_code, answer.json()["code"]) == (500, "server_error")


def test_a_host_that_is_not_ours_is_refused_in_json():
    answer = Client().get("/api/v1/deliveries/", headers={"host": "elsewhere.example"})

    assert (answer.status_code, answer.json()["code"]) == (400, "bad_request")


def test_people_keep_their_own_error_pages():
    answer = Client().get("/admin/", headers={"host": "elsewhere.example"})

    assert answer.status_code == 400
    assert "html" in answer["Content-Type"]


def test_the_site_starts_whichever_of_its_modules_is_imported_first():
    """Each in a process of its own, which has Django set up already."""
    code = """
import importlib, os, sys
import django
django.setup()
for first in ("webhooks.api.conventions", "webhooks.receiver.views", "rest_framework.views"):
    if not (child := os.fork()):
        importlib.import_module(first)
        importlib.import_module("support_site.urls")
        os._exit(0)
    if os.waitpid(child, 0)[1]:
        sys.exit(first)
"""

    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, timeout=60)
