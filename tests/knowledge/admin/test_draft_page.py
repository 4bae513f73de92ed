"""The desk's pages: deciding on a draft, losing nothing, and seeing only one's own inboxes."""

import pytest
from django.urls import reverse
from django.utils import timezone

from knowledge.models import Draft, Escalation
from knowledge.replies import decisions
from knowledge.search import index
from tests.factories import (
    GRADES,
    conversation_object,
    deliver,
    later,
    make_approved,
    make_draft,
    make_inbox,
    make_lead,
    make_user,
    make_waiting,
    message_event,
)
from tests.knowledge.admin.pressing import page_of, press, reread, signed_in
from webhooks.accounts import access
from webhooks.models import Delivery, Message

pytestmark = [pytest.mark.django_db, pytest.mark.once]


def make_parked() -> Draft:
    draft = make_approved()
    Draft.objects.filter(pk=draft.pk).update(status="PARKED", why="It cannot be known whether this was sent.")
    draft.refresh_from_db()
    return draft


def test_the_page_shows_the_question_the_draft_and_its_evidence(seeded):
    draft = make_draft(
        evidence=[
            {"article": "reset-password", "version": 3, "title": "Reset it", "score": 0.8, "why": "fits"}
        ]
    )

    page = signed_in(make_lead()).get(page_of(draft)).content.decode()

    assert "How do I reset my password?" in page
    assert "Choose Forgot password." in page
    assert "Reset it" in page


def test_opening_a_reply_searches_nothing_so_that_no_model_is_loaded(seeded, monkeypatch):
    """That begins when a person begins to write (insert.js)."""
    monkeypatch.setattr(index, "current", lambda: pytest.fail("searched"))

    assert signed_in(make_lead()).get(page_of(make_draft())).status_code == 200


def test_grades_are_unset_at_first(seeded):
    page = signed_in(make_lead()).get(page_of(make_draft())).content.decode()

    assert " checked" not in page


def test_approving_freezes_the_text_and_queues_one_send(seeded):
    draft = make_draft()

    press(signed_in(make_lead("maria")), draft, "approve", **GRADES)

    decided = reread(draft)
    assert (decided.status, decided.approved_text, decided.decided_by.username) == (
        "APPROVED",
        draft.body,
        "maria",
    )
    assert Delivery.objects.filter(event="reply.send").count() == 1


def test_the_edited_text_is_what_is_approved(seeded):
    draft = make_draft()

    press(signed_in(make_lead()), draft, "approve", text="Better words.", **GRADES)

    assert reread(draft).approved_text == "Better words."


def test_line_breaks_as_browsers_post_them_are_no_edit(seeded):
    draft = make_draft(text="Hi,\n\nso it is.")

    press(signed_in(make_lead()), draft, "approve", text="Hi,\r\n\r\nso it is.", **GRADES)

    assert (reread(draft).approved_text, reread(draft).changed_by) == ("Hi,\n\nso it is.", [])


@pytest.mark.parametrize("verb", ["approve", "reject"])
@pytest.mark.parametrize("missing", ["tone", "accuracy", "policy"])
def test_a_decision_needs_every_grade_and_loses_nothing_without(seeded, verb, missing):
    draft = make_draft()
    given = {name: value for name, value in GRADES.items() if name != missing}

    answer = press(signed_in(make_lead()), draft, verb, text="My long text.", note="My note.", **given)

    page = answer.content.decode()
    assert (answer.status_code, reread(draft).status) == (400, "PROPOSED")
    assert "My long text." in page
    assert "My note." in page
    assert page.count(" checked") == 2


def test_rejecting_needs_a_reason(seeded):
    draft = make_draft()

    answer = press(signed_in(make_lead()), draft, "reject", **GRADES)

    assert (answer.status_code, reread(draft).status) == (400, "PROPOSED")


def test_rejecting_keeps_the_reason(seeded):
    draft = make_draft()

    press(signed_in(make_lead()), draft, "reject", note="Wrong article.", **GRADES)

    assert (reread(draft).status, reread(draft).note) == ("REJECTED", "Wrong article.")


