"""The catalogs of translations are complete, in step with the code, and agree with each other."""

import ast
import os
import re
import shutil
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import polib
import pytest

pytestmark = pytest.mark.once
ROOT = Path(__file__).resolve().parents[1]
APPS = ("webhooks", "knowledge", "reports", "support_site")
LANGUAGES = ("de", "es", "pt_BR")
# %(name)s, %s, {name} and tags. A text without a word, such as "%(a)s · %(b)s", may stay as it is.
HELD = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w*\}|</?\w+[^<>]*>")
MARKS = re.compile(r"_|n?p?gettext(_lazy|_noop)?")

Key = tuple[str, str]
every_catalog = pytest.mark.parametrize(
    ("app", "language"), [(app, language) for app in APPS for language in LANGUAGES]
)


def catalog(app: str, language: str) -> polib.POFile:
    return polib.pofile(str(path_of(app, language)))


def path_of(app: str, language: str) -> Path:
    return ROOT / app / "locale" / language / "LC_MESSAGES" / "django.po"


def key(entry: polib.POEntry) -> Key:
    return entry.msgctxt or "", entry.msgid


def texts(entry: polib.POEntry) -> list[str]:
    return list(entry.msgstr_plural.values()) if entry.msgid_plural else [entry.msgstr]


@every_catalog
def test_no_text_is_left_untranslated(app, language):
    left = [
        entry.msgid
        for entry in catalog(app, language)
        if not all(texts(entry)) or entry.fuzzy or entry.obsolete
    ]

    assert left == []


@every_catalog
def test_every_placeholder_and_tag_is_in_the_translation_too(app, language):
    wrong = [text for entry in catalog(app, language) for text in texts(entry) if not holds(text, entry)]

    assert wrong == []


def holds(text: str, entry: polib.POEntry) -> bool:
    """One of a singular's placeholders, the number, may be left out: “the last call”."""
    wanted = sorted(HELD.findall(entry.msgid_plural or entry.msgid))
    found = sorted(HELD.findall(text))
    return found == wanted or (bool(entry.msgid_plural) and found == sorted(HELD.findall(entry.msgid)))


@every_catalog
def test_what_runs_is_what_was_written(app, language):
    """`make messages` compiles them."""
    compiled = polib.mofile(str(path_of(app, language).with_suffix(".mo")))

    assert {key(entry): texts(entry) for entry in compiled} == {
        key(entry): texts(entry) for entry in catalog(app, language)
    }


@pytest.mark.parametrize("language", LANGUAGES)
def test_one_text_has_one_translation(language):
    """Django takes the first app's for all of them: two meanings of one English word need a context (pgettext)."""
    found: dict[Key, set[str]] = defaultdict(set)
    for app in APPS:
        for entry in catalog(app, language):
            found[key(entry)].add(" | ".join(texts(entry)))

    assert {one: several for one, several in found.items() if len(several) > 1} == {}


@pytest.mark.parametrize("app", APPS)
def test_no_text_is_marked_inside_an_f_string(app):
    """Older xgettext does not look there, and newer does: catalogs would depend on the machine."""
    trees = {path: ast.parse(path.read_text()) for path in (ROOT / app).rglob("*.py")}
    outer = [
        (path, node)
        for path, tree in trees.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.JoinedStr)
    ]
    calls = [(path, inner) for path, node in outer for inner in ast.walk(node) if isinstance(inner, ast.Call)]

    marked = [f"{path}:{call.lineno}" for path, call in calls if MARKS.fullmatch(ast.unparse(call.func))]

    assert marked == []


@pytest.mark.slow
@pytest.mark.parametrize("app", APPS)
def test_every_text_of_the_code_is_in_the_catalogs(app, tmp_path):
    """And nothing that the code no longer has. `make messages` brings them up to date."""
    if shutil.which("xgettext") is None:
        pytest.skip("GNU gettext is not installed, which reads the texts from the code")
    copy = tmp_path / app
    kept = shutil.ignore_patterns("locale", "migrations", "static", "*.pyc")
    shutil.copytree(ROOT / app, copy, ignore=kept)
    (copy / "locale").mkdir()
    # The script, not `-m django`: that would look for modules in the app first, whose `queue` is not Python's.
    command = [
        str(Path(sys.executable).with_name("django-admin")),
        "makemessages",
        "--locale=de",
        "--verbosity=0",
    ]

    environment = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    subprocess.run(command, cwd=copy, env=environment, check=True, capture_output=True, text=True)

    extracted = {key(entry) for entry in polib.pofile(str(copy / "locale/de/LC_MESSAGES/django.po"))}
    for language in LANGUAGES:
        assert {key(entry) for entry in catalog(app, language)} == extracted
