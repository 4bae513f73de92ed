"""Who gets the weekly report: Managers who see every inbox choose, since the report covers them all."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest
from django.utils.safestring import SafeString
from unfold.widgets import UnfoldAdminTextInputWidget

from webhooks.accounts import access
from webhooks.admin.base import RightsAdmin
from webhooks.templatetags.support import badge

from ..models import WeeklyRecipient


class RecipientForm(forms.ModelForm):
    """A chat's URL is not shown again: whoever reads it may post there."""

    address = forms.CharField(
        max_length=500, help_text=WeeklyRecipient._meta.get_field("address").help_text, widget=UnfoldAdminTextInputWidget()
    )  # fmt: skip

    class Meta:
        model = WeeklyRecipient
        fields = ("name", "address", "active")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kept = self.instance.address if self.instance.pk and self.instance.is_chat else ""
        if self.kept:
            self.initial["address"] = ""
            self.fields["address"].required = False
            self.fields["address"].help_text = f"At {self.instance.where}. Paste another URL to replace it."

    def clean_address(self) -> str:
        return str(self.cleaned_data["address"] or self.kept)


@admin.register(WeeklyRecipient)
class WeeklyRecipientAdmin(RightsAdmin):
    nothing = "Nobody gets the weekly report: add an address or a chat, and it comes on Monday."
    see = edit = "reports"
    form = RecipientForm
    list_display = ("name", "kind", "where", "state")
    ordering = ("name",)

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return super().has_view_permission(request, obj) and _sees_all(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return super().has_add_permission(request) and _sees_all(request)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return super().has_change_permission(request, obj) and _sees_all(request)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return super().has_delete_permission(request, obj) and _sees_all(request)

    @admin.display(description="How")
    def kind(self, recipient: WeeklyRecipient) -> str:
        return "post to a chat" if recipient.is_chat else "mail"

    @admin.display(description="Where")
    def where(self, recipient: WeeklyRecipient) -> str:
        return recipient.where

    @admin.display(description="State", ordering="active")
    def state(self, recipient: WeeklyRecipient) -> SafeString:
        return badge("DONE", "On") if recipient.active else badge("CANCELLED", "Off")


def _sees_all(request: HttpRequest) -> bool:
    return access.sees_every_inbox(access.person(request))
