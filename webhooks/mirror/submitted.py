"""When a customer filled in our form: Chatwoot writes the answer onto our message, with no time of its own. Pure."""

from datetime import datetime

from . import first_seen, fold, message_parts, payloads

REGISTERS = f"{first_seen.PREFIX}submitted:"  # prefix of the names of those that date each answer


def at(registers: fold.Registers) -> datetime | None:
    """When the customer last filled something else into the form, in whole seconds; None where nothing is filled in.

    What was found long after does not say when: it counts as of when the form was sent, so that a later answer answers it.
    """
    state = fold.values(registers)
    if not message_parts.submitted(state):
        return None
    seen = [when.timestamp() for when, _ in first_seen.of(registers, "submitted")]
    return payloads.moment(int(max([state["created_at"], *seen])))
