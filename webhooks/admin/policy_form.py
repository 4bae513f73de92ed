"""The form of a retry policy: durations and lists as people write them."""

import re
from typing import Any

from django import forms
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


def as_seconds(text: str, *, hint: str = "") -> float | int:
    found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([a-z]*)", text.lower())
    if not found or found[2] not in SECONDS:
        raise forms.ValidationError(f"“{text}” is not a duration: write 10 s, 2 min, 6 h or 1 d{hint}.")
    seconds = float(found[1]) * SECONDS[found[2]]
    return int(seconds) if seconds.is_integer() else seconds


class Delays(Listed):
    def as_text(self, part: Any) -> str:
        return as_length(part)

    def as_value(self, text: str) -> float | int:
        return as_seconds(text, hint=", separated by commas")


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
        required=False,
        help_text="Wait after each failure, such as 10 s, 30 s, 2 min, 1 h. The last one repeats.",
    )
    max_age = Length(
        required=False, help_text="Counted from when it was due, such as 30 min or 4 h. Empty: no limit."
    )
    base = Length(required=False, help_text="Instead of a list: the delay after the first failure")
    cap = Length(required=False, help_text="The longest delay")
    retry_after_cap = Length(help_text="The longest wait that a Retry-After header may ask for")
    settle_s = Length(
        help_text="How long until a message that does not appear in Chatwoot counts as not sent"
    )
    give_up_on = Listed(
        required=False, help_text="HTTP statuses and error classes that are never retried: 404, Permanent"
    )
    hold_on = Listed(required=False, help_text="HTTP statuses and error classes that are held for a person")
    retry_on = Listed(
        required=False, help_text="HTTP statuses and error classes that are retried although they look final"
    )

    class Meta:
        model = RetryPolicy
        fields = (
            "name", "event_pattern", "direction", "delays", "base", "factor", "cap", "jitter", "max_attempts", "max_age",
            "respect_retry_after", "retry_after_cap", "give_up_on", "hold_on", "retry_on", "settle_s",
        )  # fmt: skip
