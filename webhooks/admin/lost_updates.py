"""Two people edit one row: the second to save sees what changed in the meantime, and neither loses their input.

A form carries a fingerprint of each field as it was shown. One mechanism for every form; a row needs no version.
"""

import json
from typing import Any, TypeVar

from django import forms
from django.db import models, router, transaction
from django.http import HttpRequest
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from .declared import DeclaredLists

SEEN = "seen_values"
LONG = 120  # characters of a value in the message
REPLACED = "replaced"  # instead of values that are not shown: secrets, and whole weeks
Prints = dict[str, str]
Row = TypeVar("Row", bound=models.Model)


class SeenField(forms.CharField):
    """The fingerprints of the values shown. Never counts as a change, and is always rendered afresh."""

    def __init__(self) -> None:
        super().__init__(required=False, label="", widget=forms.HiddenInput)

    def bound_data(self, data: Any, initial: Any) -> Any:
        return initial

    def has_changed(self, initial: Any, data: Any) -> bool:
        return False


class NotOverwritten(forms.ModelForm):
    """Mixed in before a form class: refuses to overwrite changes that were saved after the form was shown."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields.pop(SEEN, None)
        self.prints: Prints = {name: self._print(name, self._kept(name)) for name in self.fields}
        self.fields[SEEN] = SeenField()
        self.initial[SEEN] = json.dumps(self.prints)

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        seen = _read(self.cleaned_data.pop(SEEN, ""))
        meanwhile = [name for name, now in self.prints.items() if seen.get(name, now) != now]
        clashing = [name for name in meanwhile if self._typed(name) != self.prints[name]]
        if clashing:
            said = "; ".join(self._now(name) for name in clashing)
            for name in clashing:
                if self._typed(name) == seen[name]:
                    _show_what_is_kept(self.fields[name])
            above = clashing[0] if self.prefix else None  # an inline only shows the errors of its fields
            self.add_error(
                above,
                forms.ValidationError(
                    _(
                        "Someone changed this while you were editing it, so nothing was saved. %(said)s. Fields that you "
                        "did not edit show the new values; your input is still here. Check it, then save again."
                    )
                    % {"said": said},
                    code="changed_meanwhile",
                ),
            )
        return cleaned

    def _kept(self, name: str) -> Any:
        """The value as shown, or the stored value of a secret that is not shown."""
        value = self.get_initial_for_field(self.fields[name], name)
        own = getattr(self.instance, name, None) if value in ("", None) else None
        return own if isinstance(own, str) else value

    def _typed(self, name: str) -> str:
        """Empty for an invalid value: someone entered it."""
        return self._print(name, self.cleaned_data[name]) if name in self.cleaned_data else ""

    def _print(self, name: str, value: Any) -> str:
        several = isinstance(self.fields[name], forms.MultipleChoiceField | forms.ModelMultipleChoiceField)
        plain = _plain(value)
        text = json.dumps(
            sorted(map(str, plain)) if several and plain else plain, sort_keys=True, default=str
        )
        return salted_hmac("seen", f"{self._meta.model}:{self.instance.pk}:{name}:{text}").hexdigest()[:16]

    def _now(self, name: str) -> str:
        field = self.fields[name]
        value = self.get_initial_for_field(field, name)
        label = self[name].label or name
        hidden = isinstance(field.widget, forms.PasswordInput) or (value in ("", None) and self._kept(name))
        if hidden or (text := _displayed(field, value)) == REPLACED:
            return _("“%(label)s” was replaced") % {"label": label}
        return _("“%(label)s” is now %(text)s") % {"label": label, "text": text}


class GuardedForms(DeclaredLists):
    """Guards each form of an existing row. Only one of them is saved at a time."""

    change_form_before_template = "webhooks/seen_values.html"  # type: ignore[assignment]

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **facts: Any) -> Any:
        form = super().get_form(request, obj, change, **facts)
        _show_defaults(form)
        return type(form.__name__, (NotOverwritten, form), {}) if change else form

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: Any = None,
    ) -> Any:
        if request.method != "POST" or not object_id or not object_id.isdecimal():
            return super().changeform_view(request, object_id, form_url, extra_context)
        with transaction.atomic(using=router.db_for_write(self.model)):
            rows = self.model._base_manager.select_for_update().filter(pk=object_id)
            list(rows.values_list("pk"))  # waits for anyone who is saving it now
            return super().changeform_view(request, object_id, form_url, extra_context)


def locked(row: Row) -> Row:
    """The row as it is once anyone who is saving it now is done. For forms of our own pages; in a transaction."""
    return type(row)._base_manager.select_for_update().get(pk=row.pk)


def locked_settings(kind: type[Row]) -> Row:
    """The same of settings that are one row, which nobody may have saved yet."""
    kind._base_manager.get_or_create(pk=1)
    return kind._base_manager.select_for_update().get(pk=1)


def _read(text: str) -> Prints:
    """The fingerprints sent; empty if a program sent none."""
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    return {str(name): str(said) for name, said in found.items()} if isinstance(found, dict) else {}


def _show_defaults(form: Any) -> None:
    """An empty form shows the model's defaults also in fields that the form declares itself: Django forgets those."""
    columns = {column.name: column for column in form._meta.model._meta.fields}
    for name, field in form.base_fields.items():
        if field.initial is None and name in columns and columns[name].has_default():
            field.initial = columns[name].get_default()


def _show_what_is_kept(field: forms.Field) -> None:
    setattr(field, "bound_data", lambda data, initial: initial)  # noqa: B010  (this form's own copy of the field)


def _plain(value: Any) -> Any:
    """One form for a stored value and the same value entered by hand."""
    if value is None or value == "":
        return None
    if isinstance(value, models.Model):
        return value.pk
    if isinstance(value, bool):
        return value
    if isinstance(value, str):
        return value.replace("\r\n", "\n").strip() or None
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, dict):
        return {key: _plain(part) for key, part in value.items() if part} or None
    if isinstance(value, list | tuple | set | models.QuerySet):
        return [_plain(part) for part in value] or None
    return value


def _displayed(field: forms.Field, value: Any) -> str:
    if isinstance(field, forms.BooleanField):
        return _("on") if value else _("off")
    if isinstance(field, forms.ModelMultipleChoiceField):
        return _quoted(", ".join(sorted(map(str, value or []))))
    if isinstance(field, forms.ModelChoiceField):
        row = (
            field.queryset.filter(pk=getattr(value, "pk", value)).first()
            if value and field.queryset is not None
            else None
        )
        return _quoted(str(row) if row else "")
    if isinstance(field, forms.MultipleChoiceField):
        names = dict(field.choices)  # type: ignore[arg-type]
        return _quoted(", ".join(str(names.get(part, part)) for part in value or []))
    if isinstance(field, forms.ChoiceField):
        return _quoted(str(dict(field.choices).get(value, value)))  # type: ignore[arg-type]
    shown = field.prepare_value(value)
    return REPLACED if isinstance(shown, dict | list) else _quoted("" if shown is None else str(shown))


def _quoted(text: str) -> str:
    text = " ".join(text.split())
    return f"“{text[:LONG]}{'…' if len(text) > LONG else ''}”" if text else _("empty")
