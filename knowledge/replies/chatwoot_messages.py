"""What Chatwoot's API lists, told apart by the same predicates as what its webhooks say. Pure."""

from collections.abc import Iterable
from typing import Any

from webhooks.mirror import fold

Row = dict[str, Any]


def facts(row: Row) -> Row:
    """A message of the API's list as the predicates of fold.py want it."""
    try:
        kind = fold.kind(row.get("message_type"))
    except ValueError:
        kind = ""
    return row | {"kind": kind, "sender": fold.sender(row), "deleted": attributes(row).get("deleted")}


def attributes(row: Row) -> Row:
    found = row.get("content_attributes")
    return found if isinstance(found, dict) else {}


def customer_wrote(rows: Iterable[Row]) -> bool:
    return any(fold.is_customer_message(facts(row)) for row in rows)


def person_answered(rows: Iterable[Row]) -> bool:
    return any(fold.is_person_answer(facts(row)) for row in rows)
