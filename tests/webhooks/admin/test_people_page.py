"""Accounts, and what a Manager decides for an inbox."""

import io

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from tests.factories import make_inbox, make_user
from tests.webhooks.people import page_url, sign_in

pytestmark = [pytest.mark.django_db, pytest.mark.once]


def test_a_new_person_can_sign_in_here(seeded):
    fields = {
        "username": "maria",
        "usable_password": "true",
        "password1": "correct-horse-7",
        "password2": "correct-horse-7",
    }
    nested = {"membership-TOTAL_FORMS": "0", "membership-INITIAL_FORMS": "0"}

    sign_in("superuser").post(reverse("admin:auth_user_add"), fields | nested)

    assert User.objects.get(username="maria").is_staff


def test_the_list_says_how_long_ago_somebody_signed_in(seeded):
    page = sign_in("superuser").get(reverse("admin:auth_user_changelist")).content.decode()

    assert "just now</time>" in page


def test_an_account_for_programs_is_not_said_to_see_nothing(seeded):
    call_command("create_api_token", "helper", "--service", stdout=io.StringIO())

    page = sign_in("superuser").get(reverse("admin:auth_user_changelist")).content.decode()

    assert "for programs, cannot sign in" in page
    assert "sees nothing" not in page


def test_a_manager_lets_agents_approve_in_an_inbox_and_switches_drafting_off(seeded):
    box = make_inbox()
    manager = sign_in("Manager")

    manager.post(page_url(box, "inbox"), {"email": "", "agents_may_approve": "on"})

    box.refresh_from_db()
    assert (box.agents_may_approve, box.drafting) == (True, False)


def test_a_manager_changes_no_inbox_of_others(seeded):
    box = make_inbox()
    client = Client()
    client.force_login(make_user("mona", "Manager", inboxes=[]))

    answer = client.post(page_url(box, "inbox"), {"email": "", "agents_may_approve": "on"})

    box.refresh_from_db()
    assert (answer.status_code, box.agents_may_approve) == (302, False)


def test_nobody_is_deleted(seeded):
    person = make_user("mia", "Agent")

    answer = sign_in("superuser").post(reverse("admin:auth_user_delete", args=[person.pk]), {"post": "yes"})

    assert answer.status_code == 403
    assert User.objects.filter(pk=person.pk).exists()


def test_where_no_inbox_is_known_yet_the_form_says_when_one_will_be(seeded):
    page = sign_in("superuser").get(reverse("admin:auth_user_add")).content.decode()

    assert "each inbox is listed after its first event" in page
