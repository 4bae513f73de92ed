"""What Chatwoot's API lists, told apart by the same predicates as what its webhooks say. Pure."""

from collections.abc import Iterable
from typing import Any

from webhooks.mirror import authorship, fold, payloads
from webhooks.models import Message

Row = dict[str, Any]


def facts(row: Row) -> Row:
    """A message of the API's list as the predicates of webhooks/mirror/authorship.py want it."""
    try:
        kind = payloads.kind(row.get("message_type"))
    except ValueError:
        kind = ""
    return row | {"kind": kind, "sender": payloads.sender(row), "deleted": attributes(row).get("deleted")}


def attributes(row: Row) -> Row:
    found = row.get("content_attributes")
    return found if isinstance(found, dict) else {}


def with_marks(rows: Iterable[Row], state: Row, known: Iterable[Message]) -> list[Row]:
    """What the list leaves out and the predicates need: who wrote, as the conversation's newest message and the mirror say.

    state: the conversation as the API has it. Its list of messages names neither campaigns nor Slack.
    """
    shown = state.get("messages")
    newest = {
        one.get("id"): one for one in (shown if isinstance(shown, list) else []) if isinstance(one, dict)
    }
    mirrored = {message.message_id: fold.values(message.registers) for message in known}
    found = []
    for row in rows:
        more = newest.get(row["id"], {})
        facts_known = mirrored.get(row["id"], {})
        extra = {
            name: more[name] for name in ("external_source_ids", "additional_attributes") if more.get(name)
        }
        extra |= {mark: True for mark in ("by_machine", "by_app") if facts_known.get(mark)}
        found.append(row | extra)
    return found


def since(rows: list[Row], message: Message) -> list[Row]:
    """Of rows after a message: our form may have been filled in after some of them."""
    said = message.submitted_at
    return [row for row in rows if said is None or payloads.number(row.get("created_at")) >= said.timestamp()]


def customer_wrote(rows: Iterable[Row]) -> bool:
    return any(authorship.is_customer_message(facts(row)) for row in rows)


def person_answered(rows: Iterable[Row]) -> bool:
    return any(authorship.is_person_answer(facts(row)) for row in rows)
