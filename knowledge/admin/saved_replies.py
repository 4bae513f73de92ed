"""Saved replies: short texts that people insert into a reply with a key."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from webhooks.accounts import access
from webhooks.admin.base import RightsAdmin
from webhooks.admin.people import CHECKBOXES

from ..models import SavedReply


@admin.register(SavedReply)
class SavedReplyAdmin(RightsAdmin):
    nothing = _("No saved replies yet. Add one, or import the canned responses of your Chatwoot.")
    see = "articles"
    edit = "edit_articles"
    list_display = ("code", "begins", "source")
    list_filter = ("source",)
    search_fields = ("code", "text")
    ordering = ("code",)
    fields = ("code", "text", "inboxes")
    formfield_overrides = CHECKBOXES  # type: ignore[misc, assignment]

    def get_queryset(self, request: HttpRequest) -> QuerySet[SavedReply]:
        return SavedReply.objects.visible_to(access.person(request)).select_related("source")

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        kwargs["queryset"] = access.inboxes_of(access.person(request)).order_by("name", "pk")
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Inboxes that this person does not see were not on the form, and stay."""
        unseen = list(form.instance.inboxes.exclude(pk__in=access.inboxes_of(access.person(request))))
        super().save_related(request, form, formsets, change)
        form.instance.inboxes.add(*unseen)

    @admin.display(description=_("Text"))
    def begins(self, reply: SavedReply) -> str:
        return reply.text[:100] + ("…" if len(reply.text) > 100 else "")
