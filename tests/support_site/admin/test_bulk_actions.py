"""Actions on selected rows: a selection may be old, mangled, or of somebody who lost the right to act on it."""

import pytest
from django.contrib import admin
from django.urls import reverse

from knowledge.models import Probe
from tests.factories import NOW, make_article, make_draft, make_user
from tests.knowledge.admin.pressing import signed_in
from webhooks.accounts import access

pytestmark = [pytest.mark.django_db, pytest.mark.every_row]
WITH_ACTIONS = sorted(model._meta.label_lower for model, page in admin.site._registry.items() if page.actions)
MANGLED = ["999999", "abc", "", "-1", "1.5", "1,2", "9" * 30, "\0", "٣", "None"]


def page_of(label: str) -> str:
    return reverse(f"admin:{label.replace('.', '_')}_changelist")


@pytest.fixture
def probe(seeded) -> Probe:
    make_draft()
    return Probe.objects.create(question="How?", expected=make_article("how"), created_at=NOW)


def test_the_lists_with_actions_are_known():
    assert {"webhooks.incoming", "knowledge.probe", "knowledge.change"} <= set(WITH_ACTIONS)


@pytest.mark.parametrize("label", WITH_ACTIONS)
def test_a_selection_of_what_is_no_row_selects_nothing(probe, label):
    client = signed_in(make_user("root", is_superuser=True))
    offered = client.get(page_of(label)).context["action_form"].fields["action"].choices
    names = [name for name, _ in offered if name]

    for name in names:
        for row in MANGLED:
            answer = client.post(page_of(label), {"action": name, "_selected_action": row, "index": "0"})
            assert answer.status_code in (200, 302), (name, row)

    assert names
    assert Probe.objects.filter(pk=probe.pk, pinned=False).exists()


@pytest.mark.parametrize("action", ["pin", "delete", "delete_selected"])
def test_who_lost_the_right_meanwhile_changes_nothing(probe, action):
    lead = make_user("lea", access.LEAD)
    client = signed_in(lead)
    client.get(page_of("knowledge.probe"))
    lead.groups.clear()

    client.post(page_of("knowledge.probe"), {"action": action, "_selected_action": [probe.pk], "post": "yes"})

    assert Probe.objects.filter(pk=probe.pk, pinned=False).exists()
