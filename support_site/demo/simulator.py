"""What the demo asks of its simulated Chatwoot: to remember, to let a customer write, and to fail."""

from datetime import datetime
from typing import Any

import requests
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from webhooks.models import Contact, Conversation, Message, Source

CALL_S = 10
SLUG = "demo"
# What can be wrong: title, what a person sees then, what is said once it is, and the fault of the simulator (None: it sends
# no webhooks).
TROUBLES: dict[str, tuple[Promise, Promise, Promise, dict[str, Any] | None]] = {
    "outage": (
        _("Answer 503"), _("Every call of its API fails. Approved replies wait and are sent later, once."),
        _("Chatwoot is broken: answer 503."),
        {"kind": "status", "path": "/api/v1/", "code": 503, "times": None},
    ),
    "slow": (
        _("Answer slowly"), _("Every call takes eight seconds. Replies still arrive, later than usual."),
        _("Chatwoot is broken: answer slowly."),
        {"kind": "hang", "path": "/api/v1/", "seconds": 8, "times": None},
    ),
    "silent": (
        _("Send no webhooks"),
        _("Customers write, but this site is not notified. Reconciliation finds their messages afterwards."),
        _("Chatwoot is broken: send no webhooks."),
        None,
    ),
}  # fmt: skip
CHANNELS = ((2, _("Website chat")), (1, _("Email")), (3, "WhatsApp"))


class Unreachable(Exception):
    """The simulated Chatwoot does not answer."""


def call(method: str, path: str, body: dict[str, Any] | None = None, *, address: str = "") -> Any:
    """address: the simulator's, where the source does not have it yet. Raises Unreachable."""
    address = address or Source.objects.get(slug=SLUG).base_url
    try:
        answer = requests.request(method, f"{address}/simulator/{path}", json=body, timeout=CALL_S)
        answer.raise_for_status()
        return answer.json()
    except (requests.RequestException, ValueError) as error:
        raise Unreachable(
            gettext("The simulated Chatwoot does not answer. Stop make demo and start it again.")
        ) from error


def customer_writes(*, inbox_id: int, name: str, text: str) -> int:
    """The number of the new conversation. Raises Unreachable."""
    asked = {"inbox_id": inbox_id, "contact": name, "content": text}
    number: int = call("POST", "customer-message", asked)["conversation_id"]
    return number


def troubles() -> set[str]:
    """Which are on. Raises Unreachable."""
    state = call("GET", "state")
    kinds = {fault["kind"] for fault in state["faults"]}
    on = {name for name, (*_texts, fault) in TROUBLES.items() if fault and fault["kind"] in kinds}
    return on | ({"silent"} if state["silent"] else set())


def start(trouble: str) -> None:
    """Ends any other. Raises Unreachable."""
    end()
    fault = TROUBLES[trouble][3]
    if fault is None:
        call("POST", "silence", {"on": True})
    else:
        call("POST", "faults", fault)


def end() -> None:
    """Back to normal. Raises Unreachable."""
    call("POST", "silence", {"on": False})
    for *_texts, fault in TROUBLES.values():
        if fault:
            call("DELETE", "faults", {"kind": fault["kind"]})


def remember(address: str) -> None:
    """The simulator forgets everything when it stops: it is given what this site knows. Raises Unreachable."""
    rows = Conversation.objects.filter(
        source__slug=SLUG, deleted_at=None, inbox__isnull=False, contact__isnull=False
    )
    conversations = list(rows.select_related("inbox", "contact"))
    by_key = {row.pk: row for row in conversations}
    messages = Message.objects.filter(conversation__in=by_key, deleted=False).order_by("message_id")
    contacts = Contact.objects.filter(source__slug=SLUG, conversations__in=by_key).distinct()
    call("POST", "known", {
        "contacts": [_contact(row) for row in contacts],
        "conversations": [_conversation(row) for row in conversations],
        "messages": [_message(row, by_key[row.conversation_id]) for row in messages.iterator()],
    }, address=address)  # fmt: skip


def _contact(row: Contact) -> dict[str, Any]:
    return {
        "id": row.contact_id, "name": row.name, "created_at": 0, "email": row.email or None,
        "phone_number": row.phone_number or None,
    }  # fmt: skip


def _conversation(row: Any) -> dict[str, Any]:
    kind, _, number = str(row.registers.get("assignee_key", ["", ""])[1] or "").partition("/")
    team = str(row.registers.get("team_key", ["", ""])[1] or "").removeprefix("team/")
    created, active = _seconds(row.created_at), _seconds(row.last_activity_at)
    return {
        "id": row.display_id, "uuid": f"00000000-0000-4000-8000-{row.display_id:012d}", "inbox_id": row.inbox.inbox_id,
        "contact_id": row.contact.contact_id, "created_at": created, "updated_at": active, "last_activity_at": active,
        "status": row.status, "priority": row.priority or None, "label_list": row.labels,
        "team_id": int(team) if team.isdecimal() else None,
        "assignee_id": int(number) if kind == "user" and number.isdecimal() else None,
        "waiting_since": _seconds(row.waiting_since), "custom_attributes": row.custom_attributes,
    }  # fmt: skip


def _message(row: Message, conversation: Any) -> dict[str, Any]:
    by_contact = row.kind == Message.Kind.INCOMING
    return {
        "id": row.message_id, "conversation_id": conversation.display_id, "inbox_id": conversation.inbox.inbox_id,
        "message_type": row.kind, "created_at": _seconds(row.created_at), "updated_at": _seconds(row.created_at),
        "content": row.content, "content_type": row.content_type, "private": row.private, "status": row.status or "sent",
        "content_attributes": row.content_attributes, "attachments": row.attachments,
        **({"contact_id": conversation.contact.contact_id} if by_contact else {"user_id": row.sender_id}),
    }  # fmt: skip


def _seconds(at: datetime | None) -> float | None:
    return at.timestamp() if at else None
