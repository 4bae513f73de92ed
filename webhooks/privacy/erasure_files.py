"""An erased person's words in files that were set aside: each host looks through its own, after each erasure.

The act says whose. Names are gone by then, so numbers tell: of contacts, which the act keeps, and of their conversations.
"""

import json
import logging
from datetime import datetime
from pathlib import Path

from ..models import Contact, PrivacyAct
from ..receiver import spool
from . import customer_data
from .customer_data import Person

logger = logging.getLogger(__name__)
_looked: tuple[int, frozenset[str]] | None = None  # up to which act, through which files


def of(person: Person, *, before: datetime | None = None) -> list[Path]:
    """Theirs, on this host's disk. What waits there to be imported is spared when it is processed."""
    return [file for file in spool.set_aside(before=before) if _is_theirs(file, person)]


def _is_theirs(file: Path, person: Person) -> bool:
    try:
        head, _, body = file.read_bytes().partition(b"\n")
    except FileNotFoundError:
        return False
    try:
        slug = json.loads(head)["slug"]
    except (ValueError, TypeError, KeyError):
        slug = person.source.slug  # who knows
    return slug == person.source.slug and customer_data.is_theirs(body, person)


def step(*, now: datetime) -> None:
    """In every process that watches a spool. What came before an erasure goes, also where it was set aside after it."""
    global _looked
    files = frozenset(file.name for file in spool.set_aside())
    if not files:
        return
    acts = PrivacyAct.objects.filter(action=PrivacyAct.Action.ERASED).select_related("source").order_by("pk")
    newest = acts.values_list("pk", flat=True).last() or 0
    if (newest, files) == _looked:
        return
    for act in acts:
        contacts = Contact.objects.filter(source=act.source, contact_id__in=act.contact_ids)
        found = of(Person(act.source, act.contact_ids, tuple(contacts)), before=act.at)
        for file in found:
            file.unlink(missing_ok=True)
        if found:
            logger.warning("privacy.files_erased", extra={"act": act.pk, "files": len(found)})
    _looked = (newest, files)
