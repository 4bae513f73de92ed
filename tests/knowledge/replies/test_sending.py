"""Design, section 6: what stops a send, what it sends, and what ends the wait. Each fault: test_send_matrix.py."""

import pytest
from django.utils import timezone

from knowledge.models import Draft
from knowledge.replies import decisions
from knowledge.text import liquid
from tests.factories import make_draft
from webhooks import deliveries
from webhooks.models import Delivery, SendingSwitch, Source

POST = {"method": "POST", "path": r"/messages$"}


def test_undo_within_the_window_sends_nothing(desk):
    conversation = desk.customer_writes()
    draft = desk.approved(conversation)
    desk.tick(5)

    decisions.undo(draft, by=desk.lead, now=desk.now)
    delivery = desk.send()

    assert (draft.status, delivery.status) == ("PROPOSED", "CANCELLED")
    assert desk.replies_in_chatwoot(conversation) == []


def test_an_undone_draft_approved_again_is_sent_once(desk):
    conversation = desk.customer_writes()
    draft = desk.approved(conversation)
    decisions.undo(draft, by=desk.lead, now=desk.now)
    grades = {"tone": 5, "accuracy": 5, "policy": 5}
    decisions.approve(draft, by=desk.lead, revision=draft.revision, grades=grades, now=desk.now)

    desk.send()

    draft.refresh_from_db()
    assert (draft.status, draft.approval, len(desk.replies_in_chatwoot(conversation))) == ("SENT", 2, 1)


def test_what_is_sent_is_what_was_approved_not_what_the_draft_became(desk):
    conversation = desk.customer_writes()
    draft = desk.approved(conversation, text="Approved words.")
    Draft.objects.filter(pk=draft.pk).update(body="Other words.")

    desk.send()

    assert desk.replies_in_chatwoot(conversation) == ["Approved words."]


def test_a_refused_token_holds_the_sends_and_a_token_check_releases_them(desk):
    conversation = desk.customer_writes()
    draft = desk.approved(conversation)
    Source.objects.update(api_token="revoked")
    delivery = desk.send()
    assert (delivery.status, delivery.held_for) == ("HELD", "credentials")
    assert Source.objects.get().credentials_refused_at

    Source.objects.update(api_token=desk.chatwoot.admin_token, credentials_refused_at=None)
    deliveries.release_held(desk.source, held_for="credentials", now=desk.now)
    desk.send()

    draft.refresh_from_db()
    assert (draft.status, len(desk.replies_in_chatwoot(conversation))) == ("SENT", 1)


def test_a_refused_token_is_said_once_however_many_sends_it_stops(desk, caplog):
    for text in ("One question.", "Another question."):
        desk.approved(desk.customer_writes(text))
    Source.objects.update(api_token="revoked")
    desk.tick(10)

    first, second = (deliveries.claim("send", now=desk.now)[0] for _ in range(2))
    for row in (first, second):  # both read the source before either met the refusal
        deliveries.process(row, now=desk.now)

    assert [line.message for line in caplog.records].count("source.credentials_refused") == 1
    assert set(Delivery.objects.filter(event="reply.send").values_list("held_for", flat=True)) == {
        "credentials"
    }


def test_the_kill_switch_holds_every_send(desk):
    conversation = desk.customer_writes()
    desk.approved(conversation)
    SendingSwitch.objects.filter(pk=1).update(stopped=True)

    delivery = desk.send()

    assert (delivery.status, delivery.held_for) == ("HELD", "rule")
    assert desk.replies_in_chatwoot(conversation) == []


def test_an_old_approval_is_parked_and_not_sent_at_3_am(desk):
    conversation = desk.customer_writes()
    draft = desk.approved(conversation)
    desk.tick(31 * 60 + 10)

    desk.send()

    draft.refresh_from_db()
    assert (draft.status, desk.replies_in_chatwoot(conversation)) == ("PARKED", [])


