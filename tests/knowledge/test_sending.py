"""Design, section 6: an approved reply stands in Chatwoot once. Against each fault of the simulated Chatwoot."""

import time
from datetime import timedelta

import pytest
from django.utils import timezone

from knowledge import replies, sending
from knowledge.models import Draft
from tests.factories import make_draft
from webhooks import inbox
from webhooks.models import Delivery, RetryPolicy, SendingSwitch, Source

POST = {"method": "POST", "path": r"/messages$"}
READ = {"method": "GET", "path": r"/messages$"}

# (fault, its details) → what stands in Chatwoot in the end, and the draft's state. Never two.
FAULTS = {
    "none": ([], 1, "SENT"),
    "dropped before the work": ([("drop_before", POST, {})], 1, "SENT"),
    "dropped before the work, three times": ([("drop_before", POST | {"times": 3}, {})], 1, "SENT"),
    "answer lost": ([("drop_after", POST, {})], 1, "SENT"),
    "answer cut in the middle": ([("cut", POST, {})], 1, "SENT"),
    "work done late": ([("late", POST, {"seconds": 0.5})], 1, "SENT"),
    "answer too late": ([("hang", POST, {"seconds": 1.5})], 1, "SENT"),
    "429": ([("rate_limit", POST | {"times": 2}, {"retry_after": 3})], 1, "SENT"),
    "500 without the work": ([("status", POST, {"code": 500})], 1, "SENT"),
    "502 in HTML without the work": ([("html", POST, {"code": 502, "work": False})], 1, "SENT"),
    "200 in HTML after the work": ([("html", POST, {"code": 200, "work": True})], 1, "SENT"),
    "422 after saving": ([("save_then_422", POST, {})], 1, "SENT"),
    "404": ([("status", POST, {"code": 404})], 0, "PARKED"),
    "403 for this conversation alone": ([("status", POST, {"code": 403})], 0, "PARKED"),
    "reads fail before the call for a while": ([("status", READ | {"times": 3}, {"code": 502})], 1, "SENT"),
    "reads fail before the call for ever": ([("status", READ | {"times": None}, {"code": 502})], 0, "PARKED"),
    "answer lost, one look fails": ([("drop_after", POST, {}), ("after", READ, {"code": 502})], 1, "SENT"),
    "answer lost, every look fails": ([("drop_after", POST, {}), ("after", READ | {"times": None}, {"code": 502})], 1, "PARKED"),
    "lost before the work, every look fails": (
        [("drop_before", POST, {}), ("after", READ | {"times": None}, {"code": 502})], 0, "PARKED",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", FAULTS)
def test_the_customer_has_one_message_or_none_and_a_parked_draft(desk, case):
    faults, standing, status = FAULTS[case]
    conversation = desk.customer_writes()
    draft = desk.approved(conversation)
    for kind, where, details in faults:
        if kind != "after":
            desk.world.faults.add(kind, **where, **details)

    desk.send(15)
    for kind, where, details in faults:
        if kind == "after":
            desk.world.faults.add("status", **where, **details)
    time.sleep(0.8 if "late" in case else 0)  # the work that Chatwoot does after the connection is gone
    delivery = desk.send()

    draft.refresh_from_db()
    assert (len(desk.replies_in_chatwoot(conversation)), draft.status) == (standing, status)
    assert delivery.status in ("DONE", "DEAD")


@pytest.mark.parametrize("moment", ["before the call", "after the call", "before the work"])
def test_a_worker_killed_in_the_middle_never_makes_two(desk, monkeypatch, moment):
    class Killed(BaseException):
        """No handler of ours sees it, as none would see a SIGKILL."""

    def kill(*args: object, **kwargs: object) -> None:
        if moment == "after the call":
            real(*args, **kwargs)
        raise Killed

    conversation = desk.customer_writes()
    draft = desk.approved(conversation)
    real = sending.chatwoot.Client.create_message
    target = (sending, "move") if moment == "before the call" else (sending.chatwoot.Client, "create_message")
    with monkeypatch.context() as patch:
        patch.setattr(*target, kill)
        desk.tick(10)
        [row] = inbox.claim("send", now=desk.now)
        with pytest.raises(Killed):
            inbox.process(row, now=desk.now)

    desk.send()

    draft.refresh_from_db()
    assert (len(desk.replies_in_chatwoot(conversation)), draft.status) == (1, "SENT")
    assert row.attempt_log.get(number=1).outcome == "crashed"


def test_an_answer_is_looked_up_at_10_and_30_seconds_and_after_the_settle_time(desk):
    desk.world.faults.add("drop_before", **POST)
    desk.approved(desk.customer_writes())

    delivery = desk.send()

    draft = Draft.objects.get()
    begun = [attempt.started_at for attempt in delivery.attempt_log.order_by("number")]
    waits = [round((at - begun[0]).total_seconds()) for at in begun]
    assert waits[:4] == [0, 10, 30, 121]
    assert draft.status == "SENT"


def test_a_message_of_our_user_without_our_marker_parks_the_draft(desk):
    conversation = desk.customer_writes()
    draft = desk.approved(conversation)
    desk.world.faults.add("drop_after", **POST)
    desk.send(12)
    for message in desk.world.messages_of(conversation.display_id):
        message.content_attributes.pop("support_reply", None)  # as deleting or retrying it in Chatwoot does

    desk.send()

    draft.refresh_from_db()
    assert (draft.status, len(desk.replies_in_chatwoot(conversation))) == ("PARKED", 1)


def test_the_echo_settles_a_lost_answer_before_any_look(desk):
    conversation = desk.customer_writes()
    draft = desk.approved(conversation)
    desk.world.faults.add("drop_after", **POST)
    desk.send(12)

    desk.webhooks()
    delivery = desk.send()

    draft.refresh_from_db()
    assert (draft.status, draft.sent_message_id is not None) == ("SENT", True)
    assert (delivery.status, len(desk.replies_in_chatwoot(conversation))) in [("CANCELLED", 1), ("DONE", 1)]


def test_an_echo_after_parking_says_it_was_sent(desk):
    conversation = desk.customer_writes()
    draft = desk.approved(conversation)
    desk.world.faults.add("drop_after", **POST)
    desk.send(12)
    desk.world.faults.add("status", **READ | {"times": None}, code=502)
    desk.send()
    draft.refresh_from_db()
    assert draft.status == "PARKED"

    desk.webhooks()

    draft.refresh_from_db()
    assert draft.status == "SENT"


@pytest.mark.parametrize("webhook_first", [True, False], ids=["we know of it", "the mirror lags"])
@pytest.mark.parametrize(
    "happening", ["the customer writes again", "an agent answers", "the conversation is resolved"]
)
def test_what_happens_after_the_approval_makes_the_draft_stale_and_nothing_is_sent(
    desk, happening, webhook_first
):
    conversation = desk.customer_writes()
    draft = desk.approved(conversation)
    if happening == "the customer writes again":
        desk.world.customer_writes(
            content="Never mind, it works.", inbox_id=2, conversation_id=conversation.display_id
        )
    elif happening == "an agent answers":
        desk.world.agent_writes(conversation_id=conversation.display_id, content="I did it for you.")
    else:
        desk.world.set_status(conversation.display_id, "resolved")
    if webhook_first:
        desk.webhooks()

    delivery = desk.send()

    draft.refresh_from_db()
    assert (draft.status, delivery.status) == ("STALE", "CANCELLED")
    assert desk.replies_in_chatwoot(conversation) == []


def test_a_closed_reply_window_makes_the_draft_stale(desk):
    conversation = desk.customer_writes(inbox_id=3)
    draft = desk.approved(conversation)
    RetryPolicy.objects.filter(event_pattern="reply.send").update(max_age=None)
    desk.tick(25 * 3600)

    desk.send()

    draft.refresh_from_db()
    assert (draft.status, desk.replies_in_chatwoot(conversation)) == ("STALE", [])


def test_notes_and_bots_never_stop_a_reply(desk):
    conversation = desk.customer_writes()
    draft = desk.approved(conversation)
    desk.world.note(conversation_id=conversation.display_id, content="VIP, be quick")
    desk.webhooks()

    desk.send()

    draft.refresh_from_db()
    assert draft.status == "SENT"


def test_undo_within_the_window_sends_nothing(desk):
    conversation = desk.customer_writes()
    draft = desk.approved(conversation)
    desk.tick(5)

    replies.undo(draft, by=desk.lead, now=desk.now)
    delivery = desk.send()

    assert (draft.status, delivery.status) == ("PROPOSED", "CANCELLED")
    assert desk.replies_in_chatwoot(conversation) == []


def test_an_undone_draft_approved_again_is_sent_once(desk):
    conversation = desk.customer_writes()
    draft = desk.approved(conversation)
    replies.undo(draft, by=desk.lead, now=desk.now)
    grades = {"tone": 5, "accuracy": 5, "policy": 5}
    replies.approve(draft, by=desk.lead, revision=draft.revision, grades=grades, now=desk.now)

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
    inbox.release_held(desk.source, held_for="credentials", now=desk.now)
    desk.send()

    draft.refresh_from_db()
    assert (draft.status, len(desk.replies_in_chatwoot(conversation))) == ("SENT", 1)


def test_a_refused_token_is_said_once_however_many_sends_it_stops(desk, caplog):
    for text in ("One question.", "Another question."):
        desk.approved(desk.customer_writes(text))
    Source.objects.update(api_token="revoked")
    desk.tick(10)

    first, second = (inbox.claim("send", now=desk.now)[0] for _ in range(2))
    for row in (first, second):  # both read the source before either met the refusal
        inbox.process(row, now=desk.now)

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


def test_another_contact_than_the_approved_one_parks_the_draft(desk):
    conversation = desk.customer_writes()
    draft = desk.approved(conversation)
    Draft.objects.filter(pk=draft.pk).update(approved_recipients={"contact_id": 999})

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

    getattr(replies, button)(draft, by=desk.lead, now=desk.now)
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

    with pytest.raises(inbox.CannotReplay):
        inbox.replay(delivery, by=desk.lead, reason="again", now=timezone.now(), also_done=True)


def test_two_workers_send_one_reply(desk):
    conversation = desk.customer_writes()
    desk.approved(conversation)
    desk.tick(10)

    first, second = inbox.claim("send", now=desk.now), inbox.claim("send", now=desk.now)
    for row in [*first, *second]:
        inbox.process(row, now=desk.now)

    assert (len(first), len(second), len(desk.replies_in_chatwoot(conversation))) == (1, 0, 1)


def test_a_worker_that_outlived_its_lease_stops_before_the_call(desk):
    conversation = desk.customer_writes()
    desk.approved(conversation)
    desk.tick(10)
    [slow] = inbox.claim("send", now=desk.now)
    [quick] = inbox.claim("send", now=desk.now + timedelta(seconds=60))

    inbox.process(slow, now=desk.now)
    assert desk.replies_in_chatwoot(conversation) == []
    inbox.process(quick, now=desk.now + timedelta(seconds=60))

    assert len(desk.replies_in_chatwoot(conversation)) == 1


def test_a_second_draft_for_the_same_message_cannot_be_approved_meanwhile(desk):
    conversation = desk.customer_writes()
    other = make_draft(conversation.waiting_message, text="Another answer.", author="agent", now=desk.now)
    desk.approved(conversation)

    other.refresh_from_db()
    with pytest.raises(replies.Refused) as refused:
        replies.approve(
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
    assert sending.neutralise_liquid(text) == sent
