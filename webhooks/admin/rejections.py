"""Refused requests: why, how far the clocks are apart, from where; and the way in for what only a clock kept out."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString

from ..accounts import access
from ..display import rejection_text
from ..models import Rejection
from ..receiver import rejections
from ..templatetags.support import ago, badge
from .base import RightsAdmin


class ReasonFilter(admin.SimpleListFilter):
    title, parameter_name = "reason", "code"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        codes = Rejection.objects.order_by("code").values_list("code", flat=True).distinct()
        return [(code, rejection_text.reason(code)[0]) for code in codes]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        return queryset.filter(code=self.value()) if self.value() else queryset


@admin.register(Rejection)
class RejectionAdmin(RightsAdmin):
    nothing = (
        "No request was refused. If webhooks are missing all the same, see whether Chatwoot posts to the "
        "address on the source's page."
    )
    see = "deliveries"
    verbs = ("admit",)
    list_display = ("when", "why", "clock", "source", "remote", "agent", "became")
    list_display_links = ("when",)
    list_filter = (ReasonFilter, "source")
    ordering = ("-pk",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Rejection]:
        return rejections.without_bodies().select_related("source", "delivery")

    @admin.display(description="Refused", ordering="pk")
    def when(self, row: Rejection) -> SafeString:
        return ago(row.at)

    @admin.display(description="Reason", ordering="code")
    def why(self, row: Rejection) -> str:
        return rejection_text.reason(row.code)[0]

    @admin.display(description="Clock")
    def clock(self, row: Rejection) -> str:
        return rejection_text.clock(row)

    @admin.display(description="Sent by")
    def agent(self, row: Rejection) -> str:
        return row.headers.get("User-Agent", "")[:60] or "–"

    @admin.display(description="Became")
    def became(self, row: Rejection) -> str | SafeString:
        if row.admitted_at:
            return badge("DONE", "Admitted")
        return badge("HELD", "Kept, waits") if getattr(row, "waits", False) else "–"

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict | None = None
    ) -> HttpResponse:
        row = self.find(request, object_id)
        name, hint = rejection_text.reason(row.code)
        return self.page(
            request, "webhooks/rejection.html", title=f"Refused: {name.lower()}", row=row, name=name, hint=hint,
            clock=rejection_text.clock(row), admit_url=self.url("admit", row.pk),
            source_url=reverse("admin:webhooks_source_change", args=[row.source_id]),
            delivery_url=row.delivery_id and reverse("admin:webhooks_incoming_change", args=[row.delivery_id]),
        )  # fmt: skip

    def admit(self, request: HttpRequest, object_id: int) -> HttpResponse:
        self.require(request, "deliveries")
        row = self.find(request, object_id)
        try:
            rejections.admit(row, by=access.person(request), now=timezone.now())
        except rejections.CannotAdmit as error:
            return self.back_to(request, "change", row.pk, trouble=str(error))
        return self.back_to(
            request, "change", row.pk, said="Admitted: it is processed now, as of when it was refused."
        )
