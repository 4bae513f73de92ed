"""Recipients of the weekly report. Only Managers who see every inbox choose them, because the report covers every inbox."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminTextInputWidget

from webhooks.accounts import access
from webhooks.admin.base import RightsAdmin
from webhooks.templatetags.support import badge

from ..models import WeeklyRecipient


class RecipientForm(forms.ModelForm):
    """A chat's URL is never shown again: anyone with the URL can post there."""

    address = forms.CharField(
        label=_("Address"), max_length=500,
        help_text=WeeklyRecipient._meta.get_field("address").help_text, widget=UnfoldAdminTextInputWidget()
    )  # fmt: skip

    class Meta:
        model = WeeklyRecipient
        fields = ("name", "address", "active")
        labels = {"name": _("Name"), "active": _("Active")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.saved_url = self.instance.address if self.instance.pk and self.instance.is_chat else ""
        if self.saved_url:
            self.initial["address"] = ""
            self.fields["address"].required = False
            said = gettext("Saved: a URL at %(host)s. Paste another URL to replace it.")
            self.fields["address"].help_text = said % {"host": self.instance.where}

    def clean_address(self) -> str:
        return str(self.cleaned_data["address"] or self.saved_url)


@admin.register(WeeklyRecipient)
class WeeklyRecipientAdmin(RightsAdmin):
    nothing = _(
        "No recipients yet. Add an email address or a chat webhook to send the weekly report there every Monday."
    )
    see = edit = "reports"
    form = RecipientForm
    list_display = ("called", "kind", "where", "state")
    ordering = ("name",)

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return super().has_view_permission(request, obj) and _sees_all(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return super().has_add_permission(request) and _sees_all(request)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return super().has_change_permission(request, obj) and _sees_all(request)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return super().has_delete_permission(request, obj) and _sees_all(request)

    @admin.display(description=_("Name"), ordering="name")
    def called(self, recipient: WeeklyRecipient) -> str:
        return recipient.name

    @admin.display(description=_("Channel"))
    def kind(self, recipient: WeeklyRecipient) -> str:
        return gettext("chat message") if recipient.is_chat else gettext("email")

    @admin.display(description=_("Address"))
    def where(self, recipient: WeeklyRecipient) -> str:
        return recipient.where

    @admin.display(description=_("State"), ordering="active")
    def state(self, recipient: WeeklyRecipient) -> SafeString:
        return badge("DONE", gettext("On")) if recipient.active else badge("CANCELLED", gettext("Off"))


def _sees_all(request: HttpRequest) -> bool:
    return access.sees_every_inbox(access.person(request))
