"""Who Chatwoot names: users, bots, assistants and teams, told apart by type and number, never by their names. Pure.

Numbers are unique within one account and one type: user 1, bot 1 and assistant 1 are three. An identity is written
"user/3"; with its account in front, "1/user/3" (our source's key), it is unique here.
"""

from typing import Any

from ..parsing import identifier

USER, BOT, ASSISTANT, TEAM = "user", "agent_bot", "captain_assistant", "team"
PEOPLE = (USER, BOT, ASSISTANT)
# As `type`, `sender_type` and `assignee_type` have them, without punctuation and in lower case.
TYPES = {"user": USER, "agentbot": BOT, "captainassistant": ASSISTANT, "captain": ASSISTANT}


def kind(said: Any) -> str:
    """A user where nothing is said, as before there were others. Empty for a contact and what is not known."""
    text = "".join(letter for letter in str(said or USER).lower() if letter.isalpha())
    return TYPES.get(text, "")


def identity(said: Any, number: Any) -> str:
    """user/3; empty for nobody."""
    found = kind(said)
    return f"{found}/{number}" if found and identifier(number) is not None else ""


def team(number: Any) -> str:
    return f"{TEAM}/{number}" if identifier(number) is not None else ""
