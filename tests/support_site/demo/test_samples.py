"""Sample articles are for the demo: a real site starts without any, and says so."""

import io

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from knowledge.models import Article
from support_site.management.commands.run_site import Command
from tests.factories import make_article, make_user
from webhooks.accounts import access

pytestmark = [pytest.mark.django_db, pytest.mark.once]


def seed(**options) -> str:
    out = io.StringIO()
    call_command("seed", stdout=out, **options)
    return out.getvalue()


def test_a_site_is_seeded_without_articles():
    seed()

    assert not Article.objects.exists()


def test_samples_are_seeded_when_they_are_asked_for():
    seed(samples=True)

    assert Article.objects.filter(status="LIVE").count() == 20


def test_samples_are_not_added_to_articles_of_ones_own():
    make_article("one")

    seed(samples=True)

    assert Article.objects.count() == 1


@pytest.mark.parametrize("demo", [True, False])
def test_the_demo_alone_has_samples(monkeypatch, demo):
    called = {}
    monkeypatch.setattr(
        "support_site.management.commands.run_site.call_command",
        lambda name, **options: called.update({name: options}),
    )
    monkeypatch.setattr("support_site.demo.people.create", lambda: None)  # needs what the seed makes

    Command(stdout=io.StringIO()).prepare_database(demo=demo)

    assert called["seed"].get("samples", False) is demo


def test_an_empty_list_of_articles_asks_for_the_first():
    seed()
    client = Client()
    client.force_login(make_user("lena", access.LEAD))

    assert (
        "Add your first article" in client.get(reverse("admin:knowledge_article_changelist")).content.decode()
    )
