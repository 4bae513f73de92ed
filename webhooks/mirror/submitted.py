"""When a customer filled in our form: Chatwoot writes the answer onto our message, with no time of its own. Pure."""

from datetime import datetime

from . import first_seen, fold, message_parts, payloads

REGISTERS = f"{first_seen.PREFIX}submitted:"  # prefix of the names of those that date each answer


def at(registers: fold.Registers) -> datetime | None:
    """When what the form holds now was filled in, in whole seconds; None where nothing was.

    What was found long after does not say when: it counts as of when the form was sent, so that a later answer answers it.
    """
    state = fold.values(registers)
    said = message_parts.submitted(state)
    if not said:
        return None
    digest = fold.digest(said)
    seen = [when.timestamp() for when, one in first_seen.of(registers, "submitted") if one == digest]
    return payloads.moment(int(max([state["created_at"], *seen])))
