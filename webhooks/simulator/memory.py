"""Gives a new world what an earlier one knew, so that a demo that starts again still has its customers. No event is sent."""

from __future__ import annotations

from .records import Contact, Conversation, Json, Message
from .world import World


def remember(world: World, known: Json) -> Json:
    """known: contacts, conversations and messages, as lists of the fields of their records.

    A message says by `user_id` or `contact_id` who wrote it. Returns how many of each there are now.
    """
    with world.lock:
        for facts in known.get("contacts", ()):
            world.contacts[facts["id"]] = Contact(**facts)
        for facts in known.get("conversations", ()):
            world.conversations[facts["id"]] = Conversation(**facts)
        for facts in known.get("messages", ()):
            world.keep_message(_message(world, dict(facts)))
        return {name: len(getattr(world, name)) for name in ("contacts", "conversations", "messages")}


def _message(world: World, facts: Json) -> Message:
    user, contact = facts.pop("user_id", None), facts.pop("contact_id", None)
    sender = world.contacts[contact] if contact else world.users.get(user)
    return Message(**facts, sender=sender)
