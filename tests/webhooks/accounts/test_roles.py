"""The table of roles that people read is the table of rights that the code obeys."""

import pytest
from django.contrib.auth.models import Group
from django.urls import reverse

from tests.webhooks.people import sign_in
from webhooks.accounts import access, roles

pytestmark = pytest.mark.once


def test_every_right_is_described():
    assert set(roles.SAID) == set(access.RIGHTS)


def test_a_right_without_a_description_is_still_listed(monkeypatch):
    monkeypatch.setitem(access.RIGHTS, "new_right", frozenset({access.AGENT}))

    assert roles.table()[-1].text == "new_right"


def test_a_line_says_which_roles_have_the_right():
    line = next(line for line in roles.table() if line.right == "decide")

    assert line.cells == [
        ("Agent", False), ("Lead", True), ("Manager", True), ("Operator", False), ("Superuser", True),
    ]  # fmt: skip


@pytest.mark.django_db
@pytest.mark.parametrize("page", ["auth_group_changelist", "auth_user_add"])
def test_roles_are_explained_where_they_are_chosen(seeded, page):
    html = sign_in("superuser").get(reverse(f"admin:{page}")).content.decode()

    assert all(
        str(text) in html for text in ("What each role may do", *roles.SAID.values()) if "'" not in text
    )


@pytest.mark.django_db
def test_the_page_of_a_group_says_what_it_may_do(seeded):
    group = Group.objects.get(name=access.OPERATOR)

    html = sign_in("superuser").get(reverse("admin:auth_group_change", args=[group.pk])).content.decode()

    assert "What Operator may do" in html
