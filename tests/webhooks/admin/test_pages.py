"""Which page of the admin opens for whom."""

import pytest
from django.urls import reverse

from tests.factories import make_inbox
from tests.webhooks.people import PEOPLE, sign_in

pytestmark = [pytest.mark.django_db, pytest.mark.once]

DESK = {"Agent", "Lead", "Manager", "superuser"}
WIRE = {"Operator", "superuser"}
ROOT = {"superuser"}
EVERYBODY = set(PEOPLE) - {"anonymous"}

# Page → whom it is for. Everybody else gets 403, or the sign-in page without a session.
PAGES = {
    "index": EVERYBODY,
    "knowledge_draft_queue": DESK,
    "knowledge_draft_changelist": DESK,
    "knowledge_escalation_changelist": DESK,
    "knowledge_article_changelist": DESK,
    "knowledge_article_add": DESK,
    "knowledge_change_changelist": DESK,
    "knowledge_savedreply_changelist": DESK,
    "knowledge_importrun_changelist": {"Lead", "Manager", "superuser"},
    "webhooks_conversation_changelist": DESK,
    "webhooks_delivery_changelist": WIRE,
    "webhooks_incoming_changelist": WIRE,
    "webhooks_outgoing_changelist": WIRE,
    "webhooks_failurenote_changelist": WIRE,
    "webhooks_retrypolicy_which": {"Manager", "Operator", "superuser"},
    "webhooks_retrypolicy_changelist": {"Manager", "Operator", "superuser"},
    "webhooks_source_changelist": WIRE,
    "webhooks_source_connect": ROOT,
    "webhooks_inbox_changelist": {"Manager", "superuser"},
    "webhooks_rejection_changelist": WIRE,
    "webhooks_alert_changelist": {"Manager", "Operator", "superuser"},
    "webhooks_sendingswitch_changelist": {"Manager", "Operator", "superuser"},
    "auth_user_changelist": ROOT,
    "auth_group_changelist": ROOT,
}


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("person", PEOPLE)
def test_a_page_opens_for_those_it_is_for(seeded, person, page):
    answer = sign_in(person).get(reverse(f"admin:{page}"))

    refused = 302 if person == "anonymous" else 403
    assert answer.status_code == (200 if person in PAGES[page] else refused)


@pytest.mark.parametrize(("person", "linked"), [("Manager", False), ("superuser", True)])
def test_a_row_that_a_form_only_shows_is_linked_for_those_who_may_open_it(seeded, person, linked):
    inbox = make_inbox()

    page = sign_in(person).get(reverse("admin:webhooks_inbox_change", args=[inbox.pk])).content.decode()

    assert str(inbox.source) in page
    assert (reverse("admin:webhooks_source_change", args=[inbox.source_id]) in page) is linked
