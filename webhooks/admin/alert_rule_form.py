"""The form of an alert rule: whom, from when on, at what hours. The address of a chat is written in it and never shown."""

from typing import Any
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from django import forms
from django.contrib.auth.models import Group, User
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminPasswordWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldBooleanSwitchWidget,
)

from ..errors import DeliveryError
from ..models import AlertRule, alert_kinds
from ..outbound import slack

NOBODY_NAMED = "Nobody named here and below: superusers, Operators and Managers."
TIME = {"type": "time", "class": "s-input s-fit"}


class AlertRuleForm(forms.ModelForm):
    groups = forms.ModelMultipleChoiceField(
        Group.objects.order_by("name"), required=False, widget=UnfoldAdminCheckboxSelectMultipleWidget, help_text=NOBODY_NAMED
    )  # fmt: skip
    users = forms.ModelMultipleChoiceField(
        User.objects.none(), required=False, label="People", widget=UnfoldAdminCheckboxSelectMultipleWidget,
        help_text="Who has no e-mail address here cannot be chosen.",
    )  # fmt: skip
    post_url = forms.CharField(
        label="Post to a chat",
        required=False,
        widget=UnfoldAdminPasswordWidget(attrs={"autocomplete": "off"}),
    )
    stop_posting = forms.BooleanField(label="Post no more", required=False, widget=UnfoldBooleanSwitchWidget)
    quiet_zone = forms.ChoiceField(
        label="Time zone", choices=[(zone, zone) for zone in sorted(available_timezones())], widget=UnfoldAdminSelectWidget
    )  # fmt: skip

    class Meta:
        model = AlertRule
        fields = (
            "enabled", "threshold", "severity", "mail", "groups", "users", "addresses", "post_url", "quiet_from", "quiet_to",
            "quiet_zone",
        )  # fmt: skip
        widgets = {
            "addresses": UnfoldAdminTextareaWidget(attrs={"rows": 2, "placeholder": "oncall@example.com"}),
            "quiet_from": forms.TimeInput(attrs=TIME, format="%H:%M"),
            "quiet_to": forms.TimeInput(attrs=TIME, format="%H:%M"),
        }
        help_texts = {
            "enabled": "Off: an alert stands on the dashboard, and nobody is told of it.",
            "addresses": "One a line.",
            "quiet_from": "Empty: told at any hour.",
            "quiet_to": "What is still wrong then is told then.",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kind = alert_kinds.of(self.instance.kind)
        reachable = User.objects.filter(is_active=True).exclude(email="")
        self.fields["users"].queryset = reachable.order_by("username")  # type: ignore[attr-defined]
        if "threshold" in self.fields:
            self.fields["threshold"].label = f"From so many {kind.unit} on"
        if self.instance.post_url:
            now = f"Set: goes to {urlsplit(self.instance.post_url).hostname}. Empty: stays so."
        else:
            now = "The https address of an incoming webhook: Slack, Mattermost, Rocket.Chat. Kept encrypted, never shown."
            del self.fields["stop_posting"]
        self.fields["post_url"].help_text, self.initial["post_url"] = now, ""

    def clean_threshold(self) -> int | None:
        number: int | None = self.cleaned_data["threshold"]
        if number == 0:
            raise ValidationError("0 would always be reached: write 1 or more, or nothing at all.")
        return number

    def clean_addresses(self) -> str:
        found = self.cleaned_data["addresses"].replace(",", " ").split()
        for address in found:
            try:
                validate_email(address)
            except ValidationError as error:
                raise ValidationError(f"“{address}” is no e-mail address.") from error
        return "\n".join(found)

    def clean_post_url(self) -> str:
        """What is not written anew stays."""
        url: str = self.cleaned_data["post_url"].strip()
        if not url:
            return self.instance.post_url
        try:
            slack.target(url)
        except DeliveryError as error:
            raise ValidationError(f"This cannot be posted to: {error}") from error
        return url

    def clean(self) -> dict[str, Any]:
        super().clean()
        start, end = self.cleaned_data.get("quiet_from"), self.cleaned_data.get("quiet_to")
        if (start is None) != (end is None):
            self.add_error(
                "quiet_to" if start else "quiet_from", "Quiet hours have a beginning and an end: give both."
            )
        elif start is not None and start == end:
            self.add_error(
                "quiet_to", "This would be no time, or all day: to tell nobody, switch telling off."
            )
        if self.cleaned_data.get("stop_posting"):
            self.cleaned_data["post_url"] = ""
        return self.cleaned_data
