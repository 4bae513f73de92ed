"""What a message or a status means for drafts: who overtakes a reply, and what never does."""

import pytest

from knowledge.models import Draft
from knowledge.replies import decisions, incoming, message_digests
from tests.factories import (
    NOW,
    conversation_object,
    deliver,
    later,
    make_approved,
    make_draft,
    make_lead,
    make_waiting,
    message_event,
    run_due,
)
from webhooks.models import Conversation, Delivery, Message
from webhooks.outbound import chatwoot

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


@pytest.fixture
def responses_of(monkeypatch):
    """What a read of one message answers."""

    def answer(row: dict) -> None:
        monkeypatch.setattr(chatwoot.Client, "message", lambda *_: row)

    return answer


UNSENT = {"proposed": proposed, "second look": second_look, "approved": approved}


def edited(content: str, number: int = 100, **facts) -> dict:
    return message_event(number, event="message_updated", content=content, at=AFTER, **facts)


def deleted(number: int = 100) -> dict:
    return edited("This message was deleted", number, content_attributes={"deleted": True})


OVERTAKES = {
    "the customer edits it": (edited("Do NOT reset my password!"), "The customer edited what this answers."),
    "the customer leaves no words of it": (edited(None), "The customer edited what this answers."),
    "the customer deletes it": (deleted(), "The customer deleted what this answers."),
    "a person answers in the channel's app": (
        newer("outgoing", sender=None, content_attributes={"external_echo": True}),
        "Somebody answered in Chatwoot.",
    ),
    "a bot is given it": (
        changed(status="pending", meta={"assignee": {"id": 1, "name": "Bot", "type": "agent_bot"}}),
        "A bot answers this conversation again.",
    ),
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
    "the same message rendered for the channel": edited("<p>How do I <em>reset</em> my&nbsp;password?</p>\n"),
    "the same message with another break": edited("How do I reset my\npassword?"),
    "an edit of another message": edited("Older, edited", 99, conversation=conversation_object(8)),
    "an answer in the app that failed": newer(
        "outgoing", sender=None, content_attributes={"external_echo": True, "external_error": "Mailbox full"}
    ),
    "a call that nobody took": newer(
        "outgoing", content_type="voice_call", content_attributes={"data": {"status": "no-answer"}}
    ),
    "an automation that writes late": newer(
        "outgoing", sender=None, content_attributes={"automation_rule_id": 1}
    ),
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


VOICE = {"id": 1, "file_type": "audio", "data_url": "https://chat.example/a.ogg"}
SPOKEN = VOICE | {"transcribed_text": "It arrived broken."}


def with_a_voice_message() -> Draft:
    make_waiting()
    deliver(message_event(101, content=None, attachments=[VOICE], at=later(10)), now=later(10))
    return make_draft(Message.objects.get(message_id=101), now=later(10))


def test_a_draft_made_before_a_voice_message_was_transcribed_is_made_again():
    draft = with_a_voice_message()

    for _ in range(2):
        deliver(edited(None, 101, attachments=[SPOKEN]), now=AFTER)

    draft.refresh_from_db()
    assert (draft.status, draft.why) == ("STALE", "A voice message that this answers was transcribed since.")
    asked = Delivery.objects.filter(event="draft.request", delivery_key__contains=":changed:")
    assert [row.message_id for row in asked] == [101]


def test_what_a_person_decided_or_wrote_waits_for_no_transcript():
    draft = with_a_voice_message()
    make_approved(draft)

    deliver(edited(None, 101, attachments=[SPOKEN]), now=AFTER)

    draft.refresh_from_db()
    assert draft.status == "APPROVED"


def two_messages() -> Draft:
    """A draft that answers both."""
    make_draft()
    deliver(message_event(101, content="And my order 4711?", at=later(10)), now=later(10))
    return make_draft(Message.objects.get(message_id=101), now=later(10))


@pytest.mark.parametrize(
    ("event", "why"),
    [(edited("Forget it"), "edited"), (deleted(), "deleted"), (deleted(101), "deleted")],
    ids=["the first edited", "the first deleted", "the last deleted"],
)
def test_a_draft_answers_everything_that_waited_for_it(event, why):
    draft = two_messages()

    deliver(event, now=AFTER)

    draft.refresh_from_db()
    assert (draft.status, draft.why) == ("STALE", f"The customer {why} what this answers.")


def test_after_an_edit_a_draft_is_asked_for_once_more_and_for_a_receipt_never():
    make_draft()

    for _ in range(2):
        deliver(edited("Do NOT reset my password!"), now=AFTER)
        deliver(edited("Do NOT reset my password!"), now=AFTER)

    asked = Delivery.objects.filter(event="draft.request", delivery_key__contains=":changed:")
    assert [row.message_id for row in asked] == [100]


def test_after_a_deletion_a_draft_is_asked_for_what_is_left():
    two_messages()

    deliver(deleted(101), now=AFTER)

    asked = Delivery.objects.filter(event="draft.request", delivery_key__contains=":changed:")
    assert [row.message_id for row in asked] == [100]


def test_who_decides_on_the_old_words_is_refused_and_hears_why():
    draft = make_draft()
    Message.objects.update(content="Do NOT reset my password!")

    with pytest.raises(decisions.Refused) as refused:
        make_approved(draft)

    assert refused.value.code == "stale"
    assert "edited" in refused.value.detail


def test_a_stale_text_can_be_carried_over_to_the_edited_message():
    draft = make_draft()
    deliver(edited("Do NOT reset my password!"), now=AFTER)
    draft.refresh_from_db()

    fresh = decisions.carry_over(draft, by=make_lead(), now=AFTER)

    assert (fresh.status, fresh.in_reply_to_id) == ("PROPOSED", draft.in_reply_to_id)
    make_approved(fresh)


def test_what_the_customer_edits_while_a_draft_is_written_takes_it_back():
    message = make_waiting()
    read = message_digests.of(message.conversation, message)
    deliver(edited("Do NOT reset my password!"), now=AFTER)

    draft, _ = decisions.propose(
        message, text="Choose X.", author="Model", kind="drafter", now=AFTER, read=read
    )
    incoming.take_back_if_changed(draft, now=AFTER)

    draft.refresh_from_db()
    assert (draft.status, draft.why) == ("STALE", "The customer edited what this answers.")


def test_an_edit_that_only_a_read_shows_makes_the_draft_stale(responses_of):
    draft = make_draft()
    unversioned = edited("Do NOT reset my password!") | {"conversation": conversation_object()}
    responses_of({"id": 100, "content": "Do NOT reset my password!", "message_type": 0, "created_at": 1})

    deliver(unversioned, now=AFTER)
    run_due("slow", now=AFTER)
    run_due("in", now=AFTER)

    draft.refresh_from_db()
    assert (draft.status, draft.why) == ("STALE", "The customer edited what this answers.")


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
