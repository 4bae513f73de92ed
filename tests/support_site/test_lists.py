"""What every list of the admin keeps to: an empty one says what to do, and a long one is not counted to its end."""

import re

import pytest
from django.contrib import admin
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.factories import make_user, make_waiting

pytestmark = [pytest.mark.django_db, pytest.mark.once]
EMPTY = "Nothing here yet"


@pytest.fixture
def root() -> Client:
    """On a database in which nothing was seeded."""
    browser = Client()
    browser.force_login(make_user("root", is_superuser=True))
    return browser


def test_every_empty_list_says_what_to_do(root, settings):
    settings.UNFOLD = settings.UNFOLD | {"SIDEBAR": {"navigation": []}}
    shown = {}
    for model in admin.site._registry:
        html = root.get(
            reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        ).content.decode()
        if EMPTY in html:
            shown[model._meta.label] = re.search(rf"{EMPTY}</h2>\s*<p>[^<]{{30,}}</p>", html)

    assert [label for label, said in shown.items() if not said] == []
    assert len(shown) > 15


def test_a_filter_that_nothing_fits_says_so_instead(root):
    html = root.get("/admin/webhooks/source/?q=none").content.decode()

    assert "Nothing matches this filter" in html
    assert "connect_chatwoot" not in html.partition("Nothing matches this filter")[2].partition("</div>")[0]


def test_no_list_of_rows_that_pile_up_is_counted_to_its_end(root, settings):
    settings.UNFOLD = settings.UNFOLD | {"SIDEBAR": {"navigation": []}}
    endless = {}
    for model in admin.site._registry:
        begin = f'SELECT COUNT(*) AS "__count" FROM "{model._meta.db_table}"'
        with CaptureQueriesContext(connection) as asked:
            root.get(reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist"))
        endless[model._meta.label] = [row["sql"] for row in asked if row["sql"].startswith(begin)]

    assert [label for label, counts in endless.items() if counts] == ["auth.User", "auth.Group"]  # few


@pytest.mark.parametrize(("asked", "shows"), [("", False), ("?q=nobody", True), ("?_facets=True", False)])
def test_only_a_filtered_list_offers_to_show_all(root, asked, shows):
    make_waiting()

    html = root.get(f"/admin/webhooks/conversation/{asked}").content.decode()

    assert ("Show all" in html.partition("</h1>")[0]) == shows


def test_no_dead_letters_is_good_news_and_no_filter_to_clear(root):
    html = root.get("/admin/webhooks/delivery/", {"status__exact": "DEAD", "muted": "no"}).content.decode()

    assert "No dead letters: nothing has failed for good." in html
    assert "Clear filter" not in html


@pytest.mark.parametrize(
    ("model", "button"),
    [
        ("webhooks_source", "Connect Chatwoot"), ("knowledge_importrun", "Import articles"),
        ("webhooks_replayrun", "Replay deliveries"), ("webhooks_reconcilerun", "Check for missed events"),
    ],
)  # fmt: skip
def test_the_button_of_an_empty_list_says_what_it_does(root, model, button):
    html = root.get(reverse(f"admin:{model}_changelist")).content.decode()

    assert re.search(rf'<a class="s-button s-primary"[^>]*>{button}</a>', html)
