"""Private notes in Chatwoot: of an escalation, and of a draft where the inbox wants it."""

import time
from datetime import timedelta

import pytest

from knowledge import inbox_settings
from knowledge.models import Draft, Escalation
from knowledge.replies import decisions, escalations
from tests.factories import GRADES, NOW, make_draft, make_lead
from tests.knowledge.replies.deciding import refusal
from tests.knowledge.replies.following import POST, drafted, ran
from webhooks import deliveries
from webhooks.models import Conversation, Delivery


def notes(desk, conversation: Conversation) -> list[str]:
    return [message.content for message in desk.world.messages_of(conversation.display_id) if message.private]


# Escalations


def escalated(desk, conversation: Conversation, reason: str = "A lawyer writes.") -> Escalation:
    owner = make_lead("olga")
    return decisions.escalate(
        drafted(desk, conversation), by=desk.lead, reason=reason, owner=owner, now=desk.now
    )


def test_an_escalation_posts_one_private_note_with_a_link(desk, settings):
    settings.PUBLIC_URL = "https://support.acme.example"
    conversation = desk.customer_writes()
    row = escalated(desk, conversation)

    assert ran(desk, "note.create").status == "DONE"

    [note] = notes(desk, conversation)
    assert note.startswith(f"Escalated by {desk.lead} to olga: A lawyer writes.")
    assert f"https://support.acme.example/admin/knowledge/escalation/{row.pk}/change/" in note


def test_what_a_person_wrote_as_reason_stays_text(desk):
    conversation = desk.customer_writes()
    escalated(desk, conversation, "He says {{ contact.email }}")
    desk.work()

    assert "{\u200b{ contact.email }}" in notes(desk, conversation)[0]


def test_each_escalation_has_a_note_of_its_own(desk):
    conversation = desk.customer_writes()
    first = escalated(desk, conversation)
    decisions.escalate(first.draft, by=desk.lead, reason="Again.", owner=None, now=desk.now)
    desk.work()

    assert len(notes(desk, conversation)) == 2


@pytest.mark.parametrize(
    "fault", ["drop_before", "drop_after", "cut", "save_then_422", "late", "rate_limit", "status", "html"]
)
def test_whatever_becomes_of_the_call_there_is_one_note(desk, fault):
    conversation = desk.customer_writes()
    escalated(desk, conversation)
    late = {"seconds": 0.5} if fault == "late" else {}
    desk.world.faults.add(fault, **POST, path=r"/messages$", **late)
    desk.work(15)  # the second try comes before the late work does
    time.sleep(1 if late else 0)

    delivery = ran(desk, "note.create")

    assert (delivery.status, len(notes(desk, conversation))) == ("DONE", 1)


def test_a_worker_killed_after_the_call_leaves_one_note(desk, monkeypatch):
    class Killed(BaseException):
        pass

    from webhooks.outbound import chatwoot

    real = chatwoot.Client.create_note

    def kill(*args, **kwargs):
        real(*args, **kwargs)
        raise Killed

    conversation = desk.customer_writes()
    escalated(desk, conversation)
    [row] = deliveries.claim("send", now=desk.now)
    with monkeypatch.context() as patch:
        patch.setattr(chatwoot.Client, "create_note", kill)
        with pytest.raises(Killed):
            deliveries.process(row, now=desk.now)

    delivery = ran(desk, "note.create")

    assert (delivery.status, len(notes(desk, conversation))) == ("DONE", 1)


def test_a_note_never_shows_to_customers_nor_answers_them(desk):
    conversation = desk.customer_writes()
    escalated(desk, conversation)
    desk.work()
    desk.webhooks()

    conversation.refresh_from_db()
    assert conversation.waiting_message_id is not None
    assert desk.replies_in_chatwoot(conversation) == []


@pytest.mark.parametrize(
    ("setting", "kept"),
    [({"escalation_team": 4}, (None, 4)), ({"escalation_assignee": 2}, (2, None)), ({"escalation_team": None}, (None, None))],
)  # fmt: skip
def test_an_escalation_is_assigned_to_whom_the_inbox_names(desk, setting, kept):
    conversation = desk.customer_writes()
    inbox_settings.keep(conversation.inbox, **setting)
    escalated(desk, conversation)
    desk.work()

    there = desk.world.conversation(conversation.display_id)
    assert (there.assignee_id, there.team_id) == kept


