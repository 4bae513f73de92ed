"""A browser keeps a static file for a year, and never an old one."""

import re
from pathlib import Path

import pytest
from django.templatetags.static import static
from django.test import Client

from support_site.web import static_files

pytestmark = [pytest.mark.django_db, pytest.mark.once]
NAME = "support/site.css"


def cached(address: str) -> str:
    return Client().get(address)["Cache-Control"]


@pytest.fixture
def released(monkeypatch):
    """A release replaces the file."""

    def replace() -> None:
        static_files.version.cache_clear()
        monkeypatch.setattr(Path, "read_bytes", lambda self: b"/* the next release's */")

    yield replace
    monkeypatch.undo()
    static_files.version.cache_clear()


def test_the_file_of_an_address_with_its_version_is_kept_for_a_year():
    assert cached(static(NAME)) == "max-age=31536000, public, immutable"


@pytest.mark.parametrize("query", ["", "?v=", "?v=0123456789ab", "?v=%00"])
def test_any_other_version_is_asked_for_again_after_a_minute(query):
    assert cached(f"/static/{NAME}{query}") == "max-age=60, public"


def test_another_content_has_another_address(released):
    before = static(NAME)
    released()

    assert static(NAME) != before


def test_an_older_release_gives_its_own_file_to_a_page_of_the_newer_one_for_a_minute_only(released):
    older = static(NAME)
    released()

    assert cached(older) == "max-age=60, public"


def test_a_page_names_the_version_of_each_of_its_files():
    page = Client().get("/admin/login/").content.decode()
    named = re.findall(r'["(](/static/[^"#)]+)', page)

    assert len(named) > 15
    assert [one for one in named if "?v=" not in one] == []


def test_while_one_develops_files_change_without_a_restart(settings):
    settings.DEBUG = True

    assert static(NAME) == f"/static/{NAME}"


def test_what_is_not_there_has_no_version_and_is_not_found():
    assert static("support/gone.css") == "/static/support/gone.css"
    assert Client().get("/static/support/gone.css?v=1").status_code == 404
