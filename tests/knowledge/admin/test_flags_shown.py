"""Pages say in their reader's language why a reply is flagged; what is kept, and the API, stay English."""

import pytest
from django.urls import reverse

from knowledge.models import Draft, DraftEvent, RiskRule
from tests.factories import make_client, make_draft, make_lead
from tests.knowledge.admin.pressing import at, seen
from tests.knowledge.admin.test_desk_languages import reading
from tests.knowledge.replies.deciding import approve

pytestmark = [pytest.mark.django_db, pytest.mark.once]
ENGLISH = "Mentions an amount of 500, above 100."
GERMAN = "Nennt einen Betrag von 500, mehr als 100."


@pytest.fixture
def flagged(seeded) -> Draft:
    RiskRule.objects.all().delete()
    RiskRule.objects.create(name="Refunds", kind="refund", number=100, second_person=True)
    return make_draft(text="We refund you €500.")


def test_the_drafts_page_says_why_in_its_readers_language(flagged):
    page = seen(reading("de", make_lead()), flagged)

    assert f"<b>Refunds:</b> {GERMAN}" in page
    assert ENGLISH not in page


def test_the_queue_says_why_in_its_readers_language(flagged):
    page = reading("de", make_lead()).get(reverse("admin:knowledge_draft_queue")).content.decode()

    assert f'title="Refunds: {GERMAN} "' in page
    assert ENGLISH not in page


def test_the_history_says_in_its_readers_language_why_a_second_person_looks(flagged):
    approve(flagged)

    page = reading("de", make_lead("lena")).get(at(flagged, "audit")).content.decode()

    assert GERMAN in page
    assert DraftEvent.objects.get(draft=flagged, action="first look").detail == ENGLISH


def test_what_is_kept_and_what_a_program_reads_stay_english(flagged):
    answer = make_client(make_lead()).get(f"/api/v1/drafts/{flagged.pk}/", HTTP_ACCEPT_LANGUAGE="de")

    assert Draft.objects.get().risk[0]["reason"] == ENGLISH
    assert answer.json()["risk"][0]["reason"] == ENGLISH


def test_what_a_flag_quotes_is_no_markup(flagged):
    Draft.objects.update(
        risk=[{"rule": "Words", "reason": "The customer says “<b>sue</b>”.", "second_person": False}]
    )

    page = seen(reading("de", make_lead()), flagged)

    assert "Der Kunde schreibt „&lt;b&gt;sue&lt;/b&gt;“." in page
