"""Alert rules: one for each kind, created by the seed. Managers and Operators set who is notified, and when."""

from typing import Any
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from django import forms
from django.contrib import admin
from django.contrib.auth.models import Group, User
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminPasswordWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldBooleanSwitchWidget,
)

from ..alerts import rules
from ..display.formats import number
from ..errors import DeliveryError
from ..models import AlertRule, alert_kinds
from ..outbound import slack
from .base import RightsAdmin

TEST = "Test message from the support site: alerts about “{rule}” will appear here."
DEFAULT_RECIPIENTS = gettext_lazy("If nobody is named here or below: superusers, Operators and Managers.")
TIME = {"type": "time", "class": "s-input s-fit"}


class AlertRuleForm(forms.ModelForm):
    groups = forms.ModelMultipleChoiceField(
        Group.objects.order_by("name"),
        label=gettext_lazy("Groups"),
        required=False,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        help_text=DEFAULT_RECIPIENTS,
    )
    users = forms.ModelMultipleChoiceField(
        User.objects.none(), required=False, label=gettext_lazy("People"), widget=UnfoldAdminCheckboxSelectMultipleWidget,
        help_text=gettext_lazy("People without an email address cannot be chosen."),
    )  # fmt: skip
    chat_url = forms.CharField(
        label=gettext_lazy("Chat webhook URL"),
        required=False,
        widget=UnfoldAdminPasswordWidget(attrs={"autocomplete": "off"}),
    )
    stop_chat = forms.BooleanField(
        label=gettext_lazy("Stop chat messages"), required=False, widget=UnfoldBooleanSwitchWidget
    )
    quiet_zone = forms.ChoiceField(
        label=gettext_lazy("Time zone"),
        choices=[(zone, zone) for zone in sorted(available_timezones())],
        widget=UnfoldAdminSelectWidget,
    )

    class Meta:
        model = AlertRule
        fields = (
            "enabled", "threshold", "severity", "email", "groups", "users", "addresses", "chat_url", "quiet_from", "quiet_to",
            "quiet_zone",
        )  # fmt: skip
        widgets = {
            "addresses": UnfoldAdminTextareaWidget(attrs={"rows": 2, "placeholder": "oncall@example.com"}),
            "quiet_from": forms.TimeInput(attrs=TIME, format="%H:%M"),
            "quiet_to": forms.TimeInput(attrs=TIME, format="%H:%M"),
        }
        help_texts = {
            "enabled": gettext_lazy("Off: alerts are shown on the dashboard, and nobody is notified."),
            "addresses": gettext_lazy("One per line."),
            "quiet_from": gettext_lazy("Empty: notify at any hour."),
            "quiet_to": gettext_lazy("Alerts that are still open are sent at this time."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kind = alert_kinds.of(self.instance.kind)
        reachable = User.objects.filter(is_active=True).exclude(email="")
        self.fields["users"].queryset = reachable.order_by("username")  # type: ignore[attr-defined]
        if "threshold" in self.fields:
            self.fields["threshold"].label = _("Threshold: %(unit)s") % {"unit": kind.unit}
        if self.instance.chat_url:
            now = _("Set: messages go to %(host)s. Leave empty to keep it.") % {
                "host": urlsplit(self.instance.chat_url).hostname
            }
        else:
            now = _(
                "The https URL of an incoming webhook in Slack, Mattermost or Rocket.Chat. Stored encrypted, never shown."
            )
            del self.fields["stop_chat"]
        self.fields["chat_url"].help_text, self.initial["chat_url"] = now, ""

    def clean_threshold(self) -> int | None:
        number: int | None = self.cleaned_data["threshold"]
        if number == 0:
            raise ValidationError(_("0 would always be reached: enter 1 or more, or leave it empty."))
        return number

    def clean_addresses(self) -> str:
        found = self.cleaned_data["addresses"].replace(",", " ").split()
        for address in found:
            try:
                validate_email(address)
            except ValidationError as error:
                raise ValidationError(
                    _("“%(address)s” is not an email address.") % {"address": address}
                ) from error
        return "\n".join(found)

    def clean_chat_url(self) -> str:
        """An empty field keeps the stored URL."""
        url: str = self.cleaned_data["chat_url"].strip()
        if not url:
            return self.instance.chat_url
        try:
            slack.target(url)
        except DeliveryError as error:
            raise ValidationError(
                _("No message can be sent to this URL: %(error)s") % {"error": error}
            ) from error
        return url

    def clean(self) -> dict[str, Any]:
        super().clean()
        start, end = self.cleaned_data.get("quiet_from"), self.cleaned_data.get("quiet_to")
        if (start is None) != (end is None):
            self.add_error(
                "quiet_to" if start else "quiet_from", _("Quiet hours need a start and an end: enter both.")
            )
        elif start is not None and start == end:
            self.add_error(
                "quiet_to", _("Start and end are the same. To notify nobody, turn notifications off.")
            )
        if self.cleaned_data.get("stop_chat"):
            self.cleaned_data["chat_url"] = ""
        return self.cleaned_data


@admin.register(AlertRule)
class AlertRuleAdmin(RightsAdmin):
    nothing = gettext_lazy(
        "No alert rules yet: run manage.py seed. Until then each alert uses its default threshold and "
        "notifies superusers, Operators and Managers."
    )
    see = edit = "alert_rules"
    verbs = ("post_test",)
    form = AlertRuleForm
    list_display = ("name", "about", "from_when", "notifies", "quiet")
    list_per_page = 50
    change_form_outer_before_template = "webhooks/alert_rule_note.html"  # type: ignore[assignment]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False  # the seed creates one for each kind

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
        stop = ("stop_chat",) if obj and obj.chat_url else ()
        return (
            (None, {"fields": ("enabled", *threshold, "severity")}),
            (_("Email"), {"fields": ("email", "groups", "users", "addresses")}),
            (_("Chat"), {"fields": ("chat_url", *stop)}),
            (_("Quiet hours"), {"fields": (("quiet_from", "quiet_to"), "quiet_zone")}),
        )

    @admin.display(description=gettext_lazy("Alert"), ordering="kind")
    def name(self, rule: AlertRule) -> str:
        return str(rule)

    @admin.display(description=gettext_lazy("Opens when"))
    def about(self, rule: AlertRule) -> str:
        return str(alert_kinds.of(rule.kind).about)

    @admin.display(description=gettext_lazy("Threshold"))
    def from_when(self, rule: AlertRule) -> str:
        kind = alert_kinds.of(rule.kind)
        if kind.threshold is None:
            return _("at once")
        return _("off") if rule.threshold is None else f"{capfirst(str(kind.unit))}: {number(rule.threshold)}"

    @admin.display(description=gettext_lazy("Notifies"))
    def notifies(self, rule: AlertRule) -> str:
        names = {"email": _recipient_names(rule), "chat": _("chat")}
        return "; ".join(names[channel] for channel in rules.channels(rule)) or _("nobody: dashboard only")

    @admin.display(description=gettext_lazy("Quiet hours"))
    def quiet(self, rule: AlertRule) -> str:
        if rule.severity == AlertRule.Severity.URGENT:
            return _("never quiet")
        return (
            f"{rule.quiet_from:%H:%M}–{rule.quiet_to:%H:%M} {rule.quiet_zone}"
            if rule.quiet_from
            else _("none")
        )

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict | None = None
    ) -> HttpResponse:
        rule = self.find(request, object_id)
        facts = {
            "kind": alert_kinds.of(rule.kind), "title": str(rule), "recipients": rules.recipients(rule), "rule": rule,
            "test_url": self.url("post_test", rule.pk) if rule.chat_url else "",
        }  # fmt: skip
        return super().change_view(request, object_id, form_url, facts | (extra_context or {}))

    def post_test(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Posted within the request, so that the person who sets it up sees the chat's answer."""
        self.require(request, self.edit)
        rule = self.find(request, object_id)
        if not rule.chat_url:
            return self.back_to(
                request, "change", rule.pk, trouble=_("This rule has no chat URL: save one first.")
            )
        try:
            slack.post(rule.chat_url, TEST.format(rule=rule))
        except DeliveryError as error:
            return self.back_to(
                request, "change", rule.pk, trouble=_("The test message failed: %(error)s") % {"error": error}
            )
        return self.back_to(request, "change", rule.pk, said=_("Test message sent: look in the chat."))


def _recipient_names(rule: AlertRule) -> str:
    named = [group.name for group in rule.groups.all()] + [str(user) for user in rule.users.all()]
    return ", ".join([*named, *rule.addresses.split()]) or _("superusers, Operators, Managers")
