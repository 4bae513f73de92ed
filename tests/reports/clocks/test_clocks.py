"""Clocks as rows: written by events and by the sweep, whatever order the events come in."""

import random
from datetime import timedelta

import pytest
from django.core.management import call_command

from reports import sla
from reports.clocks import clocks
from reports.models import Clock, SLAPolicy
from reports.policies import versions
from tests.factories import NOW, conversation_object, deliver, later, make_inbox, make_source, message_event
from tests.thorough import some
from webhooks.models import Conversation, StatusChange

pytestmark = pytest.mark.django_db
MINUTE = 60


@pytest.fixture(autouse=True)
def _seeded(seeded) -> None:
    make_inbox()


def about(at: float = 0, **facts):
    return conversation_object(updated_at=later(at).timestamp(), **facts)


def wrote(number: int = 100, at: float = 0, **facts) -> dict:
    return message_event(number, at=later(at), conversation=about(at, **facts))


def answered(number: int = 101, at: float = 30 * MINUTE, *, within: dict | None = None, **facts) -> dict:
    """within: what else is so of the conversation by then."""
    return message_event(
        number, kind="outgoing", at=later(at), conversation=about(at, **within or {}), **facts
    )


def changed(at: float, *, event: str = "conversation_updated", changes: dict, **facts) -> dict:
    listed = [
        {name: {"previous_value": before, "current_value": after}}
        for name, (before, after) in changes.items()
    ]
    return about(at, **facts) | {
        "event": event,
        "changed_attributes": listed,
        "account": {"id": 1, "name": "Acme"},
    }


def resolved(at: float) -> dict:
    return changed(
        at,
        event="conversation_status_changed",
        changes={"status": ("open", "resolved")},
        status="resolved",
    )


def hear(*payloads: dict, at: float = 0) -> None:
    for payload in payloads:
        deliver(payload, now=later(at))


def rows(*fields: str) -> list[tuple]:
    names = fields or ("metric", "state")
    return list(Clock.objects.order_by("started_at", "metric", "number").values_list(*names))


def test_a_customer_s_message_starts_the_clocks():
    hear(wrote())

    assert rows("metric", "state", "due_at") == [
        ("first_response", "running", NOW + timedelta(hours=1)),
        ("resolution", "running", NOW + timedelta(days=2, hours=8)),
    ]


def test_an_answer_stops_the_first_and_pauses_the_resolution():
    hear(wrote(), answered())

    assert rows("state", "attributed_to", "business_seconds") == [
        ("met", "Maria", 30 * MINUTE),
        ("paused", None, 30 * MINUTE),
    ]


def test_an_answer_that_its_channel_refused_stops_nothing():
    refused = answered(content_attributes={"external_error": "No such number"}, event="message_updated")
    refused["conversation"]["messages"][0]["updated_at"] += 5
    hear(wrote(), answered(), refused)

    assert rows()[0] == ("first_response", "running")


def test_the_next_deadline_stands_on_the_conversation():
    hear(wrote())

    conversation = Conversation.objects.get()
    assert conversation.reply_due_at == NOW + timedelta(hours=1)
    assert conversation.clocks_look_at == NOW + timedelta(hours=1, microseconds=1)


def test_an_answered_customer_has_no_deadline():
    hear(wrote(), answered())

    assert Conversation.objects.get().reply_due_at is None


def test_what_runs_out_in_silence_is_found_by_the_sweep():
    hear(wrote())

    assert clocks.sweep(now=later(3600)) == 0
    assert clocks.sweep(now=later(3601)) == 1
    assert rows("state", "attributed_to")[0] == ("missed", "unassigned")
    assert clocks.sweep(now=later(3602)) == 0


def test_a_late_customer_stays_urgent():
    hear(wrote())
    clocks.sweep(now=later(7200))

    assert Conversation.objects.get().reply_due_at == NOW + timedelta(hours=1)


def test_one_that_cannot_be_calculated_stops_no_other(monkeypatch):
    hear(wrote(), message_event(200, conversation=about(id=8) | {"id": 8}))
    broken = Conversation.objects.get(display_id=7)
    follow = clocks.follow

    def breaking(conversation, **options):
        if conversation == broken:
            raise ValueError("broken")
        follow(conversation, **options)

    monkeypatch.setattr(clocks, "follow", breaking)

    clocks.sweep(now=later(3601))

    assert rows("state").count(("missed",)) == 1


def test_missed_unanswered_is_the_assignee_s_of_then():
    names = {
        "meta": {"assignee": {"id": 3, "name": "Maria"}, "team": {"id": 4, "name": "Billing"}},
    }
    hear(
        changed(-60, changes={"assignee_id": (None, 3), "team_id": (None, 4)}, **names),
        wrote(),
        changed(
            4000,
            changes={"assignee_id": (3, 9)},
            meta={"assignee": {"id": 9, "name": "Bob"}, "team": {"id": 4, "name": "Billing"}},
        ),
        at=4000,
    )

    assert rows("state", "attributed_to", "team")[0] == ("missed", "Maria", "Billing")


