"""Design, section 6: what a send reads before its call, what stops it, and when it looks. Each fault: test_send_matrix.py."""

import pytest
from django.utils import timezone

from knowledge.models import Draft
from knowledge.replies import decisions
from knowledge.text import liquid
from tests.factories import make_draft, run_due
from webhooks import deliveries
from webhooks.models import Conversation, Delivery, RetryPolicy, SendingSwitch, Source

POST = {"method": "POST", "path": r"/messages$"}
READ = {"method": "GET", "path": r"/messages$"}


def test_an_answer_is_looked_up_at_10_and_30_seconds_and_after_the_settle_time(desk):
    desk.world.faults.add("drop_before", **POST)
    desk.approved(desk.customer_writes())

    delivery = desk.send()

    draft = Draft.objects.get()
    begun = [attempt.started_at for attempt in delivery.attempt_log.order_by("number")]
    waits = [round((at - begun[0]).total_seconds()) for at in begun]
    assert waits[:4] == [0, 10, 30, 121]
    assert draft.status == "SENT"


FAILURES = {
    "rate limit": ("status", {"code": 429}),
    "broken": ("status", {"code": 500}),
    "a proxy without its Chatwoot": ("status", {"code": 502}),
    "reset": ("drop_before", {}),
}


@pytest.mark.parametrize("arrived", [True, False], ids=["it had arrived", "it had not"])
@pytest.mark.parametrize(("kind", "more"), FAILURES.values(), ids=FAILURES)
@pytest.mark.parametrize("failures", [1, 4], ids=["one look fails", "the last look fails too"])
def test_a_look_that_fails_is_repeated_and_parks_nothing(desk, arrived, kind, more, failures):
    conversation = desk.customer_writes()
    draft = desk.approved(conversation)
    desk.world.faults.add("drop_after" if arrived else "drop_before", **POST)
    desk.send(12)
    desk.world.faults.add(kind, **READ | {"times": failures}, **more)

    desk.send()

    draft.refresh_from_db()
    assert (draft.status, len(desk.replies_in_chatwoot(conversation))) == ("SENT", 1)


def test_looks_that_go_on_failing_end_at_the_age_that_the_policy_allows(desk):
    # Shorter than ten failures, which would open Chatwoot's circuit.
    RetryPolicy.objects.filter(event_pattern="reply.send").update(max_age=300)
    draft = desk.approved(desk.customer_writes())
    desk.world.faults.add("drop_after", **POST)
    desk.send(12)
    desk.world.faults.add("status", **READ | {"times": None}, code=500)

    delivery = desk.send()

    draft.refresh_from_db()
    assert (draft.status, draft.why[:15]) == ("PARKED", "It cannot be kn")
    last = delivery.attempt_log.order_by("number").last()
    assert 240 <= (last.started_at - delivery.due_since).total_seconds() <= 300


def test_a_look_that_is_told_to_wait_waits(desk):
    draft = desk.approved(desk.customer_writes())
    desk.world.faults.add("drop_after", **POST)
    desk.send(12)
    desk.world.faults.add("rate_limit", **READ, retry_after=90)

    delivery = desk.send()

    looks = [attempt.started_at for attempt in delivery.attempt_log.order_by("number")][-2:]
    draft.refresh_from_db()
    assert draft.status == "SENT"
    assert (looks[1] - looks[0]).total_seconds() >= 90


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


STOPS = {
    "the customer writes again": lambda desk, number: desk.world.customer_writes(
        content="Never mind.", inbox_id=2, conversation_id=number
    ),
    "an agent answers": lambda desk, number: desk.world.agent_writes(
        conversation_id=number, content="I did it for you."
    ),
    "the conversation is resolved": lambda desk, number: desk.world.set_status(number, "resolved"),
}  # fmt: skip


def stopped(desk, happening: str) -> Conversation:
    """A send is stopped by what only its own read has seen; that takes the way of every event."""
    conversation = desk.customer_writes()
    desk.approved(conversation)
    desk.tick(5)
    STOPS[happening](desk, conversation.display_id)
    desk.send()
    run_due("in", now=desk.now)
    conversation.refresh_from_db()
    return conversation


def as_mirrored(conversation: Conversation) -> tuple:
    waiting = conversation.waiting_message
    messages = conversation.messages.order_by("message_id").values_list("message_id", "content", "kind")
    return conversation.status, waiting and waiting.content, list(messages)


@pytest.mark.parametrize(
    ("happening", "status", "waiting"),
    [
        ("the customer writes again", "open", "Never mind."),
        ("an agent answers", "open", None),
        ("the conversation is resolved", "resolved", None),
    ],
)
def test_what_only_the_sends_own_read_saw_is_in_the_queue_before_its_webhook(
    desk, happening, status, waiting
):
    conversation = stopped(desk, happening)

    assert as_mirrored(conversation)[:2] == (status, waiting)
    assert set(Delivery.objects.filter(origin="reconciled").values_list("status", flat=True)) == {"DONE"}


@pytest.mark.parametrize("happening", STOPS)
def test_the_webhook_that_comes_after_the_read_changes_nothing(desk, happening):
    conversation = stopped(desk, happening)
    before = as_mirrored(conversation)

    desk.webhooks()

    conversation.refresh_from_db()
    assert as_mirrored(conversation) == before


def test_a_message_found_by_the_send_gets_its_draft(desk):
    conversation = stopped(desk, "the customer writes again")

    requests = Delivery.objects.filter(event="draft.request", conversation_id=conversation.display_id)
    assert requests.filter(message_id=conversation.waiting_message.message_id).count() == 1


def test_what_a_person_saw_arrive_is_read_and_ends_the_wait(desk):
    RetryPolicy.objects.filter(event_pattern="reply.send").update(max_age=300)  # no circuit opens
    conversation = desk.customer_writes()
    draft = desk.approved(conversation)
    desk.world.faults.add("drop_after", **POST)
    desk.send(12)
    desk.world.faults.add("status", **READ | {"times": None}, code=502)
    desk.send()
    desk.world.faults.clear()
    draft.refresh_from_db()

    decisions.arrived(draft, by=desk.lead, now=desk.now)
    run_due("slow", now=desk.now)
    run_due("in", now=desk.now)

    draft.refresh_from_db()
    conversation.refresh_from_db()
    assert (conversation.waiting_since, draft.sent_message_id is not None) == (None, True)


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
