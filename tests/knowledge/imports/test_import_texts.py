"""What an import says is kept in English, and read in the language of the page, with its place and its facts."""

import ast
from pathlib import Path

import pytest
from django.urls import reverse
from django.utils import translation

from knowledge.imports import csv_file, runs, texts
from knowledge.imports.found import CannotRead
from knowledge.models import ImportRun
from tests.factories import NOW, make_lead
from tests.knowledge.admin.pressing import signed_in
from tests.knowledge.imports.importing import work
from tests.knowledge.imports.test_files import BAD, GOOD, read, zipped

pytestmark = pytest.mark.django_db
FOLDER = Path(runs.__file__).parent
LANGUAGES = ("de", "es", "pt-br")


def in_german(text: str) -> str:
    with translation.override("de"):
        return texts.shown(text)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", BAD)
def test_what_is_wrong_with_a_file_is_shown_in_the_language_of_the_page(kind, language):
    (bad,) = [one for one in read({"a.md": GOOD, "bad.md": BAD[kind][0]}) if one.problem]

    with translation.override(language):
        assert texts.shown(bad.text) != bad.text
    with translation.override("en"):
        assert texts.shown(bad.text) == bad.text


@pytest.mark.parametrize(
    ("kept", "said"),
    [
        ("bad.md, line 1: Give the article a body.", "bad.md, Zeile 1: Geben Sie dem Artikel dieses Feld: Antwort."),
        ("line 5: it has 4 columns; the header has 3.", "Zeile 5: Die Zeile hat 4 Spalten, die Kopfzeile hat 3."),
        ("a: b.md: its path leads out of the folder.", "a: b.md: Der Pfad führt aus dem Ordner hinaus."),
        (
            "b.md, line 1: the slug refund is already used by a.md, line 1.",
            "b.md, Zeile 1: Der Slug refund ist schon vergeben: a.md, Zeile 1.",
        ),
        (
            "line 2: Give the article a title. Give the article a body.",
            "Zeile 2: Geben Sie dem Artikel dieses Feld: Titel. Geben Sie dem Artikel dieses Feld: Antwort.",
        ),
        (
            "The help centre could not be read. Chatwoot answered 502.",
            "Das Hilfecenter ließ sich nicht lesen. Chatwoot antwortete mit 502.",
        ),
        (
            "CSV file a.csv lists no articles, but 1,200 came from it. Nothing was changed.",
            "CSV-Datei a.csv führt keine Artikel auf, aber 1.200 stammen daher. Nichts wurde geändert.",
        ),
        ("Line 1: what nobody says", "Line 1: what nobody says"),
        ("", ""),
    ],
)  # fmt: skip
def test_a_problem_keeps_its_place_and_its_facts(kept, said):
    assert in_german(kept) == said


@pytest.mark.parametrize("data", [b"a,b\n1,2\n", b"\xff\xfe\xfa", b'title,body\n"a', b"title,body\na\0,b\n"])
def test_what_is_no_csv_is_said_in_the_language_of_the_page(data):
    try:
        said = [one.text for one in csv_file.read(data, language="en") if one.problem]
    except CannotRead as error:
        said = [str(error)]

    assert said
    assert [one for one in said if in_german(one) == one] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_sentence_is_left_out(language):
    with translation.override(language):
        same = [
            one
            for one in (*texts.PROBLEMS.templates, *texts.PLACES.templates)
            if translation.gettext(one) == one
        ]

    assert same == []


def test_an_import_says_nothing_that_is_no_sentence_here():
    """A literal would stay English on every page."""
    calls = [
        (path.name, call)
        for path in FOLDER.glob("*.py")
        for call in ast.walk(ast.parse(path.read_text()))
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name)
    ]
    problems = [
        (name, value)
        for name, call in calls
        for value in (
            *(call.args[:1] if call.func.id in ("CannotRead", "Misread") else ()),
            *(word.value for word in call.keywords if call.func.id == "Found" and word.arg == "problem"),
        )
    ]

    assert len(problems) > 20
    assert [
        f"{name}:{value.lineno}" for name, value in problems if any(map(_is_words, ast.walk(value)))
    ] == []


def _is_words(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str) and " " in node.value.strip()


def test_the_page_of_a_run_says_it_in_german():
    lead = make_lead()
    run = runs.start(
        kind=ImportRun.Kind.MARKDOWN, name="a.zip", by=lead, upload=zipped({"bad.md": "Text"}), now=NOW
    )
    failed = runs.start(kind=ImportRun.Kind.MARKDOWN, name="b.zip", by=lead, upload=b"no zip", now=NOW)
    for one in (run, failed):
        work(one)

    said = [
        signed_in(lead)
        .get(reverse("admin:knowledge_importrun_change", args=[one.pk]), headers={"accept-language": "de"})
        .content.decode()
        for one in (run, failed)
    ]

    assert "bad.md, Zeile 1: Geben Sie dem Artikel dieses Feld: Titel." in said[0]
    assert "Das ist keine ZIP-Datei, oder sie ist beschädigt." in said[1]
    listed = signed_in(lead).get(
        reverse("admin:knowledge_importrun_changelist"), headers={"accept-language": "de"}
    )
    assert "Das ist keine ZIP-Datei, oder sie ist beschädigt." in listed.content.decode()


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("nonsense", "Only http and https URLs"),
        ("ftp://shop.test/a", "Only http and https URLs"),
        ("https://ann@shop.test/", "must not contain a user name or a password"),
        ("https://shop.test:x/", "not a URL"),
    ],
)
def test_an_address_that_can_never_be_called_is_refused_before_it_is_kept(url, said):
    answer = signed_in(make_lead()).post(
        reverse("admin:knowledge_importrun_add"),
        {"kind": "page", "url": url, "language": "en", "repeat": "0"},
    )

    assert said in answer.content.decode()
    assert answer.status_code == 400
    assert not ImportRun.objects.exists()
