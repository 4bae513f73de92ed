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
            source=conversation.source, contact_id=said["id"], defaults=_facts(said) | {"version": version}
        )
        if created:
            return known
    correct(known, version, _facts(said))
    return known


def correct(row: Contact, version: float, facts: dict[str, str]) -> None:
    """Most events repeat what is known, which writes nothing: registers of conversations remember when it was last told."""
    known = _facts(vars(row))
    if facts == known or (version, *facts.values()) < (_told_at(row), *known.values()):
        return
    # If it was erased meanwhile, this was known before.
    Contact.objects.filter(pk=row.pk, erased_at=row.erased_at).update(version=version, **facts)
    row.refresh_from_db()


def tell(row: Contact, version: float, said: dict[str, Any]) -> None:
    """What an event of the contact itself says, which no register remembers."""
    correct(row, version, _facts(said))
    _keep_version(row, version, _facts(said))


def _facts(said: dict[str, Any]) -> dict[str, str]:
    return {name: str(said.get(name) or "")[:longest] for name, longest in FACTS.items()}


def _told_at(row: Contact) -> float:
    """When the facts of the row were last told: by it, or by its conversations."""
    registers = Conversation.objects.filter(contact=row).values_list("registers__contact", flat=True)
    told = [version for version, said in filter(None, registers) if _facts(said) == _facts(vars(row))]
    return max([row.version, *told])


def _keep_version(row: Contact, version: float, facts: dict[str, str]) -> None:
    Contact.objects.filter(pk=row.pk, version__lt=version, **facts).update(version=version)


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
