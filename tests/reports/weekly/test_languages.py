"""The weekly report is saved in English and read in its reader's language; mail goes out in the site's."""

import json

import pytest
from django.utils import translation

from reports.clocks import clocks
from reports.models import WeeklyRecipient, WeeklyReport
from reports.weekly import export, languages, notifications, pdf
from tests.factories import make_inbox
from tests.reports.clocks.test_clocks import hear, wrote
from tests.reports.weekly.test_notifications import monday
from tests.reports.weekly.test_pdf import text_of
from tests.reports.weekly.week_48 import LATER, kept

pytestmark = pytest.mark.django_db
HEADLINE = "Week 48: first response 0 % met (n = 1), 0 escalations, 1 action item"
GERMAN = "Woche 48: erste Antwort zu 0 % eingehalten (n = 1), 0 Eskalationen, 1 offener Punkt"


@pytest.fixture(autouse=True)
def _desk(seeded) -> None:
    make_inbox()


@pytest.fixture
def saved() -> dict:
    hear(wrote())
    clocks.sweep(now=LATER)
    with translation.override("de"):
        return kept()


def test_a_week_that_is_saved_from_a_german_page_is_saved_in_english(saved):
    stored = WeeklyReport.objects.get().snapshot

    assert (stored["headline"], stored["needs_you"][0]["what"]) == (
        HEADLINE, "1 customer is overdue for an answer: who replies?",
    )  # fmt: skip
    assert list(stored["why_missed"]) == ["unassigned"]


@pytest.mark.once
def test_its_sentences_are_made_again_in_the_reader_s_language(saved):
    with translation.override("de"):
        read = languages.translated(saved)

    assert (read["headline"], read["needs_you"][0]["what"]) == (
        GERMAN,
        "1 Kunde wartet schon zu lange: Wer antwortet?",
    )
    assert read["text"] == [
        "Neue Konversationen: 1, über dem Bereich der letzten acht Wochen (0).",
        "Häufigste Ursache verfehlter Ziele: nicht zugewiesen (2 von 2).",
    ]
    assert {name: value for name, value in read.items() if saved[name] != value}.keys() == {
        "headline",
        "text",
        "needs_you",
    }


@pytest.mark.once
def test_in_english_it_stays_as_it_was_saved(saved):
    saved["headline"] = "As it was worded then"

    assert languages.translated(saved) == saved


@pytest.mark.once
def test_a_week_from_before_a_figure_existed_is_read_without_it(saved):
    saved["needs_you"] = [{"what": "1 alert is open: who fixes it?", "where": "/admin/"}]
    saved["usual"] = {"opened": [3, 4], "north_star": [0.5, 0.6]}
    del saved["north_star"], saved["running"]

    with translation.override("de"):
        read = languages.translated(saved)

    assert read["needs_you"] == saved["needs_you"]
    assert read["text"][0] == "Neue Konversationen: 1, unter dem Bereich der letzten acht Wochen (3 bis 4)."


@pytest.mark.parametrize(("language", "title"), [
    ("de", "SLA-Erfüllung"), ("es", "Cumplimiento del SLA"), ("pt-br", "Cumprimento do SLA"),
])  # fmt: skip
def test_the_files_are_in_the_reader_s_language(saved, language, title):
    with translation.override(language):
        read = languages.translated(saved)
        markdown, printed = export.markdown(read), text_of(pdf.rendered(read))

    assert f"## {title}" in markdown
    assert title in printed
    assert read["headline"] in printed


@pytest.mark.parametrize(("site", "reader", "subject"), [("de", "es", GERMAN), ("en-gb", "de", HEADLINE)])
def test_an_address_gets_the_report_in_the_site_s_language(settings, mailoutbox, site, reader, subject):
    settings.LANGUAGE_CODE = site
    WeeklyRecipient.objects.create(name="Mia", address="mia@example.com")
    hear(wrote())

    with translation.override(reader):
        monday()

    assert mailoutbox[0].subject == subject
    assert f'<html lang="{site}">' in mailoutbox[0].alternatives[0].content
    assert subject in mailoutbox[0].body


@pytest.mark.once
def test_a_chat_gets_its_headings_in_the_language_of_the_report(saved):
    with translation.override("pt-br"):
        posted = json.dumps(notifications.blocks(languages.translated(saved)), ensure_ascii=False)

    assert "*Metas cumpridas*" in posted
    assert "Targets met" not in posted
