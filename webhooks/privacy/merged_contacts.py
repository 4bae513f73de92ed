"""Which contacts are the same person: those that Chatwoot has merged, as far as the mirror knows.

Chatwoot sends no event for a merge. The signs of one: a conversation that had another contact before, and two contacts of
an account with the same email address or phone number, which Chatwoot allows for only one.
"""

from collections.abc import Iterable

from django.db.models import Q

from ..models import Contact, Conversation, Source
from ..parsing import identifier
from .customer_data import Person

HAD = "contact:"  # prefix of a conversation's registers for each contact it ever had (fold.py)


def person(source: Source, contact_id: int, *, also: Iterable[int] = ()) -> Person | None:
    """The person with all merged contacts. also: further contact IDs known to be theirs. None: not known here."""
    numbers, contacts = {contact_id, *also}, dict[int, Contact]()
    if not Contact.objects.filter(source=source, contact_id=contact_id).exists():
        return None
    while new := Contact.objects.filter(source=source, contact_id__in=numbers - set(contacts)):
        contacts |= {row.contact_id: row for row in new}
        numbers |= _same(source, list(contacts.values()))
    first = sorted(contacts.values(), key=lambda row: (row.contact_id != contact_id, row.contact_id))
    return Person(source, sorted(numbers), tuple(first))


def _same(source: Source, known: list[Contact]) -> set[int]:
    addresses = Q(pk__in=[])
    for row in known:
        addresses |= Q(email__iexact=row.email) if row.email else Q(pk__in=[])
        addresses |= Q(phone_number=row.phone_number) if row.phone_number else Q(pk__in=[])
    equal = Contact.objects.filter(addresses, source=source).values_list("contact_id", flat=True)
    return set(equal) | _before_and_after(source, known)


def _before_and_after(source: Source, known: list[Contact]) -> set[int]:
    """Contacts that a conversation moved from or to, in both directions."""
    theirs = Q(contact__in=known)
    for row in known:
        theirs |= Q(registers__has_key=f"{HAD}{row.contact_id}")
    numbers: set[int] = set()
    for registers in Conversation.objects.filter(theirs, source=source).values_list("registers", flat=True):
        had = (value[1] for name, value in registers.items() if name.startswith(HAD))
        numbers |= {number for one in had if (number := identifier(one)) is not None}
    return numbers
