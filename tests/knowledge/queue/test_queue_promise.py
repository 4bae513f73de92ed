"""Promise 7 as a property: whatever happens, in whatever order, each waiting customer has one place, and no other has."""

from datetime import timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from knowledge.drafting import redrafting
from knowledge.models import Draft
from knowledge.queue import assignments, queue, queue_rows
from knowledge.replies import decisions, escalations
from knowledge.replies.states import Refused, transition
from tests.factories import (
    GRADES,
    NOW,
    conversation_object,
    deliver,
    later,
    make_draft,
    make_inbox,
    make_lead,
    message_event,
    run_due,
)
from tests.thorough import examples
from webhooks.models import Conversation, Inbox

pytestmark = pytest.mark.django_db
NUMBERS = (7, 8)


class History:
    """Two conversations, what is known of each without looking at ours, and a clock."""

    def __init__(self) -> None:
        self.at, self.messages = 0, 100
        self.lead = make_lead()
        self.waits = dict.fromkeys(NUMBERS, False)
        self.open = dict.fromkeys(NUMBERS, True)
        self.dismissed = dict.fromkeys(NUMBERS, False)
        make_inbox()
        for number in NUMBERS:
            self.note(number)

    def now(self):
        return later(self.at)

    def hear(self, number: int, **facts) -> None:
        self.at += 30
        self.messages += 1
        about = conversation_object(
            number, status="open" if self.open[number] else "resolved", updated_at=self.now().timestamp()
        )
        deliver(message_event(self.messages, at=self.now(), conversation=about, **facts), now=self.now())

    def customer(self, number: int) -> None:
        self.open[number] = True  # Chatwoot opens what a customer writes in
        self.hear(number)
        self.waits[number], self.dismissed[number] = True, False

    def agent(self, number: int) -> None:
        self.hear(number, kind="outgoing")
        self.waits[number] = False

    def note(self, number: int) -> None:
        self.hear(number, kind="outgoing", private=True)

    def resolve(self, number: int) -> None:
        self.at += 30
        self.open[number] = False
        about = conversation_object(number, status="resolved", updated_at=self.now().timestamp())
        deliver({"event": "conversation_status_changed", **about}, now=self.now())

    def propose(self, number: int) -> None:
        if message := self.conversation(number).waiting_message:
            make_draft(message, text=f"Try {self.at}.", now=self.now())

    def draft(self, number: int) -> Draft | None:
        return self.conversation(number).drafts.order_by("-pk").first()

    def conversation(self, number: int) -> Conversation:
        return Conversation.objects.get(display_id=number)

    def approve(self, number: int) -> None:
        if draft := self.draft(number):
            decisions.approve(draft, by=self.lead, revision=draft.revision, grades=GRADES, now=self.now())

    def reject(self, number: int) -> None:
        if draft := self.draft(number):
            decisions.reject(
                draft, by=self.lead, revision=draft.revision, grades=GRADES, reason="no", now=self.now()
            )

    def escalate(self, number: int) -> None:
        if draft := self.draft(number):
            escalations.escalate(draft, by=self.lead, reason="odd", owner=None, now=self.now())

    def transition(self, number: int, to: str) -> None:
        if draft := self.draft(number):
            transition(draft, to, now=self.now(), action="x", why="It happened.")

    def redraft(self, number: int) -> None:
        redrafting.ask_near(self.conversation(number), now=self.now())

    def assign(self, number: int) -> None:
        assignments.assign(self.conversation(number), owner=self.lead, by=self.lead, now=self.now())

    def dismiss(self, number: int) -> None:
        assignments.dismiss(self.conversation(number), reason="thanks", by=self.lead, now=self.now())
        self.dismissed[number] = True

    def put_back(self, number: int) -> None:
        for row in queue.dismissed(self.lead).filter(conversation__display_id=number):
            assignments.put_back(row, by=self.lead, now=self.now())
            self.dismissed[number] = False


VERBS = (
    "customer", "agent", "note", "resolve", "propose", "approve", "reject", "escalate", "redraft", "assign", "dismiss",
    "put_back",
)  # fmt: skip
FATES = ("STALE", "PARKED", "EXPIRED", "WITHDRAWN", "CLOSED")
STEPS = {name: getattr(History, name) for name in VERBS} | {
    to: (lambda history, number, to=to: history.transition(number, to)) for to in FATES
}


@settings(
    max_examples=examples(15), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    steps=st.lists(
        st.tuples(st.sampled_from(["customer", "propose", *STEPS]), st.sampled_from(NUMBERS)), max_size=14
    )
)
@example(steps=[("customer", 7), ("dismiss", 7)])
@example(steps=[("customer", 7), ("dismiss", 7), ("customer", 7)])
@example(steps=[("customer", 7), ("propose", 7), ("approve", 7), ("PARKED", 7), ("customer", 7)])
def test_whatever_happens_each_waiting_customer_has_one_place(steps):
    with transaction.atomic():
        history = History()
        for name, number in steps:
            try:
                with transaction.atomic():
                    STEPS[name](history, number)
            except Refused:
                pass  # a verb that may not be leaves the customer where they are
        rows = queue.waiting(history.lead, now=history.now())
        transaction.set_rollback(True)

    expected = [
        number
        for number in NUMBERS
        if history.waits[number] and history.open[number] and not history.dismissed[number]
    ]
    assert sorted(row.conversation.display_id for row in rows) == expected
    assert not [row for row in rows if row.draft and row.draft.status not in queue_rows.SHOWN]


def test_a_switched_off_inbox_has_no_places():
    make_draft()
    Inbox.objects.update(drafting=False)

    assert queue.waiting(make_lead(), now=NOW) == []


@pytest.mark.parametrize(
    ("step", "state"),
    [
        ("propose", "ready"), ("reject", "rejected"), ("escalate", "escalated"), ("approve", "on-its-way"), ("EXPIRED", "none"),
    ],
)  # fmt: skip
def test_a_row_says_how_far_its_draft_is(step, state):
    history = History()
    history.customer(7)
    history.propose(7)
    run_due("slow", now=later(3600))
    if step != "propose":
        STEPS[step](history, 7)

    (row,) = queue.waiting(history.lead, now=later(3700))

    assert row.state == state


def test_a_draft_that_is_being_made_is_said():
    history = History()
    history.customer(7)

    (row,) = queue.waiting(history.lead, now=history.now())

    assert row.state == "drafting"


def test_a_parked_reply_is_said_until_somebody_decides():
    history = History()
    history.customer(7)
    history.propose(7)
    history.approve(7)
    history.transition(7, "PARKED")

    (row,) = queue.waiting(make_lead(), now=history.now() + timedelta(seconds=5))

    assert (row.state, row.is_own_stop) == ("parked", False)
