"""Alerts: what is wrong now, then what was. Each leads to where it is mended."""

from dataclasses import dataclass

from django.contrib import admin
from django.contrib.auth.models import User
from django.db.models import F, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString

from .. import access, alerts
from ..models import Alert
from ..templatetags.support import ago, badge
from .base import RightsAdmin


@dataclass(frozen=True)
class Kind:
    """page: where it is mended; "" where its own page is all there is."""

    name: str
    icon: str
    page: str
    button: str
    todo: str


KINDS = {
    "credentials": Kind(
        "Token refused", "key_off", "webhooks_source_change", "Open the source",
        "Connect the source again with a new access token; replies that wait go on by themselves then.",
    ),
    "secret": Kind(
        "Unknown signature", "key_off", "webhooks_source_change", "Open the source",
        "Read the webhook's secret from Chatwoot, or add it by hand. What was refused is lost unless it is asked for again.",
    ),
    "timestamp_stale": Kind(
        "Clocks apart", "schedule", "webhooks_source_change", "See what was kept",
        "Check that both machines keep time (NTP), then admit what was kept.",
    ),
    "send_cap": Kind(
        "Sending cap reached", "speed", "webhooks_sendingswitch_changelist", "Open Sending",
        "See whether so many replies are meant. Raise the cap or wait, then release what is held.",
    ),
    "spool": Kind(
        "Database away", "database", "", "Look",
        "Nothing was lost: what came was kept on disk. Find out why the database was away.",
    ),
    "subscription": Kind(
        "Webhook changed in Chatwoot", "link_off", "webhooks_source_change", "Open the source",
        "Connect the source again with “register”. What was missed is asked for by itself once it is mended.",
    ),
    "silence": Kind(
        "Nothing comes", "notifications_paused", "webhooks_source_change", "Open the source",
        "See whether Chatwoot and the channel work: write to yourself. Send a test event to see whether receiving does.",
    ),
    "missed": Kind(
        "Events were missed", "search", "webhooks_reconcilerun_changelist", "See what was found",
        "They are here now. Find out why their webhooks did not arrive: this closes once a search finds nothing more.",
    ),
    "reconcile": Kind(
        "Missed events unknown", "search_off", "webhooks_reconcilerun_changelist", "Open the searches",
        "Chatwoot does not answer what was missed. Mend what it says, then search again.",
    ),
    "cluster": Kind(
        "Workers restarted", "engineering", "", "Look",
        "The workers were restarted more often than they should be: read their log.",
    ),
}  # fmt: skip
OTHER = Kind("Trouble", "error", "", "Look", "")


def kind(alert: Alert) -> Kind:
    return KINDS.get(alert.kind, OTHER)


def link(alert: Alert, user: User) -> str:
    """Where it is mended, if this person may go there; else its own page."""
    page = kind(alert).page
    if page == "webhooks_source_change" and alert.source_id and access.may(user, "deliveries"):
        return reverse(f"admin:{page}", args=[alert.source_id])
    if page.endswith("_changelist"):
        return reverse(f"admin:{page}")
    return reverse("admin:webhooks_alert_change", args=[alert.pk])


class StateFilter(admin.SimpleListFilter):
    title, parameter_name = "state", "state"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        return [("open", "Open"), ("over", "Over")]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        return queryset.filter(closed_at__isnull=self.value() == "open") if self.value() else queryset


@admin.register(Alert)
class AlertAdmin(RightsAdmin):
    see = "switches"
    verbs = ("close",)
    list_display = ("state", "what", "source", "since", "last_seen", "count", "ended")
    list_display_links = ("what",)
    list_filter = (StateFilter, "source")
    ordering = (F("closed_at").desc(nulls_first=True), "-opened_at")

    @admin.display(description="State", ordering="closed_at")
    def state(self, alert: Alert) -> SafeString:
        return badge("DEAD", "Open") if alert.closed_at is None else badge("over", "Over")

    @admin.display(description="What")
    def what(self, alert: Alert) -> str:
        return alert.text

    @admin.display(description="Since", ordering="opened_at")
    def since(self, alert: Alert) -> SafeString:
        return ago(alert.opened_at)

    @admin.display(description="Last seen", ordering="last_seen_at")
    def last_seen(self, alert: Alert) -> SafeString:
        return ago(alert.last_seen_at)

    @admin.display(description="Over since", ordering="closed_at")
    def ended(self, alert: Alert) -> SafeString:
        return ago(alert.closed_at)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict | None = None
    ) -> HttpResponse:
        alert = self.find(request, object_id)
        where = link(alert, access.person(request))
        own = self.url("change", alert.pk)
        return self.page(
            request, "webhooks/alert.html", title=kind(alert).name, alert=alert, kind=kind(alert),
            mended_at=where if where != own else "", close_url=self.url("close", alert.pk), told=alerts.told(),
        )  # fmt: skip

    def close(self, request: HttpRequest, object_id: int) -> HttpResponse:
        self.require(request, self.see)
        alert = self.find(request, object_id)
        if alert.closed_at or not alerts.close(alert.key, now=timezone.now()):
            return self.back_to(request, "change", alert.pk, trouble="It is over already.")
        self.log_change(request, alert, "Closed by hand.")
        return self.back_to(
            request, "changelist", said="Closed. Should the trouble be met again, a new alert opens."
        )
