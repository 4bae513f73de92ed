"""Why there is a change or no draft is kept in English, and read in the language of the page. API and files keep the English."""

import re

import pytest
from django.urls import reverse
from django.utils import translation

from knowledge.articles import change_notes, changes
from knowledge.drafting import drafting_texts
from knowledge.models import Change, draft_texts
from tests.factories import NOW, make_article, make_lead
from tests.knowledge.admin.pressing import signed_in

KEPT = {
    "change": (change_notes.NOTES, change_notes.shown),
    "figures": (change_notes.FIGURES, change_notes.FIGURES.shown),
    "drafting": (drafting_texts.KEPT, drafting_texts.shown),
    "history": (draft_texts.KEPT, draft_texts.shown),
}
FACTS = {
    "n": "7", "days": "28", "most": "4,000", "before": "62.5 %", "after": "9 %", "n_before": "1,200", "n_after": "30",
    "points": "12", "day": "3 Nov 2026", "measure": "accepted", "run": "CSV file a.csv", "people": "Ann and Bob",
    "figures": "accepted fell from 62.5 % (n = 40) to 9 % (n = 30)", "second": "It is empty.", "first": "It is empty.",
}  # fmt: skip
SENTENCES = [(name, template) for name, (texts, _) in KEPT.items() for template in texts.templates]


def kept(name: str, template: str) -> str:
    facts = FACTS | ({"before": "1"} if name == "change" else {})
    return template % {one: facts.get(one, "refunds") for one in re.findall(r"%\((\w+)\)s", template)}


@pytest.mark.parametrize(("name", "template"), SENTENCES)
def test_each_sentence_is_shown_in_each_language_of_the_pages(name, template):
    text, shown = kept(name, template), KEPT[name][1]

    for language in ("de", "es", "pt-br"):
        with translation.override(language):
            assert (language, shown(text)) != (language, text)
    with translation.override("en-gb"):
        assert shown(text) == text


@pytest.mark.parametrize(
    ("shown", "text", "said"),
    [
        (change_notes.shown, "Imported: CSV file a.csv.", "Importiert: CSV-Datei a.csv."),
        (change_notes.shown, "From answers of Ann and Bob.", "Aus Antworten von Ann und Bob."),
        (
            change_notes.shown,
            "refund has been newer than version 1 since 3 Oct 2026, and nobody decided for 28 days.",
            "refund ist seit 3. Okt. 2026 neuer als Version 1, und 28 Tage lang hat niemand entschieden.",
        ),
        (
            change_notes.shown,
            "“Refunds”, version 2: accepted fell from 62.5 % (n = 1,200) to 9 % (n = 30), 12 points more than the other "
            "articles; edit ratio fell from 1 % (n = 40) to 0 % (n = 30). A change that restores version 1 is ready.",
            "„Refunds“, Version 2: Angenommen: von 62,5 % (n = 1.200) auf 9 % (n = 30) gefallen, 12 Punkte mehr als bei den "
            "anderen Artikeln; Bearbeitungsanteil: von 1 % (n = 40) auf 0 % (n = 30) gefallen. Eine Änderung, die Version 1 "
            "wiederherstellt, liegt bereit.",
        ),
        (
            drafting_texts.shown,
            "No draft: no approved article fits the customer's message.",
            "Kein freigegebener Artikel passt zur Nachricht des Kunden.",
        ),
        (
            drafting_texts.shown,
            "the model's answer could not be read (It is empty.), and the second request failed: It is empty.",
            "Die Antwort des Modells war nicht lesbar (Sie ist leer.), und die zweite Anfrage schlug fehl: Sie ist leer.",
        ),
        (change_notes.shown, "Our lawyer asked for it.", "Our lawyer asked for it."),
        (draft_texts.shown, "", ""),
        (draft_texts.why, "Replaced by draft 1537.", "Ersetzt durch Entwurf 1537."),
        (draft_texts.why, "Replaced by its author.", "Vom Verfasser ersetzt."),
        (draft_texts.why, "", ""),
    ],
)  # fmt: skip
def test_facts_are_put_into_the_translation_and_words_of_people_are_not_touched(shown, text, said):
    with translation.override("de"):
        assert shown(text) == said


@pytest.mark.django_db
def test_a_change_says_why_in_german_and_the_api_as_it_is_kept():
    lead = make_lead()
    article = make_article()
    change = changes.roll_back(article, to=0, by=lead, now=NOW, note=change_notes.RESTORES % {"n": 1})

    page = signed_in(lead).get(
        reverse("admin:knowledge_change_change", args=[change.pk]), headers={"accept-language": "de"}
    )
    monday = signed_in(lead).get(reverse("admin:knowledge_change_monday"), headers={"accept-language": "de"})

    assert "Stellt Version 1 wieder her." in page.content.decode()
    assert "Stellt Version 1 wieder her." in monday.content.decode()
    assert Change.objects.get(pk=change.pk).note == "Restores version 1."