@pytest.mark.parametrize(
    ("button", "status", "standing"), [("resend", "SENT", 1), ("arrived", "SENT", 0), ("close", "CLOSED", 0)]
)
def test_a_person_settles_a_parked_draft(desk, button, status, standing):
    conversation = desk.customer_writes()
    draft = desk.approved(conversation)
    desk.world.faults.add("status", **POST, code=404)
    desk.send()
    draft.refresh_from_db()

    getattr(decisions, button)(draft, by=desk.lead, now=desk.now)
    desk.send()

    draft.refresh_from_db()
    assert (draft.status, len(desk.replies_in_chatwoot(conversation))) == (status, standing)


def test_a_sent_reply_ends_the_wait_even_if_its_webhook_never_comes(desk):
    conversation = desk.customer_writes()
    desk.approved(conversation)

    desk.send()

    conversation.refresh_from_db()
    assert conversation.waiting_since is None


def test_a_failure_of_the_channel_shows_and_returns_the_customer_to_the_queue(desk):
    conversation = desk.customer_writes()
    draft = desk.approved(conversation)
    desk.send()
    desk.webhooks()
    conversation.refresh_from_db()
    assert conversation.waiting_since is None
    draft.refresh_from_db()

    desk.tick(5)
    desk.world.fail_message(draft.sent_message_id, "The mailbox is full")
    desk.webhooks()

    conversation.refresh_from_db()
    assert conversation.waiting_since is not None


def test_a_reply_by_mail_names_to_and_cc(desk):
    mail = {"from": ["ada@example.com"], "to": ["support@acme.example"], "cc": ["boss@example.com"]}
    conversation = desk.customer_writes(inbox_id=1, email=mail)
    desk.approved(conversation)

    desk.send()

    sent = desk.world.last_public_message(conversation.display_id)
    assert sorted(sent.delivered_to) == ["ada@example.com", "boss@example.com"]


def test_a_mail_may_wait_four_hours_a_chat_thirty_minutes(desk):
    desk.approved(desk.customer_writes(inbox_id=1))
    desk.tick(3 * 3600)

    desk.send()

    assert Draft.objects.get().status == "SENT"


def test_a_reply_is_never_replayed_by_the_engine(desk):
    desk.approved(desk.customer_writes())
    delivery = desk.send()

    with pytest.raises(deliveries.CannotReplay):
        deliveries.replay(delivery, by=desk.lead, reason="again", now=timezone.now(), also_done=True)


def test_a_second_draft_for_the_same_message_cannot_be_approved_meanwhile(desk):
    conversation = desk.customer_writes()
    other = make_draft(conversation.waiting_message, text="Another answer.", author="agent", now=desk.now)
    desk.approved(conversation)

    other.refresh_from_db()
    with pytest.raises(decisions.Refused) as refused:
        decisions.approve(
            other, by=desk.lead, revision=1, grades={"tone": 5, "accuracy": 5, "policy": 5}, now=desk.now
        )

    assert refused.value.code == "already_decided"
    assert Delivery.objects.filter(event="reply.send").count() == 1


@pytest.mark.parametrize(
    ("text", "sent"),
    [
        ("{{ contact.email }}", "{\u200b{ contact.email }}"),
        ("{% if x %}", "{\u200b% if x %}"),
        ("{{{ x }}}", "{\u200b{\u200b{ x }}}"),
        ("`{{ code }}` and {{ this }}", "`{{ code }}` and {\u200b{ this }}"),
        ("one ` backtick {{ x }}", "one ` backtick {\u200b{ x }}"),
        ("`{% endraw %}{{ x }}`", "`{\u200b% endraw %}{\u200b{ x }}`"),
        ("plain { braces }", "plain { braces }"),
    ],
)
def test_liquid_is_neutralised_outside_backticks(text, sent):
    assert liquid.neutralised(text) == sent


def test_a_mail_of_which_chatwoot_kept_no_text_is_answered(desk):
    """Its text is read from the mail, in the event and in what the send reads: else the customer would seem to have edited it."""
    mail = {"from": ["ada@example.com"], "text_content": {"reply": "", "full": "Please cancel."}}
    conversation = desk.customer_writes("", inbox_id=1, email=mail)
    draft = desk.approved(conversation)

    desk.send()

    draft.refresh_from_db()
    assert (draft.in_reply_to.content, draft.status) == ("Please cancel.", "SENT")
