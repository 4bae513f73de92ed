"""Who may open and decide a draft."""

import pytest
from django.urls import reverse

from knowledge.admin import draft_actions
from tests.factories import (
    GRADES,
    make_draft,
    make_inbox,
    make_lead,
    make_user,
)
from tests.knowledge.admin.pressing import page_of, press, reread, signed_in
from webhooks.accounts import access

pytestmark = [pytest.mark.django_db, pytest.mark.once]


@pytest.mark.parametrize("verb", draft_actions.ACTIONS)
def test_a_decision_is_a_post_and_whoever_had_to_sign_in_first_finds_the_page(seeded, verb):
    draft = make_draft()

    answer = signed_in(make_lead()).get(reverse(f"admin:knowledge_draft_{verb}", args=[draft.pk]))

    assert (answer.status_code, answer.headers["Location"]) == (302, page_of(draft))
    assert (reread(draft).status, reread(draft).revision) == ("PROPOSED", 1)


@pytest.mark.parametrize("verb", draft_actions.ACTIONS)
def test_somebody_elses_inbox_is_as_absent_as_none(seeded, verb):
    draft = make_draft()
    client = signed_in(make_user("charlie", access.LEAD, inboxes=[make_inbox(inbox_id=99)]))

    assert press(client, draft, verb, **GRADES).status_code == 404
    assert client.get(page_of(draft)).status_code == 404


@pytest.mark.parametrize("verb", ["approve", "reject", "escalate"])
def test_an_agent_decides_nothing(seeded, verb):
    draft = make_draft()

    answer = press(
        signed_in(make_user("agent", access.AGENT)), draft, verb, note="No.", reason="No.", **GRADES
    )

    assert (answer.status_code, reread(draft).status) == (403, "PROPOSED")


def test_an_agent_approves_where_the_inbox_allows_it(seeded):
    draft = make_draft()
    type(draft.conversation.inbox).objects.update(agents_may_approve=True)

    press(signed_in(make_user("agent", access.AGENT)), draft, "approve", **GRADES)

    assert reread(draft).status == "APPROVED"


def test_an_operator_sees_no_draft(seeded):
    assert signed_in(make_user("op", access.OPERATOR)).get(page_of(make_draft())).status_code == 403