def test_an_approval_is_undone_with_its_text_kept(seeded):
    draft, client = make_draft(), signed_in(make_lead())
    press(client, draft, "approve", text="Better words.", **GRADES)

    press(client, reread(draft), "undo")

    assert (reread(draft).status, reread(draft).body) == ("PROPOSED", "Better words.")


def test_a_parked_reply_is_settled_by_a_person(seeded):
    draft = make_parked()

    press(signed_in(make_lead()), draft, "arrived")

    assert reread(draft).status == "SENT"


def test_saving_the_text_is_a_new_revision(seeded):
    draft = make_draft()

    press(signed_in(make_lead()), draft, "save", text="Better words.")

    assert (reread(draft).body, reread(draft).revision) == ("Better words.", 2)


def test_escalating_names_an_owner_and_keeps_the_draft_open(seeded):
    draft, owner = make_draft(), make_lead("maria")

    press(signed_in(make_lead()), draft, "escalate", reason="Asks for a discount.", owner=owner.pk)

    assert (Escalation.objects.get().owner, reread(draft).status) == (owner, "PROPOSED")


def test_an_escalation_goes_to_nobody_outside_the_inbox(seeded):
    draft, me = make_draft(), make_lead()
    outsider = make_user("outsider", access.LEAD, inboxes=[])

    press(signed_in(me), draft, "escalate", reason="Asks for a discount.", owner=outsider.pk)

    assert Escalation.objects.get().owner != outsider


def test_the_queue_shows_whoever_waits(seeded):
    make_draft()

    page = signed_in(make_lead()).get(reverse("admin:knowledge_draft_queue")).content.decode()

    assert "Ada Park" in page


def test_the_queue_shows_only_ones_own_inboxes(seeded):
    make_draft()
    client = signed_in(make_user("charlie", access.LEAD, inboxes=[make_inbox(inbox_id=99)]))

    assert "Ada Park" not in client.get(reverse("admin:knowledge_draft_queue")).content.decode()


def test_next_skips_what_another_has(seeded):
    draft = make_draft()
    decisions.claim(draft, by=make_lead("maria"), now=timezone.now())

    answer = signed_in(make_lead()).post(reverse("admin:knowledge_draft_next"))

    assert answer.headers["Location"] == reverse("admin:knowledge_draft_queue")


def test_what_a_customer_wrote_runs_nothing(seeded):
    make_waiting(text="<script>alert(1)</script> [x](javascript:alert(2)) <img src=x onerror=alert(3)>")
    draft = make_draft(Message.objects.get(message_id=100))

    page = signed_in(make_lead()).get(page_of(draft)).content.decode()

    assert "<script>alert" not in page
    assert 'href="javascript' not in page
    assert "<img src=x" not in page


def test_quoted_mail_is_folded(seeded):
    make_waiting(text="Still broken.\n\nOn Tue, 3 Nov 2026, Support wrote:\n> Old words")
    draft = make_draft(Message.objects.get(message_id=100))

    page = signed_in(make_lead()).get(page_of(draft)).content.decode()

    assert page.index("Quoted text") < page.index("Old words")


def test_a_person_writes_a_reply_where_there_is_no_draft(seeded):
    message = make_waiting()

    url = reverse("admin:webhooks_conversation_propose", args=[message.conversation_id])
    signed_in(make_user("agent", access.AGENT)).post(url, {"text": "I look into it."})

    assert Draft.objects.get().author == "agent"


def test_a_failed_reply_is_said_on_its_draft(seeded):
    draft = make_approved()
    failed = {
        "content_attributes": {"external_error": "131047: window closed"},
        "conversation": conversation_object(),
    }
    deliver(message_event(150, kind="outgoing", content=draft.body, at=later(60), **failed))
    Draft.objects.filter(pk=draft.pk).update(status="SENT", sent_message_id=150)

    assert "131047" in signed_in(make_lead()).get(page_of(draft)).content.decode()
