"""Whom we call and how they do: a Chatwoot or the drafter that keeps failing is rested, and a person may not want to wait."""

from django.contrib import admin
from django.db.models import F, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.safestring import SafeString

from .. import deliveries
from ..models import Upstream
from ..templatetags.support import ago, badge
from .base import RightsAdmin


@admin.register(Upstream)
class UpstreamAdmin(RightsAdmin):
    nothing = "Nobody has failed yet, and nothing is to be done: a Chatwoot or the drafter stands here from its first failure on."
    see = "switches"
    verbs = ("retry_now",)
    list_display = ("name", "state", "since", "next_try", "failures", "failed", "last_error")
    ordering = (F("opened_at").desc(nulls_last=True), "pk")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Upstream]:
        return super().get_queryset(request).select_related("source")

    @admin.display(description="Who")
    def name(self, upstream: Upstream) -> str:
        return str(upstream)

    @admin.display(description="State")
    def state(self, upstream: Upstream) -> SafeString:
        return badge("HELD", "Rested") if upstream.opened_at else badge("DONE", "Answers")

    @admin.display(description="Rested since")
    def since(self, upstream: Upstream) -> SafeString:
        return ago(upstream.opened_at)

    @admin.display(description="Next try")
    def next_try(self, upstream: Upstream) -> SafeString:
        return ago(upstream.probe_at)

    @admin.display(description="Last failure")
    def failed(self, upstream: Upstream) -> SafeString:
        return ago(upstream.failed_at)

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
        if not deliveries.retry_now(upstream, now=timezone.now()):
            return self.back_to(
                request, "change", upstream.pk, trouble="It is not rested any more: nothing waits for it."
            )
        self.log_change(request, upstream, "Tried at once.")
        return self.back_to(
            request, "change", upstream.pk, said="The next delivery tries now; its answer ends the rest."
        )
