"""Retry policies: edited as people say them (10 s, 2 min, 12 h), with the times they lead to beside the form."""

import re
from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.safestring import SafeString
from simple_history.admin import SimpleHistoryAdmin
from unfold.widgets import UnfoldAdminTextInputWidget

from .. import retry, words
from ..models import RetryPolicy
from .base import RightsAdmin

SECONDS = {"": 1, "s": 1, "sec": 1, "m": 60, "min": 60, "h": 3600, "d": 86_400}


class Listed(forms.CharField):
    """A list of the model as a line of text."""

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
        """A list has no length in characters."""

    def as_text(self, part: Any) -> str:
        return str(part)

    def as_value(self, text: str) -> Any:
        return int(text) if text.isdigit() else text


class Delays(Listed):
    def as_text(self, part: Any) -> str:
        for unit, size in (("d", 86_400), ("h", 3600), ("min", 60)):
            if isinstance(part, int | float) and part and part % size == 0:
                return f"{part // size:g} {unit}"
        return f"{part} s"

    def as_value(self, text: str) -> float | int:
        found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([a-z]*)", text.lower())
        if not found or found[2] not in SECONDS:
            raise forms.ValidationError(
                f"“{text}” is no time: write 10 s, 2 min, 6 h or 1 d, with commas between."
            )
        seconds = float(found[1]) * SECONDS[found[2]]
        return int(seconds) if seconds.is_integer() else seconds


class RetryPolicyForm(forms.ModelForm):
    delays = Delays(
        required=False, help_text="After each failure: 10 s, 30 s, 2 min, 1 h. The last one repeats."
    )
    give_up_on = Listed(
        required=False, help_text="Statuses and error classes never tried again: 404, Permanent"
    )
    hold_on = Listed(required=False, help_text="Statuses and error classes held for a person")
    retry_on = Listed(
        required=False, help_text="Statuses and error classes tried again although they look final"
    )

    class Meta:
        model = RetryPolicy
        fields = (
            "name", "event_pattern", "direction", "delays", "base", "factor", "cap", "jitter", "max_attempts", "max_age",
            "respect_retry_after", "retry_after_cap", "give_up_on", "hold_on", "retry_on", "settle_s",
        )  # fmt: skip


@admin.register(RetryPolicy)
class RetryPolicyAdmin(SimpleHistoryAdmin, RightsAdmin):  # type: ignore[misc]
    see = edit = "retry_policies"
    form = RetryPolicyForm
    list_display = ("name", "serves", "max_attempts", "ends", "version")
    history_list_display = ["version"]
    ordering = ("-is_default", "name")
    change_form_outer_before_template = "webhooks/policy_note.html"  # type: ignore[assignment]
    readonly_fields = ["preview"]
    fieldsets = (
        (None, {"fields": ("name", "event_pattern", "direction")}),
        ("When to try again", {"fields": ("delays", "jitter", "max_attempts", "max_age", "preview")}),
        ("Growing delays instead of a list", {"classes": ("collapse",), "fields": ("base", "factor", "cap")}),
        ("Answers that decide", {"classes": ("collapse",), "fields": (
            "respect_retry_after", "retry_after_cap", "give_up_on", "hold_on", "retry_on", "settle_s")}),
    )  # fmt: skip

    @admin.display(description="Serves")
    def serves(self, policy: RetryPolicy) -> str:
        where = {"IN": " coming in", "OUT": " going out"}.get(policy.direction, "")
        return f"everything else{where}" if policy.is_default else f"{policy.event_pattern}{where}"

    @admin.display(description="Ends")
    def ends(self, policy: RetryPolicy) -> str:
        return _lines(policy)[-1]

    @admin.display(description="What this leads to")
    def preview(self, policy: RetryPolicy) -> SafeString:
        address = self.url("preview_one", policy.pk) if policy.pk else self.url("preview")
        lines = _lines(policy) if policy.pk else []
        return SafeString(
            render_to_string(
                "webhooks/policy_preview.html", {"lines": lines, "address": address, "live": True}
            )
        )

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.preview_view)
        return [
            path("preview/", view, name=self.url_name("preview")),
            path("<int:object_id>/preview/", view, name=self.url_name("preview_one")),
            *super().get_urls(),
        ]

    def preview_view(self, request: HttpRequest, object_id: int | None = None) -> HttpResponse:
        """The times of the form as it stands, saved or not."""
        policy = self.find(request, object_id) if object_id else RetryPolicy()
        self.require(request, self.see)
        form = self.get_form(request, policy if object_id else None)(request.POST or None, instance=policy)
        if form.is_valid():
            return render(request, "webhooks/policy_preview.html", {"lines": _lines(form.instance)})
        return render(request, "webhooks/policy_preview.html", {"errors": form.errors})

    def get_readonly_fields(self, request: HttpRequest, obj: RetryPolicy | None = None) -> tuple[str, ...]:
        return ("preview", "event_pattern", "direction") if obj and obj.is_default else ("preview",)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and not (obj and obj.is_default)

    def revert_disabled(self, request: HttpRequest, obj: Any = None) -> bool:
        return True  # an old version comes back as a new one, typed by a person: attempts name versions

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if change and not form.changed_data:
            return
        obj.version += int(change)
        super().save_model(request, obj, form, change)


def _lines(policy: RetryPolicy) -> list[str]:
    times, _ = retry.preview(policy, start=timezone.now(), most=words.MOST_TIMES)
    return words.policy_preview(policy, times)
