"""The versions of a retry policy, each with what it changed, as the form writes values."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.admin.utils import label_for_field
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from ..models import RetryPolicy
from .policy_form import RetryPolicyForm

HIDDEN = {"version", "id", "is_default"}


@dataclass(frozen=True)
class Version:
    """changes: (field's label, before, after); empty for the first version."""

    number: int
    at: datetime
    by: str
    changes: list[tuple[str, str, str]]


def versions(policy: RetryPolicy) -> list[Version]:
    """The newest first."""
    history: Any = policy.history  # the library's descriptor has no types
    rows = list(history.select_related("history_user").order_by("-history_date", "-history_id"))
    return [
        Version(
            row.version,
            row.history_date,
            str(row.history_user or _("setup")),
            _changes(row, older),
        )
        for row, older in zip(rows, [*rows[1:], None], strict=True)
    ]


def _changes(row: Any, older: Any) -> list[tuple[str, str, str]]:
    if older is None:
        return []
    return [
        (_label(change.field), _text(change.field, change.old), _text(change.field, change.new))
        for change in row.diff_against(older).changes
        if change.field not in HIDDEN
    ]


def _label(name: str) -> str:
    return capfirst(str(label_for_field(name, RetryPolicy)))


def _text(name: str, value: Any) -> str:
    if value in (None, "", []):
        return _("nothing")
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    field = RetryPolicyForm.base_fields.get(name)
    return str(field.prepare_value(value) if field else value)
