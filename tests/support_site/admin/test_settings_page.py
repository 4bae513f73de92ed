"""Everything that is set once is on one page: in sections, each explained in a line, and only what a person may open."""

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from support_site.navigation import pages
from tests.factories import make_user
from webhooks.accounts import access

pytestmark = pytest.mark.django_db
EXPECTED = {
    "webhooks_inbox", "knowledge_deskinbox", "knowledge_businesscalendar", "reports_slapolicy", "knowledge_escalationrule",
    "knowledge_riskrule", "webhooks_retrypolicy", "webhooks_alertrule", "webhooks_modechange", "webhooks_sendingswitch",
    "auth_user", "auth_group", "webhooks_apitoken", "webhooks_signinrule", "webhooks_contact", "webhooks_retentionrule",
    "knowledge_chatwoottoken", "webhooks_profile",
}  # fmt: skip
ALL = [page for section in pages.SETTINGS_SECTIONS for page in section.pages]


def shown(user) -> str:
    client = Client()
    client.force_login(user)
    return client.get(reverse("settings")).content.decode()


@pytest.mark.once
def test_every_setting_is_listed():
    listed = {page.name.removeprefix("admin:").removesuffix("_changelist") for page in ALL}

    assert EXPECTED - listed == set()


@pytest.mark.once
@pytest.mark.parametrize("page", ALL, ids=lambda page: page.title)
def test_each_is_explained_in_one_line(page):
    assert 20 < len(page.about) < 80
    assert page.about.endswith(".")
    assert page.icon


@pytest.mark.parametrize(
    "groups", [(access.AGENT,), (access.LEAD,), (access.MANAGER,), (access.OPERATOR,), ()], ids=str
)
def test_only_what_a_person_may_open_is_listed(seeded, groups):
    user = make_user("", *groups)
    html = shown(user)

    for page in ALL:
        assert (f"<b>{page.title}</b>" in html) == page.is_for(user), page.title


def test_a_superuser_sees_all_sections(seeded):
    html = shown(make_user("root", is_superuser=True))

    assert all(f"<h2>{section.title}</h2>" in html for section in pages.SETTINGS_SECTIONS)


def test_a_row_is_found_by_other_words_too(seeded):
    html = shown(make_user("root", is_superuser=True))

    assert 'id="find-setting"' in html
    assert "timezone" in html
    assert "gdpr" in html


@pytest.mark.once
def test_every_page_of_the_admin_has_its_group():
    names = {
        nested.name
        for pattern in admin.site.get_urls()
        for nested in getattr(pattern, "url_patterns", [pattern])
        if nested.name and nested.name.endswith("_changelist")
    }

    assert {
        name
        for name in names
        if name not in pages.BEGINNINGS and name.removesuffix("_changelist") not in pages.BEGINNINGS
    } == set()
