"""Whom we call and how they do: a Chatwoot or the drafter that keeps failing is rested, and a person may not want to wait."""

from django.contrib import admin
from django.db.models import F, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.safestring import SafeString

from .. import deliveries
from ..models import Party
from ..templatetags.support import ago, badge
from .base import RightsAdmin


@admin.register(Party)
class PartyAdmin(RightsAdmin):
    nothing = "Nobody has failed yet, and nothing is to be done: a Chatwoot or the drafter stands here from its first failure on."
    see = "switches"
    verbs = ("try_now",)
    list_display = ("name", "state", "since", "next_try", "failures", "failed", "last_error")
    ordering = (F("rested_at").desc(nulls_last=True), "pk")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Party]:
        return super().get_queryset(request).select_related("source")

    @admin.display(description="Who")
    def name(self, party: Party) -> str:
        return str(party)

    @admin.display(description="State")
    def state(self, party: Party) -> SafeString:
        return badge("HELD", "Rested") if party.rested_at else badge("DONE", "Answers")

    @admin.display(description="Rested since")
    def since(self, party: Party) -> SafeString:
        return ago(party.rested_at)

    @admin.display(description="Next try")
    def next_try(self, party: Party) -> SafeString:
        return ago(party.probe_at)

    @admin.display(description="Last failure")
    def failed(self, party: Party) -> SafeString:
        return ago(party.failed_at)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict | None = None
    ) -> HttpResponse:
        party = self.find(request, object_id)
        return self.page(
            request,
            "webhooks/party.html",
            title=str(party),
            party=party,
            try_url=self.url("try_now", party.pk),
        )

    def try_now(self, request: HttpRequest, object_id: int) -> HttpResponse:
        self.require(request, self.see)
        party = self.find(request, object_id)
        if not deliveries.try_now(party, now=timezone.now()):
            return self.back_to(
                request, "change", party.pk, trouble="It is not rested any more: nothing waits for it."
            )
        self.log_change(request, party, "Tried at once.")
        return self.back_to(
            request, "change", party.pk, said="The next delivery tries now; its answer ends the rest."
        )
