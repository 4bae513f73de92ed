"""A new site begins with a checklist, judged by rows; it names who does each step, and goes when all are done."""

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from knowledge.articles import changes
from knowledge.calendars import inbox_calendars
from knowledge.models import Article, BusinessCalendar
from support_site.admin import first_steps
from tests.factories import NOW, deliver, make_article, make_inbox, make_source, make_user, message_event
from webhooks.accounts import access
from webhooks.models import Inbox

pytestmark = pytest.mark.django_db


@pytest.fixture
def empty(seeded) -> None:
    """As `make run` leaves it: seeded, without samples, with one account."""
    Article.objects.all().delete()


def root():
    return make_user("root", is_superuser=True)


def page(user) -> str:
    client = Client()
    client.force_login(user)
    return client.get(reverse("admin:index")).content.decode()


def done(user) -> dict[str, bool]:
    return {step.title: step.done for step in first_steps.steps(user)}


def do_everything() -> None:
    make_inbox()
    make_user("lena", access.LEAD)
    make_user("mark", access.LEAD)
    calendar = BusinessCalendar.objects.get(is_default=True)
    inbox_calendars.change(calendar, {"zone": "Europe/Berlin"})
    make_article("one")


def test_an_empty_site_shows_the_checklist_and_no_zeros(empty):
    html = page(root())

    assert "Set up your support site" in html
    assert 'class="s-card"' not in html


def test_each_step_leads_to_where_it_is_done(empty):
    user = root()
    client = Client()
    client.force_login(user)

    assert {
        step.title: client.get(step.link).status_code for step in first_steps.steps(user)
    } == dict.fromkeys(
        ["Connect Chatwoot", "Switch inboxes on", "Invite people", "Set opening hours", "Add articles"], 200
    )


def test_a_source_connects(empty):
    make_source()

    assert done(root())["Connect Chatwoot"]


def test_an_inbox_that_drafts_is_switched_on(empty):
    make_inbox()
    user = root()
    assert done(user)["Switch inboxes on"]

    Inbox.objects.update(drafting=False)

    assert not done(user)["Switch inboxes on"]


def test_a_second_person_is_invited(empty):
    make_user("lena", access.LEAD)
    user = root()

    assert done(user)["Invite people"]


def test_an_account_for_a_program_is_no_person(empty):
    User.objects.create_user("bot")

    assert not done(User.objects.get(username="admin"))["Invite people"]


def test_hours_that_are_saved_unchanged_are_set(empty):
    user = root()
    assert not done(user)["Set opening hours"]
    client = Client()
    client.force_login(user)
    address = reverse("admin:knowledge_businesscalendar_change", args=[BusinessCalendar.objects.get().pk])
    form = client.get(address).context["adminform"].form
    typed = {bound.html_name: bound.value() for bound in form}
    week = {f"weekly_{place}": "09:00-17:00" if place < 5 else "" for place in range(7)}

    client.post(address, {name: value for name, value in typed.items() if value not in (None, False)} | week)

    assert done(user)["Set opening hours"]


def test_hours_that_are_changed_are_set(empty):
    inbox_calendars.change(BusinessCalendar.objects.get(), {"zone": "Europe/Berlin"})

    assert done(root())["Set opening hours"]


def test_an_article_counts_once_it_is_approved(empty):
    user = root()
    texts = {"slug": "one", "title": "One", "body": "One."}
    change = changes.propose(None, texts, kind="NEW", origin="PERSON", by=user, now=NOW)
    assert not done(user)["Add articles"]

    changes.approve(change, by=user, base_version=0, now=NOW)

    assert done(user)["Add articles"]


def test_an_agent_sees_what_waits_for_whom(empty):
    html = page(make_user("anna", access.AGENT))

    assert "This site is being set up" in html
    assert "Waiting for a superuser" in html
    assert "Waiting for a Lead or a Manager" in html
    assert reverse("admin:webhooks_source_connect") not in html


def test_a_lead_may_add_the_articles(empty):
    html = page(make_user("lena", access.LEAD))

    assert reverse("admin:knowledge_article_add") in html


def test_an_agent_of_a_connected_site_is_not_kept_from_work(empty):
    deliver(message_event())

    assert "Set opening hours" not in page(make_user("anna", access.AGENT))


def test_it_disappears_when_all_is_done(empty):
    do_everything()

    assert first_steps.steps(root()) == []
    assert "Finish setting up" not in page(make_user("mona", access.MANAGER))


def test_what_is_left_stays_below_what_needs_attention(empty):
    deliver(message_event())

    html = page(root())

    assert html.index("Needs attention") < html.index("Finish setting up") < html.index("Customers waiting")
