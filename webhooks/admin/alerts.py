"""Alerts: open ones first, then resolved ones. Each links to the page where its cause can be fixed."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.models import User
from django.db.models import F, Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from ..accounts import access
from ..alerts import alerts, rules
from ..database import clock
from ..display import recorded
from ..models import Alert, alert_kinds
from ..models.alert_kinds import Kind
from ..templatetags.support import ago, badge
from .base import RightsAdmin


def kind(alert: Alert) -> Kind:
    return alert_kinds.of(alert.kind)


def link(alert: Alert, user: User) -> str:
    """The page where the cause can be fixed, if this person may open it; otherwise the alert's own page."""
    known = kind(alert)
    if known.page and access.may(user, known.right):
        if not known.page.endswith("_change"):
            return reverse(f"admin:{known.page}") + known.query
        if alert.source_id:
            return reverse(f"admin:{known.page}", args=[alert.source_id])
    return reverse("admin:webhooks_alert_change", args=[alert.pk])


def visible(rows: QuerySet[Alert], user: User) -> QuerySet[Alert]:
    """All, or those that this person is notified of."""
    return rows if access.may(user, AlertAdmin.see) else rows.filter(kind__in=rules.told(user))


class StateFilter(admin.SimpleListFilter):
    title, parameter_name = gettext_lazy("state"), "state"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        return [("open", pgettext("state", "Open")), ("over", _("Resolved"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        return queryset.filter(closed_at__isnull=self.value() == "open") if self.value() else queryset


@admin.register(Alert)
class AlertAdmin(RightsAdmin):
    nothing = gettext_lazy(
        "No alerts so far, and nothing to do. Alert rules show when an alert opens and who is notified."
    )
    see = "switches"
    verbs = ("close",)
    list_display = ("state", "what", "source", "since", "last_seen", "count", "ended")
    list_display_links = ("what",)
    list_filter = (StateFilter, "source")
    ordering = (F("closed_at").desc(nulls_first=True), "-opened_at")

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Also for those who are notified of some: get_queryset shows them these alone."""
        return access.may(request.user, self.see) or bool(rules.told(access.person(request)))

    def changelist_view(self, request: HttpRequest, extra_context: dict | None = None) -> Any:
        """For those who look after the site; others come from an email or their dashboard."""
        self.require(request, self.see)
        return super().changelist_view(request, extra_context)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Alert]:
        return visible(super().get_queryset(request), access.person(request))

    @admin.display(description=gettext_lazy("State"), ordering="closed_at")
    def state(self, alert: Alert) -> SafeString:
        return (
            badge("DEAD", pgettext("state", "Open"))
            if alert.closed_at is None
            else badge("over", _("Resolved"))
        )

    @admin.display(description=gettext_lazy("What"))
    def what(self, alert: Alert) -> str:
        return recorded.shown(alert.text)

    @admin.display(description=gettext_lazy("Opened"), ordering="opened_at")
    def since(self, alert: Alert) -> SafeString:
        return ago(alert.opened_at)

    @admin.display(description=gettext_lazy("Last seen"), ordering="last_seen_at")
    def last_seen(self, alert: Alert) -> SafeString:
        return ago(alert.last_seen_at)

    @admin.display(description=gettext_lazy("Resolved"), ordering="closed_at")
    def ended(self, alert: Alert) -> SafeString:
        return ago(alert.closed_at)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict | None = None
    ) -> HttpResponse:
        alert = self.find(request, object_id)
        rule, own = rules.of(alert.kind), self.url("change", alert.pk)
        where, may_rule = link(alert, access.person(request)), access.may(request.user, "alert_rules")
        return self.page(
            request, "webhooks/alert.html", title=str(kind(alert).name), alert=alert, kind=kind(alert),
            fix_url=where if where != own else "", rule=rule,
            close_url=self.url("close", alert.pk) if access.may(request.user, self.see) else "",
            recipients=rules.recipients(rule), channels=rules.channels(rule),
            rule_url=reverse("admin:webhooks_alertrule_change", args=[rule.pk]) if rule.pk and may_rule else "",
        )  # fmt: skip

    def close(self, request: HttpRequest, object_id: int) -> HttpResponse:
        self.require(request, self.see)
        alert = self.find(request, object_id)
        if alert.closed_at or not alerts.close(alert.key, now=clock.now()):
            return self.back_to(request, "change", alert.pk, trouble=_("This alert is already resolved."))
        self.log_change(request, alert, "Closed by hand.")
        return self.back_to(
            request, "changelist", said=_("Closed. If the problem occurs again, a new alert opens.")
        )
