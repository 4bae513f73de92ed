"""The list of words that must not come back: what it finds, where it looks, and how a place is excused."""

import pytest
from django.conf import settings

from support_site.documents import words

LISTED, EXCUSED = words.read(
    "# a comment\n"
    "reckon* | calculate | archaic\n"
    "is told, are told | is notified | unclear\n"
    "allow | docs/old.md | reckon* | a quotation\n"
)


def found(path: str, text: str) -> list[tuple[int, str]]:
    return [(place.line, place.text) for place in words.find(path, text, LISTED, EXCUSED)]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("webhooks/a.py", 'x = "It is reckoned."'),
        ("webhooks/a.py", '"""It is\ntold."""'),
        ("webhooks/a.py", "x = 1  # Reckon it"),
        ("webhooks/a.py", 'f"{x} are told"'),
        ("reports/templates/reports/a.html", "<p>It is reckoned</p>"),
        ("reports/templates/reports/a.html", "<p>{% translate \"It is reckoned\" %}</p>"),
        ("docs/pages.md", "It is **told** so, or are told."),
    ],
)  # fmt: skip
def test_a_listed_word_is_found_in_what_people_read(path, text):
    assert found(path, text)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("webhooks/a.py", "reckon = told(is_told)"),
        ("webhooks/a.py", 'x = "dead-reckoning-like and unreckoned"'),
        ("reports/templates/reports/a.html", "<p>{{ reckoned }}{% reckon %}</p>"),
        ("docs/pages.md", "The command `reckon` and [it](reckon.md)"),
        ("docs/old.md", "They reckon so."),
    ],
)
def test_names_in_code_other_words_and_excused_places_are_left_alone(path, text):
    assert found(path, text) == []


def test_a_place_is_named_by_its_line():
    assert found("docs/pages.md", "One.\n```\nreckon\n```\nWe reckon.\n") == [(5, "reckon")]
    assert found("webhooks/a.py", '"""One.\n\nWe reckon.\n"""\n') == [(3, "reckon")]


@pytest.mark.parametrize("line", ["reckon", "reckon | calculate", "reckon | | why", "allow | a.md | reckon"])
def test_a_line_of_another_form_is_refused_with_its_number(line):
    with pytest.raises(ValueError, match=r"words\.txt:1: write “pattern"):
        words.read(line)


def test_no_listed_word_is_in_the_project(capsys):
    assert words.main() == 0, capsys.readouterr().out


def test_every_excused_place_is_still_there():
    _, excused = words.read((settings.BASE_DIR / words.LIST).read_text())

    assert [path for path, _ in excused if not (settings.BASE_DIR / path).is_file()] == []
