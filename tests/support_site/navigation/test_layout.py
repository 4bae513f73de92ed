"""Sidebar, tabs, breadcrumbs and window titles come from one table: the same five groups everywhere."""

import re
from functools import cache

import pytest
from django.contrib import admin
from django.test import Client, RequestFactory
from django.urls import resolve, reverse

from reports.models import Clock, Recalculation, WeeklyReport
from support_site.navigation import layout, pages
from tests.factories import make_delivery, make_draft, make_inbox, make_source, make_user
from webhooks.accounts import access
from webhooks.models import Delivery

pytestmark = pytest.mark.django_db
ROLES = [(access.AGENT,), (access.LEAD,), (access.MANAGER,), (access.OPERATOR,), (), ("superuser",)]
TITLES = ["Inbox", "Knowledge", "Reports", "Health", "Settings"]
TRAIL = re.compile(r'<h1 class="s-trail.*?</h1>', re.DOTALL)
APPS = ("Wire", "Webhooks", "Desk", "Authentication and Authorization", "Knowledge base")


def person(groups):
    superuser = groups == ("superuser",)
    return make_user("", *(() if superuser else groups), is_superuser=superuser)


def browser_of(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def sidebar(user):
    request = RequestFactory().get("/admin/")
    request.user, request.resolver_match = user, resolve("/admin/")
    return layout.sidebar(request)


def trail(html: str) -> list[str]:
    header = re.sub(
        r"<span[^>]*chevron[^<]*</span>|<span[^>]*aria-hidden[^<]*chevron_right</span>",
        "|",
        TRAIL.search(html)[0],
    )
    return [part.strip() for part in re.sub(r"<[^>]+>", " ", header).split("|")]


def title(html: str) -> str:
    return " ".join(re.search(r"<title>(.*?)</title>", html, re.DOTALL)[1].split())


@pytest.mark.once
def test_there_are_five_groups():
    assert [group.title for group in pages.GROUPS] == TITLES


@pytest.mark.parametrize("groups", ROLES, ids=str)
def test_a_sidebar_has_at_most_ten_entries(seeded, groups):
    entries = [item["title"] for group in sidebar(person(groups)) for item in group["items"]]

    assert 3 <= len(entries) <= 10
    assert len(set(entries)) == len(entries)


@pytest.mark.parametrize("groups", ROLES, ids=str)
def test_every_entry_and_tab_opens_for_those_who_see_it(seeded, groups):
    user = person(groups)
    browser = browser_of(user)
    mine = [page.link for group in pages.GROUPS for page in group.for_user(user)]
    links = {item["link"] for group in sidebar(user) for item in group["items"]} | set(mine)

    assert {link: status for link in links if (status := browser.get(link).status_code) != 200} == {}


@pytest.mark.parametrize("groups", ROLES, ids=str)
def test_what_is_not_offered_would_be_refused(seeded, groups):
    user = person(groups)
    hidden = [page for group in pages.GROUPS for page in group.pages if not page.is_for(user)]

    answers = {page.link: browser_of(user).get(page.link).status_code for page in hidden}

    assert {link: status for link, status in answers.items() if status != 403} == {}


@pytest.mark.parametrize("groups", [(access.AGENT,), ()], ids=str)
def test_the_runbook_is_in_the_sidebar_of_those_who_see_nothing_else_of_health(seeded, groups):
    assert "Runbook" in [item["title"] for group in sidebar(person(groups)) for item in group["items"]]


def test_one_entry_is_marked_as_where_one_is(seeded):
    html = (
        browser_of(person(("superuser",)))
        .get(reverse("admin:webhooks_retrypolicy_changelist"))
        .content.decode()
    )

    marked = re.findall(r'<a href="([^"]+)" class="[^"]*\bactive"', html)
    assert marked == [reverse("settings")]


def test_health_shows_its_pages_as_tabs_and_marks_the_one_that_is_open(seeded):
    html = (
        browser_of(person((access.OPERATOR,)))
        .get(reverse("admin:webhooks_replayrun_changelist"))
        .content.decode()
    )

    tabs = re.search(r'<nav class="s-tabs".*?</nav>', html, re.DOTALL)[0]
    assert re.findall(r'aria-current="page">([^<]+)', tabs) == ["Replays"]
    assert [page.title for page in pages.HEALTH.pages] == re.findall(
        r">([^<>]+?)(?: <span[^<]*</span>)?</a>", tabs
    )


def test_the_badges_stay(seeded):
    row = make_delivery()
    Delivery.objects.filter(pk=row.pk).update(
        status="DEAD", next_attempt_at=None, finished_at=row.received_at
    )
    make_draft()
    entries = {
        item["title"]: item.get("badge")
        for group in sidebar(person(("superuser",)))
        for item in group["items"]
    }

    assert (entries["Queue"], entries["Health"]) == ("1", "1")


@pytest.mark.slow
def test_every_page_begins_its_path_with_a_group_that_leads_to_a_page(seeded):
    make_inbox()
    make_draft()
    make_delivery()
    browser = browser_of(person(("superuser",)))
    lists = {page.link for group in pages.GROUPS for page in group.pages}
    rows = [(model, model._default_manager.first()) for model in admin.site._registry]
    changes = {
        reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_change", args=[row.pk])
        for model, row in rows
        if row
        and model not in (Clock, Recalculation, WeeklyReport)  # these have no page of their own by number
    }

    shown = {path: browser.get(path) for path in sorted(lists | changes)}
    leads = cache(lambda address: browser.get(address).status_code)

    wrong = {}
    for path, answer in shown.items():
        html = answer.content.decode() if answer.status_code == 200 else ""
        if "<html" not in html:
            continue
        parts = trail(html)
        link = re.search(r'<a class="[^"]*" href="([^"]+)"', TRAIL.search(html)[0])
        if parts[0] not in TITLES or any(app in parts for app in APPS):
            wrong[path] = parts
        if len(parts) > 1 and leads(link[1]) != 200:
            wrong[path] = link[1]
    assert wrong == {}


def test_a_rows_path_names_group_page_and_row(seeded):
    draft = make_draft()

    html = (
        browser_of(person((access.LEAD,)))
        .get(reverse("admin:knowledge_draft_change", args=[draft.pk]))
        .content.decode()
    )

    assert trail(html)[:2] == ["Inbox", "Drafts"]
    assert title(html).endswith("· Drafts · Support site")


def test_a_delivery_belongs_to_the_log_of_its_direction(seeded):
    row = make_delivery()
    browser = browser_of(person((access.OPERATOR,)))
    address = reverse("admin:webhooks_delivery_change", args=[row.pk])

    came = trail(browser.get(address).content.decode())
    Delivery.objects.filter(pk=row.pk).update(direction="OUT", event="note.create")
    left = trail(browser.get(address).content.decode())

    assert (came[:2], left[:2]) == (["Health", "Webhook log"], ["Health", "Deliveries out"])


def test_a_lists_window_is_named_for_its_page(seeded):
    browser = browser_of(person(("superuser",)))

    names = {page.title: title(browser.get(page.link).content.decode()) for page in pages.HEALTH.pages}

    assert names == {name: f"{name} · Support site" for name in names}


def test_all_deliveries_are_not_called_dead(seeded):
    html = (
        browser_of(person((access.OPERATOR,)))
        .get(reverse("admin:webhooks_delivery_changelist"))
        .content.decode()
    )

    assert trail(html) == ["Health", "All deliveries"]


@pytest.mark.parametrize("app", ["auth", "webhooks", "knowledge", "reports"])
def test_the_lists_of_tables_app_by_app_lead_to_the_dashboard(seeded, app):
    answer = browser_of(person(("superuser",))).get(f"/admin/{app}/")

    assert answer["Location"] == reverse("admin:index")


def test_a_source_connected_has_its_page_in_health(seeded):
    source = make_source()

    html = (
        browser_of(person(("superuser",)))
        .get(reverse("admin:webhooks_source_change", args=[source.pk]))
        .content.decode()
    )

    assert trail(html) == ["Health", "Sources", "acme"]
