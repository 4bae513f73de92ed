"""The admin site, with only what this site's pages need."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from unfold.sites import UnfoldAdminSite

from webhooks.display.nothing import NOTHING


def _without_nul(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """What stands in the address bar is looked up in the database, and PostgreSQL refuses a NUL in any text.

    Replaced, not removed: an empty text would match everything.
    """

    @wraps(view)
    def looked_up(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if "%00" in request.META.get("QUERY_STRING", ""):
            query = request.GET.copy()
            for name, values in query.lists():
                query.setlist(name, [value.replace("\0", "\ufffd") for value in values])
            request.GET = query  # type: ignore[assignment]
        return view(request, *args, **kwargs)

    return looked_up


class AdminSite(UnfoldAdminSite):
    empty_value_display = NOTHING

    def admin_view(self, view: Callable[..., HttpResponseBase], cacheable: bool = False) -> Any:
        return super().admin_view(_without_nul(view), cacheable)

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[dict[str, Any]]:
        """Every page asks for all tables and the rights to each; only an application's own page shows them."""
        return super().get_app_list(request, app_label) if app_label else []

    def search(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        from ..search import page  # the site is made before models are loaded

        return page.show(request)
