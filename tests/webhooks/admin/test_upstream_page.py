"""A rested party is seen where one looks, and Managers and Operators need not wait for its probe."""

import re

import pytest
from django.urls import reverse
from django.utils import timezone

from tests.factories import NOW, make_source
from tests.webhooks.deliveries.open_circuits import make_out, make_rested
from tests.webhooks.people import PEOPLE, page_url, sign_in
from webhooks.models import Party
from webhooks.workers import monitors

pytestmark = [pytest.mark.django_db, pytest.mark.once]
SAID = "Chatwoot of acme is rested"


def shown(address: str, person: str = "Operator") -> str:
    return sign_in(person).get(address).content.decode()


def try_now(party: Party, person: str):
    return sign_in(person).post(reverse("admin:webhooks_party_try_now", args=[party.pk]), follow=True)


def test_it_stands_on_its_sources_page_with_a_way_to_try_now(seeded):
    party = make_rested()

    page = shown(page_url(make_source(), "source"))

    assert f"<b>{SAID}</b>" in page
    assert reverse("admin:webhooks_party_try_now", args=[party.pk]) in page


def test_a_source_that_answers_says_nothing_of_it(seeded):
    make_rested(rested_at=None, probe_at=None)

    assert "is rested" not in shown(page_url(make_source(), "source"))


def test_a_delivery_that_waits_for_it_says_so(seeded):
    make_rested()

    assert f"<b>{SAID}</b>" in shown(page_url(make_out(), "outgoing"))


def test_it_stands_on_the_dashboard(seeded):
    make_rested()
    monitors.check(now=NOW)

    assert "Chatwoot of acme failed 10 times in a row" in shown(reverse("admin:index"))


def test_the_list_has_it(seeded):
    make_rested()

    assert "Chatwoot answered 502." in shown(reverse("admin:webhooks_party_changelist"))


@pytest.mark.parametrize("person", PEOPLE)
def test_managers_and_operators_try_now(seeded, person):
    party = make_rested()

    try_now(party, person)

    party.refresh_from_db()
    assert (party.probe_at > NOW.replace(hour=10)) is (person in ("Manager", "Operator", "superuser"))


def test_what_is_not_rested_any_more_is_said_in_words(seeded):
    party = make_rested(rested_at=None, probe_at=None)

    assert "It is not rested any more" in try_now(party, "Operator").content.decode()


def test_a_try_that_is_due_is_not_said_to_have_been(seeded):
    make_rested(probe_at=timezone.now())

    assert re.search(r"Next try: <time[^>]*>just now</time>\.", shown(page_url(make_source(), "source")))


def test_without_a_failure_the_list_says_that_none_was_met(seeded):
    assert "Nobody has failed yet" in shown(reverse("admin:webhooks_party_changelist"))
