"""The list of drafts, and the URLs of everything below it: the queue, a draft's page and its buttons."""

from django.contrib import admin
from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import ChoicesDropdownFilter

from webhooks.accounts import access
from webhooks.admin.base import RightsAdmin
from webhooks.admin.declared import InboxFilter
from webhooks.templatetags.support import ago, badge, percent

from ..drafting import drafting_texts
from ..models import Draft
from . import draft_page, queue


@admin.register(Draft)
class DraftAdmin(RightsAdmin):
    nothing = gettext_lazy(
        "No drafts yet. A draft is written when a customer writes to an inbox with drafting switched on. Check that "
        "the workers are running and that articles are approved."
    )
    see = "drafts"
    list_display = ("state", "customer", "text", "by", "sure", "created", "decision")
    list_filter = (
        ("status", ChoicesDropdownFilter),
        ("author_kind", ChoicesDropdownFilter),
        ("conversation__inbox", InboxFilter),
    )
    list_select_related = (
        "conversation__contact",
        "conversation__inbox",
        "conversation__source",
        "decided_by",
    )
    lookups = ("approval__gt", "decided_at__gte", "status__in")
    ordering = ("-id",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Draft]:
        related = (
            "conversation__waiting_message",
            "in_reply_to",
            "claimed_by",
            "decided_by",
            "first_look_by",
        )
        return Draft.objects.filter(
            access.in_inboxes_of(access.person(request), path="conversation__inbox")
        ).select_related("conversation__contact", "conversation__inbox", "conversation__source", *related)

    def get_urls(self) -> list[URLPattern]:
        return queue.urls(self) + draft_page.urls(self) + super().get_urls()

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict | None = None
    ) -> HttpResponse:
        return draft_page.show(self, request, self.find(request, object_id))

    @admin.display(description=gettext_lazy("Status"), ordering="status")
    def state(self, draft: Draft) -> SafeString:
        return badge(draft.status)

    @admin.display(description=gettext_lazy("Customer"))
    def customer(self, draft: Draft) -> str:
        name, inbox = (
            draft.conversation.contact or _("Unknown customer"),
            draft.conversation.inbox or _("no inbox"),
        )
        return f"{name}, {inbox}"

    @admin.display(description=gettext_lazy("Draft"))
    def text(self, draft: Draft) -> str:
        return Truncator(draft.body).chars(70)

    @admin.display(description=gettext_lazy("Author"), ordering="author")
    def by(self, draft: Draft) -> str:
        return drafting_texts.shown(draft.author)

    @admin.display(description=gettext_lazy("Confidence"), ordering="confidence")
    def sure(self, draft: Draft) -> str | None:
        return percent(draft.confidence) if draft.confidence is not None else None

    @admin.display(description=gettext_lazy("Proposed"), ordering="created_at")
    def created(self, draft: Draft) -> SafeString:
        return ago(draft.created_at)

    @admin.display(description=gettext_lazy("Decided by"))
    def decision(self, draft: Draft) -> User | None:
        return draft.decided_by
