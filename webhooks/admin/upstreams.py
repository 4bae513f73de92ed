"""Upstreams, the systems this site calls (a Chatwoot, the drafter): whether their circuit is open, and a button to retry now."""

from django.contrib import admin
from django.db.models import F, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .. import deliveries
from ..database import clock
from ..display import recorded
from ..models import Upstream
from ..templatetags.support import ago, badge, coming
from .base import RightsAdmin


@admin.register(Upstream)
class UpstreamAdmin(RightsAdmin):
    nothing = gettext_lazy(
        "No failures so far, and nothing to do. A Chatwoot or the drafter appears here after its first failure."
    )
    see = "switches"
    verbs = ("retry_now",)
    list_display = ("name", "state", "since", "next_probe", "failures", "failed", "error")
    ordering = (F("opened_at").desc(nulls_last=True), "pk")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Upstream]:
        return super().get_queryset(request).select_related("source")

    @admin.display(description=gettext_lazy("Upstream"))
    def name(self, upstream: Upstream) -> str:
        return str(upstream)

    @admin.display(description=gettext_lazy("State"))
    def state(self, upstream: Upstream) -> SafeString:
        return badge("HELD", _("Circuit open")) if upstream.opened_at else badge("DONE", _("Circuit closed"))

    @admin.display(description=gettext_lazy("Circuit opened"))
    def since(self, upstream: Upstream) -> SafeString:
        return ago(upstream.opened_at)

    @admin.display(description=gettext_lazy("Next probe"))
    def next_probe(self, upstream: Upstream) -> SafeString:
        return coming(upstream.probe_at)

    @admin.display(description=gettext_lazy("Last failure"))
    def failed(self, upstream: Upstream) -> SafeString:
        return ago(upstream.failed_at)

    @admin.display(description=gettext_lazy("Last error"))
    def error(self, upstream: Upstream) -> str:
        return recorded.shown(upstream.last_error)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict | None = None
    ) -> HttpResponse:
        upstream = self.find(request, object_id)
        return self.page(
            request,
            "webhooks/upstream.html",
            title=str(upstream),
            upstream=upstream,
            try_url=self.url("retry_now", upstream.pk),
        )

    def retry_now(self, request: HttpRequest, object_id: int) -> HttpResponse:
        self.require(request, self.see)
        upstream = self.find(request, object_id)
        if not deliveries.retry_now(upstream, now=clock.now()):
            return self.back_to(
                request,
                "change",
                upstream.pk,
                trouble=_("The circuit is closed: no deliveries are waiting for it."),
            )
        self.log_change(request, upstream, "Retry now.")
        return self.back_to(
            request,
            "change",
            upstream.pk,
            said=_("The next delivery is tried now. If it succeeds, the circuit closes."),
        )
