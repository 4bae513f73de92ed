"""Alert rules: one a kind, made by the seed. Whoever keeps the switches decides who is told, from when on, at what hours."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse

from ..alerts import rules
from ..errors import DeliveryError
from ..models import AlertRule, alert_kinds
from ..outbound import slack
from .alert_rule_form import AlertRuleForm
from .base import RightsAdmin

TEST = "A test of the support site: alerts about “{rule}” come here."


@admin.register(AlertRule)
class AlertRuleAdmin(RightsAdmin):
    nothing = (
        "No rule is here: run manage.py seed. Until then each alert has its usual threshold and is told to "
        "superusers, Operators and Managers."
    )
    see = edit = "alert_rules"
    verbs = ("post_test",)
    form = AlertRuleForm
    list_display = ("name", "about", "from_when", "tells", "quiet")
    list_per_page = 50
    change_form_outer_before_template = "webhooks/alert_rule_note.html"  # type: ignore[assignment]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False  # the seed makes one a kind

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False  # its kind would fall back to what is seeded

    def get_queryset(self, request: HttpRequest) -> QuerySet[AlertRule]:
        return (
            super()
            .get_queryset(request)
            .filter(kind__in=alert_kinds.KINDS)
            .prefetch_related("users", "groups")
        )

    def get_ordering(self, request: HttpRequest) -> tuple[str, ...]:
        return ("-severity", "kind")

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        threshold = ("threshold",) if obj and alert_kinds.of(obj.kind).threshold is not None else ()
        stop = ("stop_posting",) if obj and obj.post_url else ()
        return (
            (None, {"fields": ("enabled", *threshold, "severity")}),
            ("By mail", {"fields": ("mail", "groups", "users", "addresses")}),
            ("In a chat", {"fields": ("post_url", *stop)}),
            ("Quiet hours", {"fields": (("quiet_from", "quiet_to"), "quiet_zone")}),
        )

    @admin.display(description="Alert", ordering="kind")
    def name(self, rule: AlertRule) -> str:
        return str(rule)

    @admin.display(description="Opens when")
    def about(self, rule: AlertRule) -> str:
        return alert_kinds.of(rule.kind).about

    @admin.display(description="From")
    def from_when(self, rule: AlertRule) -> str:
        kind = alert_kinds.of(rule.kind)
        if kind.threshold is None:
            return "the first"
        return "not watched" if rule.threshold is None else f"{kind.unit.capitalize()}: {rule.threshold:,}"

    @admin.display(description="Told")
    def tells(self, rule: AlertRule) -> str:
        said = {"mail": _who(rule), "post": "a chat"}
        return "; ".join(said[channel] for channel in rules.channels(rule)) or "nobody: dashboard alone"

    @admin.display(description="Quiet hours")
    def quiet(self, rule: AlertRule) -> str:
        if rule.severity == AlertRule.Severity.URGENT:
            return "told at any hour"
        return (
            f"{rule.quiet_from:%H:%M}–{rule.quiet_to:%H:%M} {rule.quiet_zone}" if rule.quiet_from else "none"
        )

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict | None = None
    ) -> HttpResponse:
        rule = self.find(request, object_id)
        facts = {
            "kind": alert_kinds.of(rule.kind), "title": str(rule), "told_now": rules.told(rule), "rule": rule,
            "test_url": self.url("post_test", rule.pk) if rule.post_url else "",
        }  # fmt: skip
        return super().change_view(request, object_id, form_url, facts | (extra_context or {}))

    def post_test(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """At once, so that whoever sets it up sees what the chat answers."""
        self.require(request, self.edit)
        rule = self.find(request, object_id)
        if not rule.post_url:
            return self.back_to(
                request, "change", rule.pk, trouble="It posts to no chat: save its address first."
            )
        try:
            slack.post(rule.post_url, TEST.format(rule=rule))
        except DeliveryError as error:
            return self.back_to(request, "change", rule.pk, trouble=f"It did not arrive: {error}")
        return self.back_to(request, "change", rule.pk, said="Posted: look into the chat.")


def _who(rule: AlertRule) -> str:
    named = [group.name for group in rule.groups.all()] + [str(user) for user in rule.users.all()]
    return ", ".join([*named, *rule.addresses.split()]) or "superusers, Operators, Managers"
