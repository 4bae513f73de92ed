"""Refused requests: why, how far the clocks differ, from where. Events refused only for their timestamp can be accepted."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ..accounts import access
from ..database import clock
from ..display import rejection_text
from ..display.formats import lower_first
from ..models import Rejection
from ..receiver import rejections
from ..templatetags.support import ago, badge
from .base import RightsAdmin


class ReasonFilter(admin.SimpleListFilter):
    title, parameter_name = gettext_lazy("reason"), "code"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        codes = Rejection.objects.order_by("code").values_list("code", flat=True).distinct()
        return [(code, rejection_text.reason(code)[0]) for code in codes]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        return queryset.filter(code=self.value()) if self.value() else queryset


@admin.register(Rejection)
class RejectionAdmin(RightsAdmin):
    nothing = gettext_lazy(
        "No requests were refused. If webhooks are still missing, check that Chatwoot posts to the URL on the "
        "source's page."
    )
    see = "deliveries"
    verbs = ("accept",)
    list_display = ("when", "why", "clock", "source", "remote", "agent", "result")
    list_display_links = ("when",)
    list_filter = (ReasonFilter, "source")
    ordering = ("-pk",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Rejection]:
        return rejections.without_bodies().select_related("source", "delivery")

    @admin.display(description=gettext_lazy("Refused"), ordering="pk")
    def when(self, row: Rejection) -> SafeString:
        return ago(row.at)

    @admin.display(description=gettext_lazy("Reason"), ordering="code")
    def why(self, row: Rejection) -> str:
        return rejection_text.reason(row.code)[0]

    @admin.display(description=gettext_lazy("Clock"))
    def clock(self, row: Rejection) -> str:
        return rejection_text.clock(row)

    @admin.display(description=gettext_lazy("Sent by"))
    def agent(self, row: Rejection) -> str | None:
        return row.headers.get("User-Agent", "")[:60] or None

    @admin.display(description=gettext_lazy("Result"))
    def result(self, row: Rejection) -> SafeString | None:
        if row.accepted_at:
            return badge("DONE", _("Accepted"))
        return badge("HELD", _("Stored, waiting")) if getattr(row, "waits", False) else None

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict | None = None
    ) -> HttpResponse:
        row = self.find(request, object_id)
        name, hint = rejection_text.reason(row.code)
        return self.page(
            request,
            "webhooks/rejection.html",
            title=_("Refused: %(name)s") % {"name": lower_first(name)},
            row=row,
            name=name,
            hint=hint,
            clock=rejection_text.clock(row),
            accept_url=self.url("accept", row.pk),
            source_url=reverse("admin:webhooks_source_change", args=[row.source_id]),
            delivery_url=row.delivery_id
            and reverse("admin:webhooks_incoming_change", args=[row.delivery_id]),
        )

    def accept(self, request: HttpRequest, object_id: int) -> HttpResponse:
        self.require(request, "deliveries")
        row = self.find(request, object_id)
        try:
            rejections.accept(row, by=access.person(request), now=clock.now())
        except rejections.CannotAccept as error:
            return self.back_to(request, "change", row.pk, trouble=str(error))
        return self.back_to(
            request,
            "change",
            row.pk,
            said=_("Accepted: it is processed now, as if it had been accepted on arrival."),
        )