def test_the_approver_of_a_desk_reply_is_who_answered(seeded):
    from tests.factories import make_approved, make_draft
    from webhooks.models import Message

    hear(wrote())
    draft = make_approved(make_draft(Message.objects.get()))
    draft.sent_message_id = 101
    draft.save()

    hear(answered(sender={"id": 1, "name": "Support site", "type": "user"}))

    assert rows("attributed_to")[0] == (draft.decided_by.username,)


def test_a_label_set_later_brings_its_policy():
    SLAPolicy.objects.create(
        name="VIP", order=1, conditions={"labels": ["vip"]}, first_response_s=600, next_response_s=600,
        resolution_s=3600, valid_from=NOW - timedelta(days=1),
    )  # fmt: skip
    hear(wrote(), changed(1200, changes={"label_list": ([], ["vip"])}, labels=["vip"]), at=1201)

    assert rows("state", "due_at", "missed_by_change")[0] == ("missed", later(1200), True)


def test_a_blocked_contact_s_clocks_do_not_apply():
    meta = {"sender": {"id": 5, "name": "Ada", "blocked": True}}
    hear(wrote(), changed(60, changes={"custom_attributes": ({}, {})}, meta=meta))

    assert rows() == [("first_response", "not_applicable"), ("resolution", "not_applicable")]


def test_a_bot_s_conversation_starts_when_it_is_handed_over():
    handed = changed(600, event="conversation_status_changed", changes={"status": ("pending", "open")})
    hear(wrote(status="pending"))
    assert rows() == []

    hear(handed, at=600)

    assert rows("metric", "started_at")[0] == ("first_response", later(600))


def test_a_change_is_dated_by_itself_not_by_the_payload_it_came_in():
    late = resolved(900)
    late["changed_attributes"].append(
        {"updated_at": {"previous_value": None, "current_value": later(600).isoformat()}}
    )

    hear(wrote(), late)

    assert StatusChange.objects.get().at == later(600)


@pytest.mark.parametrize("seed", some(range(60), range(4)))
def test_10_the_order_of_arrival_never_matters(seed):
    events = [
        wrote(), wrote(102, 300), changed(400, changes={"assignee_id": (None, 3)}, meta={"assignee": {"id": 3, "name": "Maria"}}),
        answered(103, 900), wrote(104, 2000), changed(2100, changes={"label_list": ([], ["vip"])}, labels=["vip"]),
        answered(105, 2400), resolved(2500), wrote(106, 90_000, status="open"),
        changed(90_001, event="conversation_status_changed", changes={"status": ("resolved", "open")}),
        changed(90_100, changes={"priority": (None, "urgent")}, priority="urgent"),
    ]  # fmt: skip
    expected = _after(events)

    dice = random.Random(seed)
    mixed = dice.sample(events + dice.choices(events, k=4), k=len(events) + 4)

    assert _after(mixed) == expected
    assert len(expected) == 5


def _after(events: list[dict]) -> list[tuple]:
    Clock.objects.all().delete()
    Conversation.objects.all().delete()
    from webhooks.models import Delivery

    Delivery.objects.all().delete()
    hear(*events, at=100_000)
    return rows(*clocks.SAME, "number", "policy_id", "priority", "labels")


def test_the_rows_are_what_calculation_from_scratch_gives():
    hear(wrote(), answered(), wrote(102, 2000))
    kept = rows("metric", "state", "started_at", "due_at", "business_seconds")

    found, _, _ = clocks.calculated(Conversation.objects.get(), versions.all_versions(), now=NOW)

    assert kept == [
        (one.metric, one.state, one.started_at, one.due_at, one.business_seconds) for one in found
    ]


def test_an_event_that_changes_no_clock_writes_none(django_assert_max_num_queries):
    hear(wrote())
    conversation = Conversation.objects.get()

    with django_assert_max_num_queries(13) as few:
        clocks.keep_up(conversation, versions.all_versions(), now=NOW)

    assert not any("reports_clock" in one["sql"] and "SELECT" not in one["sql"] for one in few)


def test_seeding_makes_one_policy_and_only_once():
    call_command("seed")

    assert list(SLAPolicy.objects.values_list("first_response_s", "next_response_s", "resolution_s")) == [
        (3600, 14_400, 86_400)
    ]


def test_two_sources_conversations_of_one_number_keep_their_own_clocks():
    hear(wrote())
    deliver(wrote(500), source=make_source("other"))

    assert Clock.objects.filter(metric=sla.FIRST_RESPONSE).count() == 2


def test_a_clock_that_cannot_be_calculated_keeps_no_message_from_the_desk(monkeypatch):
    def broken(*args, **options):
        raise ValueError("a bug")

    with monkeypatch.context() as patched:
        patched.setattr(sla, "from_scratch", broken)
        hear(wrote())

    assert Conversation.objects.get().waiting_since is not None
    assert not Clock.objects.exists()

    clocks.sweep(now=later(0) + clocks.AGAIN_AFTER)
    assert Clock.objects.filter(metric=sla.FIRST_RESPONSE).exists()
