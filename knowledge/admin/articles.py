"""Articles: each edit is a new version. None is deleted, because drafts cite them."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import BooleanRadioFilter
from unfold.widgets import UnfoldAdminTextareaWidget

from webhooks.admin.base import RightsAdmin
from webhooks.templatetags.support import ago

from ..models import Article


@admin.register(Article)
class ArticleAdmin(RightsAdmin):
    nothing = "No articles yet. Add the first one: drafts are written from approved articles."
    see = "articles"
    edit = "edit_articles"
    list_display = ("title", "language", "question", "version", "updated")
    list_filter = ("language",)
    lookups = ("slug__exact",)
    search_fields = ("slug",)
    ordering = ("language",)
    history_list_display = ["version"]
    readonly_fields = ["version"]
    fieldsets = (
        (None, {"fields": ("title", "question", "body", "keywords")}),
        ("Use", {"fields": ("language", "approved", "slug", "version")}),
    )

    def get_prepopulated_fields(self, request: HttpRequest, obj: Article | None = None) -> dict[str, Any]:
        """Not as an attribute: the page of an old version would read it, and has no slug field."""
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
        return False  # drafts cite it: to withdraw an article, clear “approved”

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if change and not form.changed_data:
            return
        obj.version += int(change)
        super().save_model(request, obj, form, change)

    @admin.display(description="Changed", ordering="updated_at")
    def updated(self, article: Article) -> SafeString:
        return ago(article.updated_at)
