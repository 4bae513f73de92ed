"""A rested upstream is seen where one looks, and Managers and Operators need not wait for its probe."""

import re

import pytest
from django.urls import reverse
from django.utils import timezone

from tests.factories import NOW, make_source
from tests.webhooks.deliveries.open_circuits import make_open_circuit, make_out
from tests.webhooks.people import PEOPLE, page_url, sign_in
from webhooks.models import Upstream
from webhooks.workers import monitors

pytestmark = [pytest.mark.django_db, pytest.mark.once]
REPLACED = "Chatwoot (acme): circuit open"


def shown(address: str, person: str = "Operator") -> str:
    return sign_in(person).get(address).content.decode()


def retry_now(upstream: Upstream, person: str):
    return sign_in(person).post(reverse("admin:webhooks_upstream_retry_now", args=[upstream.pk]), follow=True)


def test_it_stands_on_its_sources_page_with_a_way_to_try_now(seeded):
    upstream = make_open_circuit()

    page = shown(page_url(make_source(), "source"))

    assert f"<b>{REPLACED}</b>" in page
    assert reverse("admin:webhooks_upstream_retry_now", args=[upstream.pk]) in page


def test_a_source_that_answers_says_nothing_of_it(seeded):
    make_open_circuit(opened_at=None, probe_at=None)

    assert "circuit open" not in shown(page_url(make_source(), "source"))


def test_a_delivery_that_waits_for_it_says_so(seeded):
    make_open_circuit()

    assert f"<b>{REPLACED}</b>" in shown(page_url(make_out(), "outgoing"))


def test_it_stands_on_the_dashboard(seeded):
    make_open_circuit()
    monitors.check(now=NOW)

    assert "Chatwoot (acme): circuit open after 10 failures in a row" in shown(reverse("admin:index"))


def test_the_list_has_it(seeded):
    make_open_circuit()

    assert "Chatwoot answered 502." in shown(reverse("admin:webhooks_upstream_changelist"))


@pytest.mark.parametrize("person", PEOPLE)
def test_managers_and_operators_try_now(seeded, person):
    upstream = make_open_circuit()

    retry_now(upstream, person)

    upstream.refresh_from_db()
    assert (upstream.probe_at > NOW.replace(hour=10)) is (person in ("Manager", "Operator", "superuser"))


def test_what_is_not_rested_any_more_is_said_in_words(seeded):
    upstream = make_open_circuit(opened_at=None, probe_at=None)

    assert "The circuit is closed" in retry_now(upstream, "Operator").content.decode()


def test_a_try_that_is_due_is_not_said_to_have_been(seeded):
    make_open_circuit(probe_at=timezone.now())

    assert re.search(r"Next probe: <time[^>]*>now</time>\.", shown(page_url(make_source(), "source")))


def test_without_a_failure_the_list_says_that_none_was_met(seeded):
    assert "No failures so far" in shown(reverse("admin:webhooks_upstream_changelist"))
