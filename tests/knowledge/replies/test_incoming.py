"""What a message or a status means for drafts: who overtakes a reply, and what never does."""

import pytest

from knowledge.models import Draft
from tests.factories import (
    NOW,
    conversation_object,
    deliver,
    later,
    make_approved,
    make_draft,
    make_lead,
    message_event,
)
from webhooks.models import Conversation, Delivery

pytestmark = pytest.mark.django_db
AFTER = later(60)


def newer(kind: str = "incoming", **facts) -> dict:
    return message_event(101, kind=kind, at=AFTER, **facts)


def changed(**facts) -> dict:
    event = {"event": "conversation_updated", "account": {"id": 1}}
    return event | conversation_object(updated_at=AFTER.timestamp(), **facts)


def proposed() -> Draft:
    return make_draft()


def second_look() -> Draft:
    draft = make_draft()
    Draft.objects.filter(pk=draft.pk).update(status="SECOND_LOOK")
    return draft


def approved() -> Draft:
    return make_approved(by=make_lead())


UNSENT = {"proposed": proposed, "second look": second_look, "approved": approved}
OVERTAKES = {
    "the customer writes again": (newer(), "The customer wrote again."),
    "a person answers": (newer("outgoing"), "Somebody answered in Chatwoot."),
    "it is resolved": (changed(status="resolved"), "The conversation was resolved."),
    "the window closes": (changed(can_reply=False), "The channel's reply window has closed."),
}


@pytest.mark.parametrize("state", UNSENT)
@pytest.mark.parametrize("case", OVERTAKES)
def test_what_overtakes_a_reply_makes_it_stale_and_says_why(state, case):
    event, why = OVERTAKES[case]
    draft = UNSENT[state]()

    deliver(event, now=AFTER)

    draft.refresh_from_db()
    assert (draft.status, draft.why) == ("STALE", why)


@pytest.mark.parametrize("case", OVERTAKES)
def test_what_overtakes_an_approved_reply_cancels_its_send(case):
    approved()

    deliver(OVERTAKES[case][0], now=AFTER)

    assert Delivery.objects.get(event="reply.send").status == "CANCELLED"


NEVER = {
    "a note": newer("outgoing", private=True),
    "a bot": newer("outgoing", sender={"id": 9, "name": "Bot", "type": "agent_bot"}),
    "a template": newer("template"),
    "an automation": newer("outgoing", content_attributes={"automation_rule_id": 1}),
    "a campaign": newer("outgoing", additional_attributes={"campaign_id": 1}),
    "an answer that failed": newer("outgoing", content_attributes={"external_error": "Mailbox full"}),
    "a survey": newer("template", content_type="input_csat"),
    "an answer to a survey": newer(content_type="input_csat"),
    "a reaction": newer(content_attributes={"is_reaction": True}),
    "an auto-reply": newer(content_attributes={"auto_reply": True}),
    "an edit of the message": message_event(event="message_updated", content="How do I, please?", at=AFTER),
    "the message's delivery": message_event(event="message_updated", at=AFTER),
    "a label": changed(labels=["vip"]),
    "an assignment": changed(meta={"assignee": {"id": 2, "name": "Maria"}}),
    "an older message that comes late": message_event(99, at=later(-60)),
    "an older answer that comes late": message_event(99, kind="outgoing", at=later(-60)),
    "another conversation": message_event(200, conversation=conversation_object(8), at=AFTER),
}


@pytest.mark.parametrize("state", UNSENT)
@pytest.mark.parametrize("event", NEVER.values(), ids=NEVER)
def test_what_says_nothing_new_leaves_a_reply_alone(state, event):
    draft = UNSENT[state]()
    before = Draft.objects.get(pk=draft.pk).status

    row = deliver(event, now=AFTER)

    draft.refresh_from_db()
    assert (row.status, draft.status) == ("DONE", before)


def test_an_answer_that_fails_brings_the_customer_back():
    proposed()
    deliver(newer("outgoing"), now=AFTER)
    assert Conversation.objects.get().waiting_since is None

    failed = newer("outgoing", event="message_updated", content_attributes={"external_error": "Mailbox full"})
    deliver(failed | {"conversation": failed["conversation"] | {"messages": [
        {"id": 101, "message_type": 1, "updated_at": later(90).timestamp(), "status": "failed"}]}}, now=later(90))  # fmt: skip

    assert Conversation.objects.get().waiting_since == NOW


def test_the_echo_of_our_reply_settles_it():
    draft = approved()

    deliver(newer("outgoing", content_attributes={"support_reply": draft.marker}), now=AFTER)

    draft.refresh_from_db()
    assert (draft.status, draft.sent_message_id) == ("SENT", 101)
    assert Delivery.objects.get(event="reply.send").status == "CANCELLED"


@pytest.mark.parametrize("marker", ["0:1", "999999:1", "x", "1", ":", "²:1"])
def test_a_marker_that_is_not_ours_settles_nothing(marker):
    approved()

    row = deliver(newer("outgoing", content_attributes={"support_reply": marker}), now=AFTER)

    assert (row.status, Draft.objects.get().status) == ("DONE", "STALE")


def test_a_note_with_our_marker_settles_nothing():
    draft = approved()

    deliver(newer("outgoing", private=True, content_attributes={"support_reply": draft.marker}), now=AFTER)

    assert Draft.objects.get().status == "APPROVED"


@pytest.mark.parametrize(("conversation", "status"), [(7, "SENT"), (8, "APPROVED")])
def test_our_mark_settles_a_reply_in_its_own_conversation_alone(conversation, status):
    draft = make_approved()
    marked = {"content_attributes": {"support_reply": draft.marker}}

    deliver(newer("outgoing", conversation=conversation_object(conversation), **marked))

    draft.refresh_from_db()
    assert draft.status == status
