"""An erased person's data in spool files that were set aside: each host checks its own files after each erasure.

Names are already erased by then, so files are matched by IDs: those of contacts, which the logged action holds, and those of
their conversations.
"""

import json
import logging
from datetime import datetime
from pathlib import Path

from ..models import Contact, PrivacyAction
from ..receiver import spool
from . import customer_data
from .customer_data import Person

logger = logging.getLogger(__name__)
_checked: tuple[int, frozenset[str]] | None = None  # up to which action, in which files


def of(person: Person, *, before: datetime | None = None) -> list[Path]:
    """Their files on this host. Files still waiting to be imported are redacted when they are processed."""
    return [file for file in spool.set_aside(before=before) if _is_theirs(file, person)]


def _is_theirs(file: Path, person: Person) -> bool:
    try:
        head, _, body = file.read_bytes().partition(b"\n")
    except FileNotFoundError:
        return False
    try:
        slug = json.loads(head)["slug"]
    except (ValueError, TypeError, KeyError):
        slug = person.source.slug  # unreadable: check it anyway
    return slug == person.source.slug and customer_data.is_theirs(body, person)


def step(*, now: datetime) -> None:
    """In every process that monitors a spool. Removes what arrived before an erasure, even if it was set aside afterwards."""
    global _checked
    files = frozenset(file.name for file in spool.set_aside())
    if not files:
        return
    actions = (
        PrivacyAction.objects.filter(action=PrivacyAction.Action.ERASED)
        .select_related("source")
        .order_by("pk")
    )
    newest = actions.values_list("pk", flat=True).last() or 0
    if (newest, files) == _checked:
        return
    for action in actions:
        contacts = Contact.objects.filter(source=action.source, contact_id__in=action.contact_ids)
        found = of(Person(action.source, action.contact_ids, tuple(contacts)), before=action.at)
        for file in found:
            file.unlink(missing_ok=True)
        if found:
            logger.warning("privacy.files_erased", extra={"action": action.pk, "files": len(found)})
    _checked = (newest, files)
