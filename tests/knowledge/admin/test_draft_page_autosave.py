"""What somebody types is kept: through a crash, a lapsed session, a phone call, and whatever another decides meanwhile."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from knowledge.models import Draft, UnsavedText
from knowledge.replies import decisions
from tests.factories import (
    GRADES,
    deliver,
    later,
    make_draft,
    make_inbox,
    make_lead,
    make_user,
    message_event,
)
from tests.knowledge.admin.pressing import at, press, reread, seen, signed_in
from webhooks.accounts import access

pytestmark = [pytest.mark.django_db, pytest.mark.once]


def types(client: Client, draft: Draft, text: str, **fields: Any) -> Any:
    return client.post(at(draft, "autosave"), {"revision": draft.revision, "text": text} | fields)


def test_what_was_typed_stands_in_the_editor_again(seeded):
    draft, client = make_draft(), signed_in(make_lead())
    types(client, draft, "Half a sent", note="Ask the warehouse", tone="4")

    page = seen(client, draft)

    assert "Half a sent" in page
    assert "has been restored" in page
    assert "Ask the warehouse" in page
    assert page.count(" checked") == 1


def test_keeping_answers_when_and_changes_no_revision(seeded):
    draft = make_draft()

    answer = types(signed_in(make_lead()), draft, "Half a sent")

    assert set(answer.json()) == {"saved", "holder", "csrf"}
    assert (reread(draft).revision, reread(draft).body) == (1, draft.body)


def test_typing_renews_the_claim(seeded):
    draft, maria = make_draft(), make_lead("maria")
    decisions.claim(draft, by=maria, now=timezone.now() - timedelta(minutes=9))

    types(signed_in(maria), draft, "Half a sent")

    assert reread(draft).claimed_until > timezone.now() + timedelta(minutes=9)


def test_typing_into_a_draft_of_another_is_kept_and_says_who_has_it(seeded):
    draft, maria = make_draft(), make_lead("maria")
    decisions.claim(draft, by=maria, now=timezone.now())

    answer = types(signed_in(make_lead()), draft, "Half a sent")

    assert answer.json()["holder"] == "maria"
    assert (reread(draft).claimed_by, UnsavedText.objects.count()) == (maria, 1)


def test_nobody_reads_what_another_types(seeded):
    draft = make_draft()
    types(signed_in(make_lead()), draft, "Half a sent")

    assert "Half a sent" not in seen(signed_in(make_lead()), draft)


def test_the_person_who_takes_over_reads_what_was_typed_until_then_and_nobody_else(seeded):
    draft, lena, maria = make_draft(), make_lead("lena"), make_lead("maria")
    types(signed_in(lena), draft, "Half a sent", note="For me alone")
    before = seen(signed_in(maria), draft)

    decisions.claim(reread(draft), by=maria, now=timezone.now(), take_over=True, reason="Lena is at lunch")

    after = seen(signed_in(maria), draft)
    assert ("Half a sent" in before, "Half a sent" in after) == (False, True)
    assert "What lena had typed until" in after
    assert "For me alone" not in after
    assert "Half a sent" not in seen(signed_in(make_lead("pat")), draft)


@pytest.mark.parametrize("verb", ["approve", "reject", "save", "discard"])
def test_what_was_decided_or_saved_is_not_kept_beside_it(seeded, verb):
    draft, client = make_draft(), signed_in(make_lead())
    types(client, draft, "All of it.")

    press(client, draft, verb, text="All of it.", note="So.", **GRADES)

    assert not UnsavedText.objects.exists()


def test_thrown_away_is_the_draft_as_it_was_saved(seeded):
    draft, client = make_draft(), signed_in(make_lead())
    types(client, draft, "Half a sent")

    press(client, draft, "discard")

    assert "Half a sent" not in seen(client, draft)


def test_a_refused_decision_keeps_it(seeded):
    draft, client = make_draft(), signed_in(make_lead())
    types(client, draft, "All of it.")

    press(client, draft, "approve", text="All of it.")

    assert UnsavedText.objects.get().text == "All of it."


def test_decided_by_another_meanwhile_it_is_still_shown_as_not_sent(seeded):
    draft, mine = make_draft(), signed_in(make_lead())
    types(mine, draft, "My long text.")
    press(signed_in(make_lead()), draft, "approve", **GRADES)

    page = seen(mine, draft)

    assert "Your unsent text" in page
    assert "My long text." in page


def test_a_text_saved_by_another_meanwhile_is_shown_beside_mine(seeded):
    draft, mine = make_draft(), signed_in(make_lead())
    types(mine, draft, "My words.")
    press(signed_in(make_lead()), draft, "save", text="Her words.")

    page = seen(mine, draft)

    assert "My words." in page
    assert "Her words." in page


def test_without_a_session_typing_is_sent_to_the_sign_in(seeded):
    answer = types(Client(), make_draft(), "Half a sent")

    assert (answer.status_code, "/login/" in answer.headers["Location"]) == (302, True)


def test_a_text_longer_than_chatwoot_takes_is_refused_not_cut(seeded):
    draft = make_draft()

    answer = types(signed_in(make_lead()), draft, "x" * 150_001)

    assert (answer.status_code, UnsavedText.objects.count()) == (400, 0)


def test_somebody_elses_inbox_keeps_nothing(seeded):
    draft = make_draft()
    charlie = make_user("charlie", access.LEAD, inboxes=[make_inbox(inbox_id=99)])

    assert types(signed_in(charlie), draft, "Half a sent").status_code == 404


def test_what_was_typed_stays_in_sight_when_a_colleague_answers_in_chatwoot(seeded):
    draft, mine = make_draft(), signed_in(make_lead())
    types(mine, draft, "Nearly done.")

    deliver(message_event(101, kind="outgoing", content="I have answered.", at=later(60)))

    page = seen(mine, draft)
    assert "Your unsent text" in page
    assert "Nearly done." in page
