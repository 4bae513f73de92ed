"""Retry policies: edited as people write them (10 s, 2 min, 12 h), with the resulting times beside the form."""

from datetime import datetime
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ..database import clock
from ..deliveries import retry
from ..display import policy_text
from ..models import RetryPolicy
from . import policy_history
from .base import VersionedAdmin, problems_of
from .policy_form import RetryPolicyForm

# Direction → what a policy applies to.
EVERYTHING_ELSE = {
    "": gettext_lazy("everything else"),
    "IN": gettext_lazy("everything else, incoming"),
    "OUT": gettext_lazy("everything else, outgoing"),
}
ONE_PATTERN = {
    "": "%(pattern)s",
    "IN": gettext_lazy("%(pattern)s, incoming"),
    "OUT": gettext_lazy("%(pattern)s, outgoing"),
}


class WhichForm(forms.Form):
    event = forms.CharField(
        label=gettext_lazy("Event"), max_length=121, widget=forms.TextInput(attrs={"list": "known-events"})
    )
    direction = forms.ChoiceField(
        label=gettext_lazy("Direction"),
        required=False,
        choices=[("IN", gettext_lazy("incoming")), ("OUT", gettext_lazy("outgoing"))],
    )

    @property
    def known(self) -> list[str]:
        return [*settings.IN_HANDLERS, *settings.OUT_HANDLERS]

    def answer(self) -> dict[str, Any]:
        """The matching policies, the one that applies first, and why it comes before the next."""
        subject = self.cleaned_data["event"].strip()
        matching = retry.ranked(
            RetryPolicy.objects.order_by("pk"), direction=self.cleaned_data["direction"] or "IN",
            event=subject.partition("@")[0], subject=subject,
        )  # fmt: skip
        why = retry.why_before(matching[0], matching[1], subject=subject) if len(matching) > 1 else ""
        return {"subject": subject, "matching": matching, "why": why}


@admin.register(RetryPolicy)
class RetryPolicyAdmin(VersionedAdmin):
    nothing = gettext_lazy(
        "Without a policy the built-in default applies: run manage.py seed, or add one for “*”."
    )
    see = edit = "retry_policies"
    form = RetryPolicyForm
    list_display = ("name", "applies_to", "max_attempts", "ends", "version")
    history_list_display = ["version"]
    ordering = ("-is_default", "name")
    change_form_outer_before_template = "webhooks/policy_note.html"  # type: ignore[assignment]
    list_before_template = "webhooks/policy_which.html"  # type: ignore[assignment]
    readonly_fields = ["preview"]
    fieldsets = (
        (None, {"fields": ("name", "event_pattern", "direction")}),
        (gettext_lazy("When to retry"), {"fields": ("delays", "jitter", "max_attempts", "max_age", "preview")}),
        (gettext_lazy("Growing delays instead of a list"), {"classes": ("collapse",), "fields": ("base", "factor", "cap")}),
        (gettext_lazy("Responses"), {"classes": ("collapse",), "fields": (
            "respect_retry_after", "retry_after_cap", "give_up_on", "hold_on", "retry_on", "settle_s")}),
    )  # fmt: skip

    @admin.display(description=gettext_lazy("Applies to"))
    def applies_to(self, policy: RetryPolicy) -> str:
        if policy.is_default:
            return str(EVERYTHING_ELSE[policy.direction])
        return str(ONE_PATTERN[policy.direction]) % {"pattern": policy.event_pattern}

    @admin.display(description=gettext_lazy("Gives up"))
    def ends(self, policy: RetryPolicy) -> str:
        return policy_text.end(policy, _times(policy, clock.now()))

    @admin.display(description=gettext_lazy("Resulting attempts"))
    def preview(self, policy: RetryPolicy) -> SafeString:
        address = self.url("preview_one", policy.pk) if policy.pk else self.url("preview")
        shown = _shown(policy) if policy.pk else {"lines": []}
        return SafeString(
            render_to_string("webhooks/policy_preview.html", {**shown, "address": address, "live": True})
        )

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.preview_view)
        return [
            path("preview/", view, name=self.url_name("preview")),
            path("<int:object_id>/preview/", view, name=self.url_name("preview_one")),
            path("which/", self.admin_site.admin_view(self.which_view), name=self.url_name("which")),
            *super().get_urls(),
        ]

    def preview_view(self, request: HttpRequest, object_id: int | None = None) -> HttpResponse:
        """The times for the form as it is now, saved or not."""
        policy = self.find(request, object_id) if object_id else RetryPolicy()
        self.require(request, self.see)
        form = self.get_form(request, policy if object_id else None)(request.POST or None, instance=policy)
        if form.is_valid():
            return render(request, "webhooks/policy_preview.html", _shown(form.instance))
        if not object_id and not request.POST.get("delays") and not request.POST.get("base"):
            return render(request, "webhooks/policy_preview.html")  # nobody has begun: no error yet
        return render(request, "webhooks/policy_preview.html", {"errors": problems_of(form)})

    def changelist_view(self, request: HttpRequest, extra_context: dict | None = None) -> Any:
        context: dict[str, Any] = {"which": WhichForm(), "which_url": self.url("which")}
        return super().changelist_view(request, context | (extra_context or {}))

    def which_view(self, request: HttpRequest) -> HttpResponse:
        """Which policy applies to an event, and why."""
        self.require(request, self.see)
        form = WhichForm(request.GET)
        return self.page(
            request, "webhooks/policy_which_page.html", title=_("Which policy applies to an event?"), which=form,
            which_url=self.url("which"), list_url=self.url("changelist"), **(form.answer() if form.is_valid() else {}),
        )  # fmt: skip

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict | None = None
    ) -> HttpResponse:
        policy = self.find(request, object_id)
        return self.page(
            request, "webhooks/policy_history.html", title=_("History of %(policy)s") % {"policy": policy}, original=policy,
            versions=policy_history.versions(policy), change_url=self.url("change", policy.pk),
        )  # fmt: skip

    def get_readonly_fields(self, request: HttpRequest, obj: RetryPolicy | None = None) -> tuple[str, ...]:
        return ("preview", "event_pattern", "direction") if obj and obj.is_default else ("preview",)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and not (obj and obj.is_default)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if change and not form.changed_data:
            return
        obj.version += int(change)
        super().save_model(request, obj, form, change)


def _times(policy: RetryPolicy, start: datetime) -> list[datetime]:
    return retry.preview(policy, start=start, most=policy_text.MOST_TIMES)[0]


def _shown(policy: RetryPolicy) -> dict[str, Any]:
    now = timezone.localtime().replace(microsecond=0)
    return {"lines": policy_text.preview(policy, _times(policy, now), now=now), "jitter": policy.jitter}
