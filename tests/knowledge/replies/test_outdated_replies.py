"""What happened since the approval makes a reply stale: the send's own read decides."""

import pytest

from knowledge.replies import decisions
from tests.factories import run_due
from webhooks.models import Conversation, Delivery, RetryPolicy

POST = {"method": "POST", "path": r"/messages$"}


READ = {"method": "GET", "path": r"/messages$"}


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
