"""What a Manager decides for an inbox: drafting, and whether Agents may approve there. The rest comes from Chatwoot."""

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy

from ..accounts import access
from ..models import Inbox
from ..templatetags.support import channel
from .base import RightsAdmin


@admin.register(Inbox)
class InboxAdmin(RightsAdmin):
    nothing = gettext_lazy(
        "Inboxes are read when a Chatwoot is connected. A superuser can connect one under Sources."
    )
    see = edit = "inboxes"
    list_display = ("name", "kind", "source", "email", "drafting", "agents_may_approve")
    fields = ("name", "kind", "source", "email", "drafting", "agents_may_approve", "silence_minutes")
    readonly_fields = ("name", "kind", "source")
    ordering = ("source", "name")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Inbox]:
        mine = access.inboxes_of(access.person(request))
        return super().get_queryset(request).filter(pk__in=mine).select_related("source")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False  # the mirror creates them

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False  # conversations belong to it

    @admin.display(description=gettext_lazy("Channel"), ordering="channel")
    def kind(self, inbox: Inbox) -> str:
        return channel(inbox.channel)
