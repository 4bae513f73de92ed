"""Contacts and inboxes as events name them: the newest facts, whichever event arrives last."""

from typing import Any

from ..models import Contact, Conversation, Inbox
from ..parsing import identifier

FACTS = {"name": 255, "email": 254, "phone_number": 40}  # longest, in characters


def of_conversation(conversation: Conversation, before: list | None) -> Contact | None:
    """The contact as the newest of its conversations has it. before: this conversation's register until now."""
    register = conversation.registers.get("contact")
    if register is None:
        return conversation.contact
    version, said = register
    known = conversation.contact
    if known is None or known.contact_id != said["id"]:
        if known and before:  # the register that told of it is gone
            _keep_version(known, before[0], _facts(before[1]))
        known, created = Contact.objects.get_or_create(
            source=conversation.source, contact_id=said["id"], defaults=_facts(said) | _versions(version)
        )
        if created:
            return known
    correct(known, version, _facts(said))
    return known


def correct(row: Contact, version: float, facts: dict[str, str]) -> None:
    """Most events repeat what is known, which writes nothing: registers of conversations remember when it was last told.

    Each fact by itself: an event may tell of one alone.
    """
    told: dict[str, str | float] = {}
    for name, value in facts.items():
        known = str(getattr(row, name))
        if value != known and (version, value) > (_told_at(row, name), known):
            told |= {name: value, f"{name}_version": version}
    if told:
        # If it was erased meanwhile, this was known before.
        Contact.objects.filter(pk=row.pk, erased_at=row.erased_at).update(**told)
        row.refresh_from_db()


def tell(row: Contact, version: float, said: dict[str, Any]) -> None:
    """What an event of the contact itself says, which no register remembers. What it leaves out is unchanged."""
    facts = {name: value for name, value in _facts(said).items() if name in said}
    correct(row, version, facts)
    _keep_version(row, version, facts)


def _facts(said: dict[str, Any]) -> dict[str, str]:
    return {name: str(said.get(name) or "")[:longest] for name, longest in FACTS.items()}


def _versions(version: float) -> dict[str, float]:
    return {f"{name}_version": version for name in FACTS}


def _told_at(row: Contact, name: str) -> float:
    """When this fact of the row was last told: by it, or by its conversations."""
    registers = Conversation.objects.filter(contact=row).values_list("registers__contact", flat=True)
    known = getattr(row, name)
    told = [version for version, said in filter(None, registers) if _facts(said)[name] == known]
    return max([getattr(row, f"{name}_version"), *told])


def _keep_version(row: Contact, version: float, facts: dict[str, str]) -> None:
    for name, value in facts.items():
        known_at = f"{name}_version"
        same = Contact.objects.filter(**{"pk": row.pk, f"{known_at}__lt": version, name: value})
        same.update(**{known_at: version})


def inbox_of(
    conversation: Conversation, state: dict[str, Any], named: dict[str, Any], *, at: float
) -> Inbox | None:
    number = identifier(state.get("inbox_id") or named.get("id"))
    if number is None:
        return conversation.inbox
    name = str(named.get("name") or "")[:200] if named.get("id") == number else ""
    channel = str(state.get("channel") or "")[:60]
    row = conversation.inbox
    if row is None or row.inbox_id != number:
        facts = {"name": name or f"Inbox {number}", "channel": channel, "version": at}
        row, created = Inbox.objects.get_or_create(
            source=conversation.source, inbox_id=number, defaults=facts
        )
        if created:
            return row
    if channel:
        row.channel = channel
    if name:
        name_inbox(row, name, at=at)
    row.save_changes()
    return row


def name_inbox(row: Inbox, name: str, *, at: float) -> None:
    """Not saved. at: unix seconds when it was reported, or a moment before."""
    if row.name == name:
        return  # every message tells it: no write for each
    known = (row.version, row.name) if row.name != f"Inbox {row.inbox_id}" else (-1.0, "")
    if (at, name) > known:
        row.name, row.version = name, at
