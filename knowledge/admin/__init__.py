"""The desk's lists and their addresses. The pages themselves are in pages.py, queue_page.py and draft_page.py."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from django.views.decorators.http import require_POST
from unfold.contrib.filters.admin import BooleanRadioFilter, ChoicesDropdownFilter
from unfold.widgets import UnfoldAdminTextareaWidget

from webhooks.accounts import access
from webhooks.admin.base import RightsAdmin, VersionedAdmin
from webhooks.admin.declared import InboxFilter
from webhooks.models import Conversation
from webhooks.templatetags.support import ago, badge

from ..models import Article, Draft
from . import (
    calendars,  # noqa: F401  (those unused here register their own pages)
    conversation_page,
    draft_fragments,
    draft_page,
    escalations,  # noqa: F401
    inbox_settings,  # noqa: F401
    learning,  # noqa: F401
    queue,
    risk_rules,  # noqa: F401
)


@admin.register(Draft)
class DraftAdmin(RightsAdmin):
    nothing = (
        "No draft was proposed. One is made when a customer writes in an inbox that drafts: see that the "
        "workers run and that articles are approved."
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
        return queue.urls(self) + draft_fragments.urls(self) + super().get_urls()

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict | None = None
    ) -> HttpResponse:
        return draft_page.show(self, request, self.find(request, object_id))

    @admin.display(description="Status", ordering="status")
    def state(self, draft: Draft) -> SafeString:
        return badge(draft.status)

    @admin.display(description="Customer")
    def customer(self, draft: Draft) -> str:
        return f"{draft.conversation.contact or 'Somebody'}, {draft.conversation.inbox or 'no inbox'}"

    @admin.display(description="Draft")
    def text(self, draft: Draft) -> str:
        return Truncator(draft.body).chars(70)

    @admin.display(description="Author", ordering="author")
    def by(self, draft: Draft) -> str:
        return draft.author

    @admin.display(description="Confidence", ordering="confidence")
    def sure(self, draft: Draft) -> str:
        return "–" if draft.confidence is None else f"{draft.confidence:.0%}"

    @admin.display(description="Proposed", ordering="created_at")
    def created(self, draft: Draft) -> SafeString:
        return ago(draft.created_at)

    @admin.display(description="Decided by")
    def decision(self, draft: Draft) -> str:
        return str(draft.decided_by or "–")


@admin.register(Conversation)
class ConversationAdmin(RightsAdmin):
    nothing = (
        "No conversation is known. They come with Chatwoot's webhooks, or by a search for missed events."
    )
    see = "drafts"
    list_display = ("number", "contact", "inbox", "state", "waiting", "assignee", "active")
    list_display_links = ("number", "contact")
    list_filter = (("inbox", InboxFilter), "status")
    list_select_related = ("contact", "inbox", "source")
    search_fields = ("display_id", "contact__name", "contact__email")
    ordering = ("-last_activity_at", "-id")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Conversation]:
        mine = Conversation.objects.filter(access.in_inboxes_of(access.person(request), path="inbox"))
        return mine.select_related("contact", "inbox", "source", "waiting_message").defer("registers")

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(require_POST(self.propose_view))
        return [path("<int:object_id>/propose/", view, name=self.url_name("propose")), *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict | None = None
    ) -> HttpResponse:
        return conversation_page.conversation_page(self, request, self.find(request, object_id))

    def propose_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        return conversation_page.propose(self, request, self.find(request, object_id))

    @admin.display(description="Number", ordering="display_id")
    def number(self, conversation: Conversation) -> str:
        return str(conversation)

    @admin.display(description="Status", ordering="status")
    def state(self, conversation: Conversation) -> SafeString:
        return badge(conversation.status)

    @admin.display(description="Waiting since", ordering="waiting_since")
    def waiting(self, conversation: Conversation) -> SafeString:
        return ago(conversation.waiting_since)

    @admin.display(description="Last activity", ordering="last_activity_at")
    def active(self, conversation: Conversation) -> SafeString:
        return ago(conversation.last_activity_at)


@admin.register(Article)
class ArticleAdmin(VersionedAdmin):
    nothing = (
        "There is nothing to draft from: write the first article, or run manage.py seed for twenty to begin "
        "with."
    )
    see = "articles"
    edit = "edit_articles"
    list_display = ("title", "language", "question", "approved", "version", "updated")
    list_filter = ("language", ("approved", BooleanRadioFilter))
    lookups = ("slug__exact",)
    search_fields = ("title", "question", "keywords", "body")
    ordering = ("language", "title")
    history_list_display = ["version"]
    readonly_fields = ["version"]
    fieldsets = (
        (None, {"fields": ("title", "question", "body", "keywords")}),
        ("Use", {"fields": ("language", "approved", "slug", "version")}),
    )

    def get_prepopulated_fields(self, request: HttpRequest, obj: Article | None = None) -> dict[str, Any]:
        """Not as an attribute: the page of an old version reads that, and there the slug is no field."""
        return {} if obj else {"slug": ("title",)}

    def get_readonly_fields(self, request: HttpRequest, obj: Article | None = None) -> tuple[str, ...]:
        return ("version", "slug") if obj else ("version",)  # drafts cite the slug

    def get_form(
        self, request: HttpRequest, obj: Article | None = None, change: bool = False, **kwargs: Any
    ) -> Any:
        return super().get_form(
            request,
            obj,
            change,
            **kwargs | {"widgets": {"body": UnfoldAdminTextareaWidget(attrs={"rows": 14})}},
        )

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False  # drafts cite it: withdraw it by taking “approved” away

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if change and not form.changed_data:
            return
        obj.version += int(change)
        super().save_model(request, obj, form, change)

    @admin.display(description="Changed", ordering="updated_at")
    def updated(self, article: Article) -> SafeString:
        return ago(article.updated_at)
