"""The forms on a source's pages. Secrets are entered in them and never shown."""

from datetime import datetime

from django import forms
from unfold.widgets import (
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminPasswordWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanSwitchWidget,
)

from ..database import clock
from ..models import Source
from ..sources import connecting
from .lost_updates import NotOverwritten


class ConnectForm(forms.Form):
    slug = forms.SlugField(
        label="Short name", widget=UnfoldAdminTextInputWidget(attrs={"placeholder": "acme"}),
        help_text="Becomes part of the receiving URL: /webhooks/chatwoot/acme/",
    )  # fmt: skip
    base_url = forms.URLField(
        label="Base URL", assume_scheme="https", widget=UnfoldAdminTextInputWidget(attrs={"placeholder": "https://chat.example.com"}),
        help_text="Chatwoot's address as in the address bar, without /app/…",
    )  # fmt: skip
    account_id = forms.IntegerField(
        label="Account ID", min_value=1, widget=UnfoldAdminIntegerFieldWidget,
        help_text="The number after /app/accounts/ in the address bar",
    )  # fmt: skip
    api_token = forms.CharField(
        label="Access token", widget=UnfoldAdminPasswordWidget(attrs={"autocomplete": "off"}),
        help_text="An administrator's token: in Chatwoot, Profile settings, Access token. Stored encrypted, never shown again.",
    )  # fmt: skip
    register = forms.BooleanField(
        label="Register the webhook in Chatwoot", required=False, initial=True, widget=UnfoldBooleanSwitchWidget,
        help_text="Off: create the webhook in Chatwoot yourself and enter its secret below.",
    )  # fmt: skip
    public_url = forms.URLField(
        label="This site's address, as Chatwoot reaches it",
        required=False,
        assume_scheme="https",
        widget=UnfoldAdminTextInputWidget,
    )
    secret = forms.CharField(
        label="The webhook's secret", required=False, widget=UnfoldAdminPasswordWidget(attrs={"autocomplete": "off"}),
        help_text="Only if the webhook is not registered from here",
    )  # fmt: skip

    moved = forms.BooleanField(
        label="It is the same Chatwoot, moved to this address", required=False, widget=UnfoldBooleanSwitchWidget,
        help_text="Only if its customers and conversations kept their numbers. Otherwise replies wait until someone confirms it.",
    )  # fmt: skip

    def connection(self) -> connecting.Connection:
        return connecting.Connection(**self.cleaned_data)


class ExpiryForm(forms.Form):
    """Until when a secret is accepted. Empty: always."""

    expires_at = forms.DateTimeField(
        label="Accepted until", required=False, help_text="Empty: always",
        widget=forms.DateTimeInput(attrs={"type": "datetime-local", "class": "s-input s-fit"}, format="%Y-%m-%dT%H:%M"),
    )  # fmt: skip

    def clean_expires_at(self) -> datetime | None:
        at: datetime | None = self.cleaned_data["expires_at"]
        if at and at <= clock.now():
            raise forms.ValidationError(
                "This time is in the past: choose a future time, or remove the secret."
            )
        return at


class SecretForm(ExpiryForm):
    label = forms.CharField(
        label="Name",
        max_length=60,
        widget=UnfoldAdminTextInputWidget(attrs={"placeholder": "rotated in May"}),
    )
    secret = forms.CharField(label="Secret", widget=UnfoldAdminPasswordWidget(attrs={"autocomplete": "off"}))
    field_order = ("label", "secret", "expires_at")


class SilenceForm(NotOverwritten):
    class Meta:
        model = Source
        fields = ("silence_minutes",)
        labels = {"silence_minutes": "Alert after this many silent minutes"}
        help_texts = {
            "silence_minutes": "Only business hours of the default calendar count. Empty: no alert."
        }
        widgets = {"silence_minutes": UnfoldAdminIntegerFieldWidget(attrs={"min": 1})}
