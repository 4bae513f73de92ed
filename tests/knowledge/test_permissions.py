"""Who may do what with whose drafts, in which state: the tables below say it, the admin and the API must do it.

Letters: A Agent, L Lead, M Manager, O Operator (all of them see inbox 2 alone), S superuser, N a person in no group.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone

from knowledge.models import Assignment, Dismissal, Draft, DraftEvent
from tests.factories import (  # fmt: skip
    conversation_object,
    deliver,
    later,
    make_client,
    make_draft,
    make_inbox,
    make_lead,
    make_user,
    message_event,
)
from tests.knowledge.admin.pressing import signed_in
from webhooks.models import Conversation, Message

pytestmark = [pytest.mark.django_db, pytest.mark.once]
GROUPS = {"A": ["Agent"], "L": ["Lead"], "M": ["Manager"], "O": ["Operator"], "S": [], "N": []}
ALL_STATES = "PROPOSED SECOND_LOOK APPROVED SENDING PARKED STALE SENT REJECTED WITHDRAWN EXPIRED CLOSED"

# verb | who, in their own inboxes | while the draft is (in any other state they are told so, and nothing happens)
IN_THE_ADMIN = """
approve     LMS   PROPOSED SECOND_LOOK
reject      LMS   PROPOSED SECOND_LOOK
escalate    LMS   PROPOSED SECOND_LOOK
save        ALMS  PROPOSED SECOND_LOOK
redraft     ALMS  PROPOSED STALE
carry-over  ALMS  STALE
undo        LMS   APPROVED
resend      LMS   PARKED
arrived     LMS   PARKED
close       LMS   PARKED
take-over   ALMS  *
discard     ALMS  *
autosave    ALMS  *
change      ALMS  *
state       ALMS  *
tries       ALMS  *
audit       ALMS  *
similar     LMS   *
"""

# The same for programs that come with a person's token. With a service token: nobody, ever.
IN_THE_API = """
approve     LMS   PROPOSED SECOND_LOOK
reject      LMS   PROPOSED SECOND_LOOK
escalate    LMS   PROPOSED SECOND_LOOK
undo        LMS   APPROVED
claim       ALMS  *
carry-over  ALMS  STALE
resend      LMS   PARKED
arrived     LMS   PARKED
close       LMS   PARKED
"""

READ_BY_GET = ("change", "state", "tries", "audit", "similar")
SENT = {
    "revision": 1, "text": "Choose Forgot password.", "tone": 5, "accuracy": 4, "policy": 5, "note": "Why.", "reason": "Why.",
}  # fmt: skip
DOES, REFUSED, FORBIDDEN, ABSENT = "does", "refused", "forbidden", "absent"
MEANING = {200: DOES, 201: DOES, 204: DOES, 286: DOES, 302: DOES, 409: REFUSED, 403: FORBIDDEN, 404: ABSENT}

Door = Callable[..., Any]


def rows(table: str) -> list[tuple[str, str, list[str]]]:
    lines = [line.split() for line in table.strip().splitlines()]
    return [(verb, who, ALL_STATES.split() if states == ["*"] else states) for verb, who, *states in lines]


def verbs(table: str) -> list[str]:
    return [verb for verb, _, _ in rows(table)]


@dataclass
class House:
    """Six people, and in each of two inboxes a fresh draft and one that the customer overtook."""

    people: dict[str, Any]
    drafts: dict[tuple[str, bool], Draft]

    def draft(self, inbox: str, status: str) -> Draft:
        draft = self.drafts[inbox, status == "STALE"]
        somebody = self.people["somebody"]
        decided = {
            "decided_by": somebody,
            "decided_at": timezone.now(),
            "approved_text": draft.body,
            "approval": 1,
        }
        facts = {} if status in ("PROPOSED", "SECOND_LOOK", "STALE", "EXPIRED", "WITHDRAWN") else decided
        first = {"first_look_by": somebody} if status == "SECOND_LOOK" else {}
        started = {"call_started_at": timezone.now()} if status == "SENDING" else {}
        Draft.objects.filter(pk=draft.pk).update(status=status, **facts, **first, **started)
        return Draft.objects.get(pk=draft.pk)


@pytest.fixture(autouse=True)
def _no_pages_drawn(drawn_by_nobody) -> None:
    """Hundreds of pages are asked for: who gets which is the question here."""


@pytest.fixture
def house() -> House:
    inboxes = {"own": make_inbox(), "other": make_inbox(inbox_id=3)}
    drafts = {}
    for place, (inbox, box) in enumerate(inboxes.items()):
        for overtaken in (False, True):
            number = 100 * (2 * place + overtaken + 1)
            about = conversation_object(number, inbox_id=box.inbox_id)
            deliver(message_event(number, conversation=about))
            drafts[inbox, overtaken] = make_draft(Message.objects.get(message_id=number))
            if overtaken:
                deliver(message_event(number + 1, conversation=about, content="And?", at=later(60)))
    people = {
        letter: make_user(f"user-{letter}", *groups, inboxes=[inboxes["own"]], is_superuser=letter == "S")
        for letter, groups in GROUPS.items()
    }
    return House(people | {"somebody": make_lead("somebody")}, drafts)


def admin_door(house: House) -> Door:
    clients: dict[str, Client] = {letter: signed_in(house.people[letter]) for letter in GROUPS}

    def knock(letter: str, draft: Draft, verb: str, **sent: Any) -> Any:
        address = f"/admin/knowledge/draft/{draft.pk}/{verb}/"
        if verb in READ_BY_GET:
            return clients[letter].get(address)
        return clients[letter].post(address, SENT | sent)

    return knock


def api_door(house: House, *, service: bool = False) -> Door:
    clients = {letter: make_client(house.people[letter], service=service) for letter in GROUPS}

    def knock(letter: str, draft: Draft, verb: str, **sent: Any) -> Any:
        return clients[letter].post(f"/api/v1/drafts/{draft.pk}/{verb}/", SENT | sent, format="json")

    return knock


def facts_of(draft: Draft) -> tuple:
    return tuple(
        Draft.objects.filter(pk=draft.pk).values_list("status", "revision", "approval", "body", "decided_by")[
            0
        ]
    )


def tries(states: list[str]) -> list[tuple[str, str, str]]:
    """A Lead in every state; everybody in both inboxes where the verb does something; in their own where it does not."""
    refused = [status for status in ALL_STATES.split() if status not in states]
    return [
        (status, inbox, letter)
        for status in ALL_STATES.split()
        for inbox in ("own", "other")
        for letter in GROUPS
        if status == states[0] or (inbox == "own" and (letter == "L" or status in refused[:1]))
    ]


def outcomes(house: House, door: Door, verb: str, states: list[str]) -> dict[str, str]:
    """What each person gets in each state of a draft in their own inbox and in another; each try is taken back."""
    found = {}
    for status, inbox, letter in tries(states):
        with transaction.atomic():
            draft = house.draft(inbox, status)
            before = facts_of(draft)
            answer = door(letter, draft, verb)
            outcome = MEANING.get(answer.status_code, str(answer.status_code))
            if outcome != DOES and facts_of(draft) != before:
                outcome = f"{outcome}, and yet it happened"
            found[f"{letter} {inbox} {status}"] = outcome
            transaction.set_rollback(True)
    return found


def expected(who: str, states: list[str], *, unseen: str) -> dict[str, str]:
    """unseen: what those get who may not see drafts at all."""
    table = {}
    for status, inbox, letter in tries(states):
        if letter in "ON":
            outcome = unseen
        elif inbox == "other" and letter != "S":
            outcome = ABSENT
        elif letter not in who:
            outcome = FORBIDDEN
        else:
            outcome = DOES if status in states else REFUSED
        table[f"{letter} {inbox} {status}"] = outcome
    return table


@pytest.mark.parametrize(("verb", "who", "states"), rows(IN_THE_ADMIN), ids=verbs(IN_THE_ADMIN))
def test_each_button_of_the_draft_page_does_what_the_table_says(house, verb, who, states):
    assert outcomes(house, admin_door(house), verb, states) == expected(who, states, unseen=FORBIDDEN)


@pytest.mark.parametrize(("verb", "who", "states"), rows(IN_THE_API), ids=verbs(IN_THE_API))
def test_each_verb_of_the_api_does_what_the_table_says(house, verb, who, states):
    assert outcomes(house, api_door(house), verb, states) == expected(who, states, unseen=FORBIDDEN)


@pytest.mark.parametrize(("verb", "who", "states"), rows(IN_THE_API), ids=verbs(IN_THE_API))
def test_a_service_token_is_refused_every_decision_whatever_its_groups(house, verb, who, states):
    assert set(outcomes(house, api_door(house, service=True), verb, states).values()) == {FORBIDDEN}


# Where the Manager lets Agents approve: what an Agent may approve, and what stays with Leads.
WHERE_AGENTS_MAY = {
    "a machine's words as they stand": (DOES, {}, {}),
    "a machine's words, changed while approving": (FORBIDDEN, {}, {"text": "Other words."}),
    "a machine's words that somebody changed before": (FORBIDDEN, {"changed_by": [1]}, {}),
    "a person's words": (FORBIDDEN, {"author_kind": "person"}, {}),
}


@pytest.mark.parametrize("what", WHERE_AGENTS_MAY)
def test_what_agents_approve_where_the_manager_lets_them(house, what):
    outcome, facts, sent = WHERE_AGENTS_MAY[what]
    draft = house.draft("own", "PROPOSED")
    type(draft.conversation.inbox).objects.update(agents_may_approve=True)
    Draft.objects.filter(pk=draft.pk).update(**facts)
    for door in (admin_door(house), api_door(house)):
        with transaction.atomic():
            assert MEANING[door("A", draft, "approve", **sent).status_code] == outcome
            transaction.set_rollback(True)


def test_agents_take_their_own_approval_back(house):
    draft = house.draft("own", "APPROVED")
    Draft.objects.filter(pk=draft.pk).update(decided_by=house.people["A"])

    assert admin_door(house)("A", draft, "undo").status_code == 302
    assert facts_of(draft)[0] == "PROPOSED"


# What is done to marked rows of the queue | who. Rows of other inboxes are not theirs to mark.
ON_THE_QUEUE = {"assign": "ALMS", "dismiss": "LMS", "redraft": "ALMS"}
TRACES = {
    "assign": lambda: Assignment.objects.count(),
    "dismiss": lambda: Dismissal.objects.count(),
    "redraft": lambda: DraftEvent.objects.filter(action="redraft requested").count(),
}


@pytest.mark.parametrize("verb", ON_THE_QUEUE)
def test_marked_rows_of_the_queue_are_changed_by_those_of_the_table(house, verb):
    done = {}
    for inbox in ("own", "other"):
        for letter in GROUPS:
            with transaction.atomic():
                row = house.draft(inbox, "PROPOSED").conversation
                sent = {"verb": verb, "id": [row.pk], "reason": "Spam.", "owner": house.people["somebody"].pk}
                before = TRACES[verb]()
                signed_in(house.people[letter]).post("/admin/knowledge/draft/queue/selected/", sent)
                done[f"{letter} {inbox}"] = TRACES[verb]() > before
                transaction.set_rollback(True)

    assert done == {
        f"{letter} {inbox}": letter in ON_THE_QUEUE[verb] and (inbox == "own" or letter == "S")
        for inbox in ("own", "other")
        for letter in GROUPS
    }


def test_writing_a_reply_of_ones_own_is_for_those_who_answer_there(house):
    got = {}
    for inbox in ("own", "other"):
        for letter in GROUPS:
            with transaction.atomic():
                row = Conversation.objects.get(pk=house.drafts[inbox, False].conversation_id)
                address = f"/admin/webhooks/conversation/{row.pk}/propose/"
                answer = signed_in(house.people[letter]).post(address, {"text": "My own words."})
                got[f"{letter} {inbox}"] = MEANING[answer.status_code]
                transaction.set_rollback(True)

    assert got == {
        "A own": DOES, "L own": DOES, "M own": DOES, "O own": FORBIDDEN, "S own": DOES, "N own": FORBIDDEN,
        "A other": ABSENT, "L other": ABSENT, "M other": ABSENT, "O other": FORBIDDEN, "S other": DOES, "N other": FORBIDDEN,
    }  # fmt: skip
