"""A list without rows says where they come from and what to do, not only that there are none."""

import re

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from tests.factories import make_user

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
