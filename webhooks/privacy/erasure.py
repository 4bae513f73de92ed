"""Exports and erases a person's data: in all tables, by contact, including merged contacts. Each is logged as an action."""

import base64
import json
import logging
from datetime import datetime
from typing import Any

from django.apps import apps
from django.conf import settings
from django.contrib.auth.models import User
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models, transaction
from django.db.models import QuerySet
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ..models import Contact, Conversation, PrivacyAction
from . import customer_data, erasure_files
from .customer_data import Holds, Person

logger = logging.getLogger(__name__)
FILES = "spool"  # files of this host


class CannotErase(Exception):
    """The text says why, for a person."""


def table() -> dict[str, Holds]:
    return {label: holds for path in settings.CUSTOMER_DATA for label, holds in import_string(path).items()}


def held(person: Person) -> dict[str, int]:
    """How many rows of each table are the person's; tables without any are left out."""
    counts = {label: rows.count() for label, _, rows in _rows(person)}
    counts[FILES] = len(erasure_files.of(person))
    return {label: count for label, count in counts.items() if count}


def _rows(person: Person) -> list[tuple[str, Holds, QuerySet]]:
    return [(label, holds, holds.rows(person)) for label, holds in table().items() if holds.rows]


def export(person: Person, *, by: User | None, now: datetime, reason: str = "") -> str:
    """All their stored data, as JSON."""
    data: dict[str, Any] = {"source": person.source.slug, "contacts": person.numbers, "exported_at": now}
    for label, holds, rows in _rows(person):
        data[label] = [_exported(row, holds) for row in rows.iterator(100)]
    data[FILES] = [file.read_bytes().decode("utf-8", "replace") for file in erasure_files.of(person)]
    counts = {name: len(rows) for name, rows in data.items() if isinstance(rows, list) and name != "contacts"}
    _log_action(person, PrivacyAction.Action.EXPORTED, counts=counts, by=by, reason=reason, now=now)
    return json.dumps(data, cls=DjangoJSONEncoder, indent=2, ensure_ascii=False)


def _exported(row: models.Model, holds: Holds) -> dict[str, Any]:
    """The person's fields of a row, with its numbers and times, but without the names of people who worked on it."""
    plain = (models.DateTimeField, models.IntegerField)
    shown = [f for f in row._meta.concrete_fields if f.name in holds.theirs or isinstance(f, plain)]
    return {f.name: _readable(getattr(row, f.attname)) for f in shown if f.name != "registers"}


def _readable(value: Any) -> Any:
    if not isinstance(value, bytes | memoryview):
        return value
    try:
        text = bytes(value).decode("utf-8")
    except UnicodeDecodeError:  # a file, and nothing to read
        return base64.b64encode(value).decode()
    try:
        return json.loads(text)
    except ValueError:
        return text


def erase(person: Person, *, by: User | None, reason: str, now: datetime) -> PrivacyAction:
    """All of it or nothing. What they write afterwards is stored as usual (tombstones.py). Raises CannotErase."""
    if not reason.strip():
        raise CannotErase(_("Enter a reason for the log, without names."))
    with transaction.atomic():
        numbers = _lock(person)
        import_string(settings.BEFORE_ERASING)(person, now=now)
        here = erasure_files.of(person)  # before their addresses, by which files are found, are erased
        counts = {label: _erase(holds, rows, now) for label, holds, rows in reversed(_rows(person))}
        Conversation.objects.filter(pk__in=numbers).update(erased_at=now)
        _leave_tombstones(person, now=now)
        counts[FILES] = len(here)
        action = _log_action(
            person, PrivacyAction.Action.ERASED, counts=counts, by=by, reason=reason, now=now
        )
    for file in here:
        file.unlink(missing_ok=True)
    # A restored backup does not know of the erasure: this line tells the person who restores it.
    logger.warning(
        "privacy.erased",
        extra={"source": person.source.slug, "contacts": person.numbers, "action": action.pk},
    )
    return action


def _lock(person: Person) -> list[int]:
    """Locks their conversations and those they wrote in, as every event does. Returns only theirs."""
    rows = Conversation.objects.filter(pk__in=person.messages.values("conversation")) | person.conversations
    locked = rows.order_by("pk").select_for_update(of=("self",)).values_list("pk", "contact")
    theirs = {contact.pk for contact in person.contacts}
    return [pk for pk, contact in locked if contact in theirs]


def _leave_tombstones(person: Person, *, now: datetime) -> None:
    """Marks all their contact IDs as erased, including those only known from merged conversations, so that late events match."""
    known = [Contact(source=person.source, contact_id=number) for number in person.numbers]
    Contact.objects.bulk_create(known, ignore_conflicts=True)
    mine = Contact.objects.filter(source=person.source, contact_id__in=person.numbers)
    mine.update(erased_at=now, returned_at=None)


def _erase(holds: Holds, rows: QuerySet, now: datetime) -> int:
    return (holds.erase or customer_data.overwritten)(rows, holds.theirs, now)


def _log_action(
    person: Person, action: str, *, counts: dict[str, int], by: User | None, reason: str, now: datetime
) -> PrivacyAction:
    return PrivacyAction.objects.create(
        source=person.source, contact_ids=person.numbers, action=action, at=now, by=by, reason=reason.strip()[:500],
        counts={label: count for label, count in counts.items() if count},
    )  # fmt: skip


def name(label: str, count: int = 2) -> str:
    """A table's readable name, singular or plural by the count."""
    if label == FILES:
        return ngettext("file set aside on this host", "files set aside on this host", count)
    known = apps.get_model(label)._meta
    return str(known.verbose_name if count == 1 else known.verbose_name_plural)
