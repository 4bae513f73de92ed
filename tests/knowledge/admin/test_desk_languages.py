"""The desk speaks its reader's language; programs, and what is kept for everybody, stay English."""

import pytest
from django.test import Client
from django.utils import translation

from knowledge.models import Draft, DraftEvent
from tests.factories import GRADES, make_client, make_draft, make_lead
from tests.knowledge.admin.pressing import at, press, reread, signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.once]
REASON = {"de": "Geben Sie einen Grund an.", "es": "Indique un motivo.", "pt-br": "Informe um motivo."}


def reading(language: str, user) -> Client:
    client = signed_in(user)
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = language
    return client


@pytest.mark.parametrize("language", REASON)
def test_a_refusal_is_in_the_language_of_the_page(seeded, language):
    page = press(reading(language, make_lead()), make_draft(), "reject", **GRADES).content.decode()

    assert REASON[language] in page


def test_the_same_refusal_is_english_for_a_program(seeded):
    draft, lead = make_draft(), make_lead()

    answer = make_client(lead).post(
        f"/api/v1/drafts/{draft.pk}/reject/",
        {"revision": 1} | GRADES,
        format="json",
        HTTP_ACCEPT_LANGUAGE="de",
    )

    assert answer.json()["detail"] == "Give a reason. It helps to improve the articles."


def test_a_history_is_kept_in_english_and_read_in_its_readers_language(seeded):
    draft = make_draft()
    press(reading("de", make_lead()), draft, "reject", note="Falsch.", **GRADES)

    kept = DraftEvent.objects.filter(draft=draft).values_list("action", flat=True)
    shown = reading("de", make_lead("lena")).get(at(draft, "audit")).content.decode()

    assert set(kept) == {"proposed", "rejected"}
    assert ">Vorgeschlagen</td>" in shown
    assert ">Abgelehnt</td>" in shown


def test_why_a_draft_was_stopped_is_kept_in_english(seeded):
    draft = make_draft()
    with translation.override("de"):
        Draft.objects.filter(pk=draft.pk).update(status="STALE", why="The customer wrote again.")

        assert reread(draft).why == "The customer wrote again."
        assert reread(draft).why_shown == "Der Kunde hat wieder geschrieben."


def test_what_a_person_wrote_stays_as_it_is():
    with translation.override("de"):
        assert Draft(why="Ordered twice.").why_shown == "Ordered twice."
