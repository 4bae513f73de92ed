"""A person is invited, chooses a password once, and signs in with it."""

import re

import pytest
from django.contrib.auth.models import User
from django.core import mail
from django.test import Client
from django.urls import reverse

from tests.factories import make_user
from tests.webhooks.people import sign_in
from webhooks.accounts import access, invitations

pytestmark = [pytest.mark.django_db, pytest.mark.once]
ADD = {
    "username": "maria", "first_name": "Maria", "email": "maria@example.com", "usable_password": "false",
    "membership-TOTAL_FORMS": "1", "membership-INITIAL_FORMS": "0", "membership-0-all_inboxes": "on",
}  # fmt: skip
CHOSEN = {"new_password1": "correct-horse-7", "new_password2": "correct-horse-7"}


@pytest.fixture
def root(seeded) -> Client:
    return sign_in("superuser")


def add(root: Client, **changed: str):
    group = access.GROUPS.index(access.LEAD)
    groups = list(User.groups.rel.model.objects.order_by("pk").values_list("pk", flat=True))
    facts = ADD | {"groups": groups[group]} | changed
    return root.post(reverse("admin:auth_user_add"), facts, follow=True)


def link_in(text: str) -> str:
    found = re.search(r"/admin/invitation/[\w=-]+/[\w-]+/", text)
    assert found, text
    return found[0]


def choose(link: str, typed: dict[str, str] = CHOSEN):
    """As a browser that nobody has signed in on."""
    visitor = Client()
    page = visitor.get(link, follow=True)
    return visitor.post(page.request["PATH_INFO"], typed, follow=True)


def test_an_added_person_has_the_group_inboxes_and_address_that_were_chosen(root):
    add(root)

    maria = User.objects.get(username="maria")
    assert (access.group_names(maria), maria.email) == ({access.LEAD}, "maria@example.com")
    assert access.sees_every_inbox(maria)


def test_an_added_person_receives_a_link_and_chooses_a_password(root):
    add(root)

    choose(link_in(mail.outbox[0].body))

    assert mail.outbox[0].to == ["maria@example.com"]
    assert User.objects.get(username="maria").check_password("correct-horse-7")


def test_nobody_signs_in_before_the_password_is_chosen(root):
    add(root)

    assert not User.objects.get(username="maria").has_usable_password()


def test_a_link_works_once(root):
    add(root)
    link = link_in(mail.outbox[0].body)
    choose(link)

    again = choose(link, {"new_password1": "other-horse-8", "new_password2": "other-horse-8"})

    assert "This link no longer works" in again.content.decode()
    assert User.objects.get(username="maria").check_password("correct-horse-7")


@pytest.mark.parametrize(
    "link", ["/admin/invitation/MQ/set-password/", "/admin/invitation/x/y/", "/admin/invitation/OTk5/a-b/"]
)
def test_a_made_up_link_opens_nothing(root, link):
    page = Client().get(link, follow=True)

    assert "This link no longer works" in page.content.decode()


def test_a_link_expires(root, settings):
    link = invitations.link(make_user("maria"))
    settings.PASSWORD_RESET_TIMEOUT = -1

    assert "This link no longer works" in Client().get(link, follow=True).content.decode()


def test_a_weak_password_is_refused(root):
    add(root)

    page = choose(link_in(mail.outbox[0].body), {"new_password1": "maria", "new_password2": "maria"})

    assert "too short" in page.content.decode()


@pytest.mark.parametrize("backend", ["console", "dummy"])
def test_without_mail_the_link_is_shown_once_to_copy(root, settings, backend):
    settings.EMAIL_BACKEND = f"django.core.mail.backends.{backend}.EmailBackend"
    page = add(root)

    choose(link_in(page.content.decode()))

    maria = User.objects.get(username="maria")
    again = root.get(reverse("admin:auth_user_change", args=[maria.pk]))
    assert maria.check_password("correct-horse-7")
    assert "/admin/invitation/" not in again.content.decode()


def test_a_person_without_an_address_is_invited_by_the_link_alone(root):
    page = add(root, email="")

    assert link_in(page.content.decode())
    assert mail.outbox == []


def test_a_mail_that_cannot_be_sent_leaves_the_link_to_copy(root, monkeypatch):
    def refused(message):
        raise OSError

    monkeypatch.setattr("django.core.mail.EmailMessage.send", refused)

    assert "The email could not be sent" in add(root).content.decode()


def test_an_invitation_can_be_repeated(root):
    add(root)
    maria = User.objects.get(username="maria")

    root.post(reverse("admin:auth_user_invite", args=[maria.pk]))

    assert len(mail.outbox) == 2


@pytest.mark.parametrize("person", ["Agent", "Lead", "Manager", "Operator"])
def test_superusers_alone_invite(root, person):
    maria = make_user("maria", email="maria@example.com")

    sign_in(person).post(reverse("admin:auth_user_invite", args=[maria.pk]))

    assert mail.outbox == []


def test_an_account_of_a_program_is_not_invited(root):
    helper = make_user("helper")
    User.objects.filter(pk=helper.pk).update(is_staff=False)

    answer = root.post(reverse("admin:auth_user_invite", args=[helper.pk]))

    assert answer.status_code == 404
