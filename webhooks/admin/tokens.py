"""API tokens: owner, expiry, last use; revoked in one click. Superusers see all tokens, everyone else their own."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from ..accounts import access
from ..database import clock
from ..models import ApiToken
from .base import RightsAdmin

SHOWN = 500


@admin.register(ApiToken)
class ApiTokenAdmin(RightsAdmin):
    def get_urls(self) -> list[URLPattern]:
        revoke = self.admin_site.admin_view(require_POST(self.revoke))
        return [path("revoke/", revoke, name=self.url_name("revoke")), *super().get_urls()]

    def has_module_permission(self, request: HttpRequest) -> bool:
        return True  # everyone sees their own

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return True

    def get_queryset(self, request: HttpRequest) -> QuerySet[ApiToken]:
        rows = super().get_queryset(request).select_related("user")
        user = access.person(request)
        return rows if access.may(user, "connections") else rows.filter(user=user)

    def changelist_view(self, request: HttpRequest, extra_context: dict | None = None) -> Any:
        return self.page(
            request, "webhooks/tokens.html", title=_("API tokens"), rows=self.get_queryset(request).order_by("-created")[:SHOWN],
            all=access.may(request.user, "connections"), now=clock.now(), revoke_url=self.url("revoke"),
        )  # fmt: skip

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict | None = None
    ) -> HttpResponse:
        return self.back_to(request, "changelist")

    def revoke(self, request: HttpRequest) -> HttpResponse:
        """Takes effect at once: the next call with it gets a 401."""
        token = self.find(request, request.POST.get("token", ""))
        self.log_change(request, token.user, f"Revoked the API token {token.token_key[:8]}…")
        token.delete()
        said = _("Revoked. Requests with %(key)s… are refused from now on.") % {"key": token.token_key[:8]}
        return self.back_to(request, "changelist", said=said)
