"""Rows that know what they were read as, so that only changed columns are written."""

from collections.abc import Collection
from typing import Any, Self

from django.db import models


class WritesChanges(models.Model):
    _read_as: dict[str, Any] = {}  # replaced, never changed in place

    class Meta:
        abstract = True

    @classmethod
    def from_db(
        cls, db: str | None, field_names: Collection[str], values: Collection[Any], **more: Any
    ) -> Self:
        row = super().from_db(db, field_names, values, **more)
        row._read_as = dict(zip(field_names, values, strict=False))
        return row

    def save_changes(self) -> None:
        """Of a row that was read: the columns that differ now; nothing is written if none does.

        A JSON value must have been replaced, not changed in place.
        """
        now = {name: getattr(self, name) for name in self._read_as}
        changed = [name for name, before in self._read_as.items() if now[name] != before]
        if changed:
            self.save(update_fields=changed, force_update=True)
        self._read_as = now
