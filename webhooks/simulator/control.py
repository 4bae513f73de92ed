"""The simulator's own JSON surface under /simulator/, for scripts and tests in another process.

Nothing here exists in a real Chatwoot, and faults never touch it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any, Protocol

from . import memory
from .api import Answer, Request
from .model import Model
from .records import Contact, Json, User
from .sender import Sender
from .shapes import message as message_shape
from .world import Invalid, NotFound, World

VERBS = (
    "add_labels",
    "agent_writes",
    "answer_outside",
    "ask",
    "assign",
    "automation_writes",
    "call_back",
    "csat_answer",
    "csat_request",
    "delete_conversation",
    "delete_message",
    "edit_message",
    "fail_message",
    "fill_in",
    "give_to_bot",
    "hand_over",
    "mark_seen",
    "merge_contacts",
    "note",
    "reset_secret",
    "retry_message",
    "set_labels",
    "set_priority",
    "set_status",
    "transcribe",
    "typing",
    "update_status",
)


class Seen(Protocol):
    """One API request as the server noted it."""

    request: Request
    fault: str | None
    at: float
    status: int | None


class Chatwoot(Protocol):
    """What these controls need of a running server, which imports this module."""

    world: World
    sender: Sender
    model: Model

    @property
    def requests(self) -> Iterable[Seen]: ...


def handle(chatwoot: Chatwoot, request: Request) -> Answer:
    try:
        return _route(chatwoot, request)
    except NotFound as missing:
        return Answer(404, {"error": f"not found: {missing}"})
    except (Invalid, TypeError, ValueError, KeyError, re.error) as wrong:
        return Answer(422, {"error": str(wrong)})


def _route(chatwoot: Chatwoot, request: Request) -> Answer:
    world, body = chatwoot.world, request.body
    match request.method, request.path.split("/")[2:]:
        case "POST", ["faults"]:
            return Answer(200, _add_fault(world, dict(body)))
        case "DELETE", ["faults"]:
            world.faults.clear(body.get("kind"))
            return Answer(200, {"faults": "cleared"})
        case "POST", ["model"]:
            return Answer(200, chatwoot.model.behave(**body))
        case "POST", ["customer-message"]:
            return Answer(200, message_shape(world.customer_writes(**body)))
        case "POST", ["do", verb] if verb in VERBS:
            return Answer(200, _plain(getattr(world, verb)(**body)))
        case "POST", ["silence"]:
            chatwoot.sender.silent = bool(body.get("on"))
            return Answer(200, {"silent": chatwoot.sender.silent})
        case "GET", ["state"]:
            lasting = [asdict(fault) for fault in world.faults.lasting()]
            return Answer(200, {"faults": lasting, "silent": chatwoot.sender.silent})
        case "POST", ["known"]:
            return Answer(200, memory.remember(world, body))
        case "GET", ["log"]:
            return Answer(200, _log(chatwoot))
        case "GET", ["messages", number]:
            return Answer(200, _messages(world, int(number)))
        case _:
            return Answer(404, {"error": "no such control"})


def _add_fault(world: World, how: Json) -> Json:
    """{"kind", "method", "path", "times", ...} or {"flaky": RATE}."""
    if "flaky" in how:
        world.faults.flaky(float(how["flaky"]))
        return {"flaky": how["flaky"]}
    return asdict(world.faults.add(how.pop("kind"), **how))


def _log(chatwoot: Chatwoot) -> Json:
    webhooks = [
        {
            "event": delivery.event,
            "url": delivery.url,
            "delivery_id": delivery.delivery_id,
            "status": delivery.status,
            "error": delivery.error,
        }
        for delivery in list(chatwoot.sender.log)
    ]
    requests = [
        {
            "method": seen.request.method,
            "path": seen.request.path,
            "status": seen.status,
            "fault": seen.fault,
            "at": seen.at,
        }
        for seen in list(chatwoot.requests)
    ]
    return {"webhooks": webhooks, "requests": requests, "waiting": len(chatwoot.world.outbox)}


def _messages(world: World, conversation_id: int) -> Json:
    world.conversation(conversation_id)
    items = [
        {**message_shape(message), "delivered_to": message.delivered_to}
        for message in world.messages_of(conversation_id)
    ]
    return {"conversation_id": conversation_id, "messages": items}


def _plain(result: Any) -> Any:
    """A verb's result as JSON; records become objects, people only their name."""
    if hasattr(result, "__dataclass_fields__"):
        return {name: _plain_value(value) for name, value in vars(result).items()}
    return {"result": result}


def _plain_value(value: Any) -> Any:
    return value.name if isinstance(value, User | Contact) else value
