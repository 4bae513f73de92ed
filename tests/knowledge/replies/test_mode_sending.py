"""A mode and approved replies: held before the call whenever the switch comes, and never sent where somebody else may have."""

import pytest

from knowledge.replies import decisions, sending
from webhooks import deliveries
from webhooks.models import Delivery, Source
from webhooks.sources import modes


def switch(desk, mode: str, **facts) -> None:
    Source.objects.update(legacy_url="http://93.184.215.14/")
    modes.switch(desk.source, mode, by=None, reason="Wrong prices.", now=desk.now, **facts)


@pytest.mark.parametrize("mode", ["paused", "legacy"])
def test_a_reply_approved_before_the_switch_is_held(desk, mode):
    conversation = desk.customer_writes()
    draft = desk.approved(conversation)
    switch(desk, mode)

    delivery = desk.send()

    draft.refresh_from_db()
    assert (delivery.status, delivery.held_for, draft.status) == ("HELD", "paused", "APPROVED")
    assert desk.replies_in_chatwoot(conversation) == []


@pytest.mark.parametrize("mode", ["paused", "legacy"])
def test_a_switch_between_claim_and_call_holds_the_reply(desk, mode, monkeypatch):
    conversation = desk.customer_writes()
    draft = desk.approved(conversation)
    desk.tick(11)
    row = deliveries.claim("send", now=desk.now)[0]
    read = sending._read_before

    def and_then_it_is_switched(*args, **kwargs):
        newest = read(*args, **kwargs)
        switch(desk, mode)
        return newest

    monkeypatch.setattr(sending, "_read_before", and_then_it_is_switched)
    deliveries.process(row, now=desk.now)

    row.refresh_from_db()
    draft.refresh_from_db()
    assert (row.status, row.held_for, draft.status) == ("HELD", "paused", "APPROVED")
    assert desk.replies_in_chatwoot(conversation) == []


def test_resuming_sends_what_a_pause_held_once(desk):
    conversation = desk.customer_writes()
    draft = desk.approved(conversation)
    switch(desk, "paused")
    desk.send()
    desk.tick(3600 * 5)

    switch(desk, "active")
    desk.send()

    draft.refresh_from_db()
    assert (draft.status, len(desk.replies_in_chatwoot(conversation))) == ("SENT", 1)


def test_what_was_approved_before_or_in_legacy_mode_is_parked_not_sent(desk):
    before, after = desk.customer_writes(), desk.customer_writes("Another question.")
    first = desk.approved(before)
    switch(desk, "legacy")
    second = desk.approved(after)
    desk.send()
    desk.tick(60)

    switch(desk, "active")
    desk.send()

    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.status, second.status) == ("PARKED", "PARKED")
    assert desk.replies_in_chatwoot(before) + desk.replies_in_chatwoot(after) == []


def test_a_parked_one_goes_out_when_a_person_says_so(desk):
    conversation = desk.customer_writes()
    draft = desk.approved(conversation)
    switch(desk, "legacy")
    desk.tick(60)
    switch(desk, "active")
    desk.send()
    draft.refresh_from_db()
    desk.tick(60)

    decisions.resend(draft, by=desk.lead, now=desk.now)
    desk.send()

    draft.refresh_from_db()
    assert (draft.status, len(desk.replies_in_chatwoot(conversation))) == ("SENT", 1)


def test_a_reply_of_what_is_ended_is_parked(desk):
    conversation = desk.customer_writes()
    draft = desk.approved(conversation)
    switch(desk, "paused")
    desk.send()

    switch(desk, "active", then="end")

    draft.refresh_from_db()
    delivery = Delivery.objects.get(event="reply.send")
    assert (draft.status, delivery.status) == ("PARKED", "CANCELLED")
    assert "Wrong prices." in draft.why


def test_nothing_is_drafted_while_paused(desk):
    switch(desk, "paused")
    desk.world.customer_writes(content="Are you there?", inbox_id=2)
    desk.webhooks()

    assert not Delivery.objects.filter(event="draft.request").exists()
    assert Delivery.objects.get(direction="IN", event="message_created").held_for == "paused"