def test_a_lost_answer_assigns_once_more_to_the_same(desk):
    conversation = desk.customer_writes()
    inbox_settings.keep(conversation.inbox, escalation_assignee=2)
    escalated(desk, conversation)
    desk.world.faults.add("drop_after", **POST, path=r"/assignments$")

    delivery = ran(desk, "conversation.assign")

    assert (delivery.status, desk.world.conversation(conversation.display_id).assignee_id) == ("DONE", 2)
    assert delivery.attempt_log.last().message == "The conversation was already assigned."


def test_an_escalation_that_fails_leaves_no_note_to_post(desk):
    draft = drafted(desk, desk.customer_writes())

    assert refusal(decisions.escalate, draft, by=desk.lead, reason=" ", owner=None) == "reason_required"
    assert not Delivery.objects.filter(event="note.create").exists()


# Drafts as private notes


def test_a_draft_is_no_note_unless_the_inbox_wants_it(desk):
    drafted(desk, desk.customer_writes())

    assert not Delivery.objects.filter(event="note.create").exists()


def mirrored(desk) -> tuple[Conversation, Draft]:
    conversation = desk.customer_writes()
    inbox_settings.keep(conversation.inbox, mirror_notes=True)
    return conversation, drafted(desk, conversation, "Choose {{ this }}.")


def test_where_the_inbox_wants_it_each_draft_is_one_note(desk):
    conversation, draft = mirrored(desk)
    decisions.edit(draft, text="Another text.", by=desk.lead, revision=1, now=desk.now)
    desk.work()

    [note] = notes(desk, conversation)
    assert f"/admin/knowledge/draft/{draft.pk}/change/" in note
    assert "Another text." in note


def test_the_same_proposal_again_makes_no_second_note(desk):
    conversation, draft = mirrored(desk)
    make_draft(draft.in_reply_to, text="Choose {{ this }}.", now=desk.now)
    desk.work()

    assert len(notes(desk, conversation)) == 1


def raised(desk, conversation: Conversation) -> None:
    conversation.refresh_from_db()
    escalations.of_conversation(
        conversation, by=desk.lead, kind="other", reason="odd", level=2, owner=desk.lead, now=desk.now
    )


def test_no_note_is_written_while_a_reply_is_about_to_go_or_young(desk):
    conversation = desk.customer_writes(inbox_id=1)
    desk.approved(conversation)
    raised(desk, conversation)

    desk.work(30)
    [reply] = [m for m in desk.world.messages_of(conversation.display_id) if m.message_type == "outgoing"]
    assert not reply.private
    desk.work(300)

    [note] = [m for m in desk.world.messages_of(conversation.display_id) if m.private]
    assert note.created_at - reply.created_at > 60


def test_no_note_is_written_within_a_minute_of_anybodys_answer(desk):
    conversation = desk.customer_writes(inbox_id=1)
    answer = desk.world.agent_writes(conversation_id=conversation.display_id, content="I did it.")
    raised(desk, conversation)

    desk.work(300)

    [note] = [m for m in desk.world.messages_of(conversation.display_id) if m.private]
    assert note.created_at - answer.created_at > 60


def test_waiting_for_a_reply_costs_a_note_no_attempt(desk):
    conversation = desk.customer_writes(inbox_id=1)
    desk.world.agent_writes(conversation_id=conversation.display_id, content="I did it.")
    raised(desk, conversation)

    row = ran(desk, "note.create", until=300)

    assert (row.status, row.attempts) == ("DONE", 1)


def test_a_draft_decided_meanwhile_is_no_note(desk):
    conversation, draft = mirrored(desk)
    decisions.reject(draft, by=desk.lead, revision=1, grades=GRADES, reason="no", now=desk.now)
    desk.work()

    assert notes(desk, conversation) == []


@pytest.mark.django_db
def test_a_payload_holds_no_customers_text(desk):
    _conversation, draft = mirrored(desk)
    escalated_row = decisions.escalate(
        draft, by=desk.lead, reason="Secret words", owner=None, now=NOW + timedelta(seconds=1)
    )

    bodies = [bytes(row.body).decode() for row in Delivery.objects.filter(event="note.create").order_by("pk")]

    assert bodies == [f'{{"draft": {draft.pk}}}', f'{{"escalation": {escalated_row.pk}}}']
