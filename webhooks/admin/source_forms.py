"""The forms on a source's pages. Secrets are entered in them and never shown."""

import re
from datetime import datetime
from typing import Any

from django import forms
from django.core.validators import URLValidator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import (
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminPasswordWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanSwitchWidget,
)

from ..database import clock
from ..models import Source
from ..sources import addresses, connecting
from .lost_updates import NotOverwritten

# A host of the internal network has no dot; Django's own check wants one.
WITH_HOST = re.compile(r"https?://[A-Za-z0-9][A-Za-z0-9.-]*(?::\d{1,5})?(?:/[^\s?#]*)?")


class TypedPassword(UnfoldAdminPasswordWidget):
    """Keeps what was typed when the form comes back with an error. Nothing stored is ever put into it."""

    def __init__(self, attrs: dict[str, str] | None = None) -> None:
        super().__init__(attrs, render_value=True)


class TokenForm(forms.Form):
    """Enough to try a token. Each of the first two fields may hold a whole address."""

    base_url = forms.CharField(
        label=gettext_lazy("Base URL"),
        max_length=400,
        widget=UnfoldAdminTextInputWidget(attrs={"placeholder": "https://chat.example.com"}),
        help_text=gettext_lazy(
            "Copy it from the address bar while you are signed in to Chatwoot. The part after /app/ is understood too."
        ),
    )
    account_id = forms.CharField(
        label=gettext_lazy("Account ID"),
        required=False,
        max_length=400,
        widget=UnfoldAdminTextInputWidget(attrs={"inputmode": "numeric"}),
        help_text=gettext_lazy(
            "The number after /app/accounts/ in the address bar. Leave it empty if the base URL contains it."
        ),
    )
    api_token = forms.CharField(
        label=gettext_lazy("Access token"),
        widget=TypedPassword(attrs={"autocomplete": "off"}),
        help_text=gettext_lazy(
            "An administrator's token: in Chatwoot, Profile settings, Access token. Stored encrypted, never shown again."
        ),
    )

    def clean(self) -> dict[str, Any]:
        """What one field lacks is taken from the other."""
        facts: dict[str, Any] = super().clean() or self.cleaned_data
        typed, account = (addresses.split(facts.get(name) or "") for name in ("base_url", "account_id"))
        facts["base_url"] = typed.base_url or account.base_url
        facts["account_id"] = account.account_id or typed.account_id
        if "base_url" not in self.errors and not _is_url(facts["base_url"]):
            self.add_error("base_url", _("This is not an address. Enter it like https://chat.example.com"))
        if "account_id" not in self.errors and not facts.get("account_id"):
            self.add_error(
                "account_id", _("Enter the number after /app/accounts/ in Chatwoot's address bar.")
            )
        return facts

    def connection(self) -> connecting.Connection:
        return connecting.Connection(**{"slug": ""} | self.cleaned_data)


class ConnectForm(TokenForm):
    slug = forms.SlugField(
        label=gettext_lazy("Short name"), widget=UnfoldAdminTextInputWidget(attrs={"placeholder": "acme"}),
        help_text=gettext_lazy("Becomes part of the receiving URL: /webhooks/chatwoot/acme/"),
    )  # fmt: skip
    register = forms.BooleanField(
        label=gettext_lazy("Register the webhook in Chatwoot"), required=False, initial=True, widget=UnfoldBooleanSwitchWidget,
        help_text=gettext_lazy("Off: create the webhook in Chatwoot yourself and enter its secret below."),
    )  # fmt: skip
    public_url = forms.URLField(
        label=gettext_lazy("This site's address, as Chatwoot reaches it"),
        required=False,
        assume_scheme="https",
        widget=UnfoldAdminTextInputWidget,
    )
    secret = forms.CharField(
        label=gettext_lazy("The webhook's secret"),
        required=False,
        widget=TypedPassword(attrs={"autocomplete": "off"}),
        help_text=gettext_lazy("Only if the webhook is not registered from here"),
    )

    moved = forms.BooleanField(
        label=gettext_lazy("It is the same Chatwoot, moved to this address"),
        required=False,
        widget=UnfoldBooleanSwitchWidget,
        help_text=gettext_lazy(
            "Only if its customers and conversations kept their numbers. Otherwise replies wait until someone confirms it."
        ),
    )


def _is_url(text: str) -> bool:
    try:
        URLValidator(schemes=["http", "https"])(text)
    except forms.ValidationError:
        return bool(WITH_HOST.fullmatch(text))
    return True


class ExpiryForm(forms.Form):
    """Until when a secret is accepted. Empty: always."""

    expires_at = forms.DateTimeField(
        label=gettext_lazy("Accepted until"), required=False, help_text=gettext_lazy("Empty: always"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local", "class": "s-input s-fit"}, format="%Y-%m-%dT%H:%M"),
    )  # fmt: skip

    def clean_expires_at(self) -> datetime | None:
        at: datetime | None = self.cleaned_data["expires_at"]
        if at and at <= clock.now():
            raise forms.ValidationError(
                _("This time is in the past: choose a future time, or remove the secret.")
            )
        return at


class SecretForm(ExpiryForm):
    label = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=60,
        widget=UnfoldAdminTextInputWidget(attrs={"placeholder": gettext_lazy("rotated in May")}),
    )
    secret = forms.CharField(
        label=gettext_lazy("Secret"),
        widget=UnfoldAdminPasswordWidget(attrs={"autocomplete": "off"}),
    )
    field_order = ("label", "secret", "expires_at")


class SilenceForm(NotOverwritten):
    class Meta:
        model = Source
        fields = ("silence_minutes",)
        labels = {"silence_minutes": gettext_lazy("Alert after this many silent minutes")}
        help_texts = {
            "silence_minutes": gettext_lazy(
                "Only business hours of the default calendar count. Empty: no alert."
            )
        }
        widgets = {"silence_minutes": UnfoldAdminIntegerFieldWidget(attrs={"min": 1})}
