"""Every page of the admin links to the section of the documents that explains it, and that section is there."""

import re

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import NoReverseMatch, resolve, reverse

from support_site.documents import serve
from support_site.navigation import pages
from support_site.templatetags import help
from tests.factories import make_delivery, make_draft, make_inbox, make_user

# Addresses that show no page of ours: data for a page, or a page without the header.
NO_PAGES = {"autocomplete", "jsi18n", "login", "logout", "view_on_site"}
LINK = re.compile(r'class="s-guide" href="([^"]+)"')


def names() -> list[str]:
    mounted = {
        nested.name
        for pattern in admin.site.get_urls()
        for nested in getattr(pattern, "url_patterns", [pattern])
    }
    return sorted(mounted - NO_PAGES - {None})


def addresses() -> set[str]:
    """Of every page that needs no row, of a row of each table that has one, and of the table of pages."""
    listed = {page.link for group in pages.GROUPS for page in group.pages}
    rows = [(f"{model._meta.app_label}_{model._meta.model_name}_change", model._default_manager.first())
            for model in admin.site._registry]  # fmt: skip
    found = [reached(name) for name in names()] + [reached(name, row.pk) for name, row in rows if row]
    return listed | {path for path in found if path}


def reached(name: str, *args: int) -> str | None:
    try:
        return reverse(f"admin:{name}", args=args)
    except NoReverseMatch:
        return None


def explained(path: str) -> str:
    document, _, anchor = (help.section(str(resolve(path.partition("?")[0]).url_name)) or "").partition("#")
    return reverse("docs", args=[document]) + (f"#{anchor}" if anchor else "")


def links(client: Client, path: str) -> list[str] | None:
    """Those to an explanation; None where the answer is no page: a redirect, a file, a part of a page, a refusal."""
    answer = client.get(path)
    html = answer.content.decode() if answer.get("Content-Type", "").startswith("text/html") else ""
    return LINK.findall(html) if answer.status_code == 200 and "<html" in html else None


@pytest.fixture
def superuser(seeded) -> Client:
    client = Client()
    client.force_login(make_user("root", is_superuser=True))
    return client


@pytest.mark.once
def test_every_page_has_its_section():
    assert [name for name in names() if help.section(name) is None] == []


@pytest.mark.once
@pytest.mark.parametrize("section", sorted(set(help.SECTIONS.values())))
def test_every_section_is_there(section):
    document, _, anchor = section.partition("#")

    text = (serve.FOLDER / document).read_text()

    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    assert not anchor or anchor in {serve.anchor(heading) for heading in headings}


@pytest.mark.once
@pytest.mark.slow
@pytest.mark.django_db
def test_every_page_links_to_its_section(superuser, settings):
    make_inbox()
    make_draft()
    make_delivery()
    pages = addresses()
    settings.UNFOLD = settings.UNFOLD | {"SIDEBAR": {"navigation": []}}

    found = {path: links(superuser, path) for path in pages}

    shown = {path: links for path, links in found.items() if links is not None}
    assert {path: links for path, links in shown.items() if links != [explained(path)]} == {}
    assert len(shown) > 50


@pytest.mark.once
def test_the_longest_name_that_fits_counts():
    assert help.section("knowledge_draft_queue") == "pages.md#queue"
    assert help.section("knowledge_draft_approve") == "pages.md#the-draft-page"
    assert help.section("knowledge_draughts") is None
