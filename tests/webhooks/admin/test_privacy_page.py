"""Privacy and Retention in the admin: a person is found, shown, exported, erased; days are edited, and none too few."""

import pytest
from django.urls import reverse

from tests.factories import make_inbox, make_user, make_waiting
from tests.knowledge.admin.pressing import signed_in
from tests.webhooks.privacy.erasing import about
from webhooks.models import Contact, PrivacyAction, RetentionRule

pytestmark = [pytest.mark.django_db, pytest.mark.once]


@pytest.fixture
def manager(client, seeded):
    make_waiting(**about())
    return signed_in(make_user("maria", "Manager"))


def address(page: str) -> str:
    return reverse(f"admin:webhooks_contact_{page}", args=[Contact.objects.get().pk])


@pytest.mark.parametrize("asked", ["Park", "ada@exa", "1234567", "5"])
def test_a_person_is_found_by_name_address_or_number(manager, asked):
    page = manager.get(reverse("admin:webhooks_contact_changelist"), {"q": asked})

    assert "ada@example.com" in page.content.decode()


def test_the_page_says_what_is_kept(manager):
    page = manager.get(address("change")).content.decode()

    assert "<dt>Conversations</dt><dd>1</dd>" in page
    assert "<dt>Messages</dt><dd>1</dd>" in page


def test_the_export_is_a_file_and_is_kept_as_an_act(manager):
    answer = manager.post(address("export"))

    assert answer["Content-Disposition"] == 'attachment; filename="contact-acme-5.json"'
    assert answer.json()["webhooks.Contact"][0]["name"] == "Ada Park"
    assert PrivacyAction.objects.get().by.username == "maria"


def test_erasing_needs_a_reason_and_a_tick(manager):
    page = manager.post(address("erase"), {"reason": ""}, follow=True)

    assert page.status_code == 409
    assert "Tick this box to confirm: this cannot be undone." in page.content.decode()
    assert Contact.objects.get().name == "Ada Park"


def test_an_erased_person_is_a_number_and_the_page_says_what_is_left_to_do(manager):
    page = manager.post(
        address("erase"), {"reason": "Asked for.", "sure": "on"}, follow=True
    ).content.decode()

    assert "Chatwoot still has its own copy" in page
    assert "contact 5" in page
    assert "Ada Park" not in page


def test_who_sees_some_inboxes_sees_nobodys_data(manager):
    mine = make_inbox(inbox_id=9)

    answer = signed_in(make_user("", "Manager", inboxes=[mine])).get(address("change"))

    assert answer.status_code == 403


def test_what_no_person_changed_is_said_to_be_a_commands(manager):
    rule = RetentionRule.objects.get(name="delivery_bodies")

    page = manager.get(reverse("admin:webhooks_retentionrule_history", args=[rule.pk])).content.decode()

    assert "</time> by a command" in page
    assert "days 90" in page


def test_a_number_of_days_is_changed_with_its_history(manager):
    rule = RetentionRule.objects.get(name="delivery_bodies")

    manager.post(reverse("admin:webhooks_retentionrule_change", args=[rule.pk]), {"days": "30"})

    rule.refresh_from_db()
    assert (rule.days, rule.history.first().history_user.username) == (30, "maria")


def test_what_is_still_worked_with_is_not_removed(manager):
    rule = RetentionRule.objects.get(name="deliveries")

    page = manager.post(reverse("admin:webhooks_retentionrule_change", args=[rule.pk]), {"days": "3"})

    assert "At least 14: newer data is still in use." in page.content.decode()
