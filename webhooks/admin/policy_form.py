"""The form of a retry policy: durations and lists as people write them."""

import re
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminTextInputWidget

from ..models import RetryPolicy

SECONDS = {"": 1, "s": 1, "sec": 1, "m": 60, "min": 60, "h": 3600, "d": 86_400}


class Listed(forms.CharField):
    """A list field of the model, edited as one line of text."""

    widget = UnfoldAdminTextInputWidget

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(self.as_text(part) for part in value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        return [self.as_value(part.strip()) for part in str(value or "").split(",") if part.strip()]

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return (initial or []) != self.to_python(data)
        except forms.ValidationError:
            return True

    def validate(self, value: list) -> None:
        if self.required and not value:
            raise forms.ValidationError(self.error_messages["required"])

    def run_validators(self, value: list) -> None:
        """CharField's length validators do not apply to a list."""

    def as_text(self, part: Any) -> str:
        return str(part)

    def as_value(self, text: str) -> Any:
        return int(text) if text.isdigit() else text


def as_length(seconds: Any) -> str:
    for unit, size in (("d", 86_400), ("h", 3600), ("min", 60)):
        if isinstance(seconds, int | float) and seconds and seconds % size == 0:
            return f"{seconds // size:g} {unit}"
    return f"{seconds:g} s" if isinstance(seconds, int | float) else str(seconds)


def as_seconds(text: str, *, is_one_of_many: bool = False) -> float | int:
    found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([a-z]*)", text.lower())
    if not found or found[2] not in SECONDS:
        said = _("“%(text)s” is not a duration: write 10 s, 2 min, 6 h or 1 d.")
        if is_one_of_many:
            said = _("“%(text)s” is not a duration: write 10 s, 2 min, 6 h or 1 d, separated by commas.")
        raise forms.ValidationError(said % {"text": text})
    seconds = float(found[1]) * SECONDS[found[2]]
    return int(seconds) if seconds.is_integer() else seconds


class Delays(Listed):
    def as_text(self, part: Any) -> str:
        return as_length(part)

    def as_value(self, text: str) -> float | int:
        return as_seconds(text, is_one_of_many=True)


class Length(forms.CharField):
    """A number of seconds in the model, edited as a duration."""

    widget = UnfoldAdminTextInputWidget

    def prepare_value(self, value: Any) -> Any:
        return as_length(value) if isinstance(value, int | float) else value

    def to_python(self, value: Any) -> Any:
        text = str(value if value is not None else "").strip()
        return as_seconds(text) if text else None

    def validate(self, value: Any) -> None:
        if self.required and value is None:
            raise forms.ValidationError(self.error_messages["required"])

    def run_validators(self, value: Any) -> None:
        """CharField's length validators do not apply to a number."""

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return initial != self.to_python(data)
        except forms.ValidationError:
            return True


class RetryPolicyForm(forms.ModelForm):
    delays = Delays(
        label=gettext_lazy("Delays"),
        required=False,
        help_text=gettext_lazy(
            "Wait after each failure, such as 10 s, 30 s, 2 min, 1 h. The last one repeats."
        ),
    )
    max_age = Length(
        label=gettext_lazy("Max age"),
        required=False,
        help_text=gettext_lazy("Counted from when it was due, such as 30 min or 4 h. Empty: no limit."),
    )
    base = Length(
        label=gettext_lazy("Base"),
        required=False,
        help_text=gettext_lazy("Instead of a list: the delay after the first failure"),
    )
    cap = Length(label=gettext_lazy("Cap"), required=False, help_text=gettext_lazy("The longest delay"))
    retry_after_cap = Length(
        label=gettext_lazy("Retry after cap"),
        help_text=gettext_lazy("The longest wait that a Retry-After header may ask for"),
    )
    settle_s = Length(
        label=gettext_lazy("Settle s"),
        help_text=gettext_lazy(
            "How long until a message that does not appear in Chatwoot counts as not sent"
        ),
    )
    give_up_on = Listed(
        label=gettext_lazy("Give up on"),
        required=False,
        help_text=gettext_lazy("HTTP statuses and error classes that are never retried: 404, Permanent"),
    )
    hold_on = Listed(
        label=gettext_lazy("Hold on"),
        required=False,
        help_text=gettext_lazy("HTTP statuses and error classes that are held for a person"),
    )
    retry_on = Listed(
        label=gettext_lazy("Retry on"),
        required=False,
        help_text=gettext_lazy("HTTP statuses and error classes that are retried although they look final"),
    )

    class Meta:
        model = RetryPolicy
        fields = (
            "name", "event_pattern", "direction", "delays", "base", "factor", "cap", "jitter", "max_attempts", "max_age",
            "respect_retry_after", "retry_after_cap", "give_up_on", "hold_on", "retry_on", "settle_s",
        )  # fmt: skip
