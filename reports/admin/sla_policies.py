"""SLA policies: Managers change them, the desk looks. Every save is a version; none is deleted, since clocks name it."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.models import User
from django.db.models import QuerySet, Value
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from webhooks.accounts import access
from webhooks.admin.base import VersionedAdmin

from ..models import CONDITIONS, SLAPolicy
from ..policies import versions
from . import sla_policy_history
from .sla_policy_form import SLAPolicyForm, in_hours


@admin.register(SLAPolicy)
class SLAPolicyAdmin(VersionedAdmin):
    nothing = "Nothing is promised: add a policy, and clocks run for what comes from then on."
    see = "drafts"
    edit = "sla_policies"
    form = SLAPolicyForm
    list_display = ("name", "serves", "hours", "first", "next", "resolution", "order", "version")
    history_list_display = ["version"]
    ordering = ("order", "pk")
    list_select_related = ("calendar",)
    change_form_outer_before_template = "reports/policy_note.html"  # type: ignore[assignment]
    list_before_template = "reports/policy_list_note.html"  # type: ignore[assignment]
    fieldsets = (
        (None, {"fields": ("name", "order")}),
        ("Which conversations it serves", {"fields": ("inboxes", "labels", "priorities", "teams")}),
        ("What is promised", {"fields": (
            "calendar", "first_response_s", "next_response_s", "resolution_s", "at_risk_share", "valid_from")}),
    )  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> QuerySet[SLAPolicy]:
        """With who reads it: only the inboxes that this person sees are named."""
        return super().get_queryset(request).annotate(reader=Value(request.user.pk))

    def get_form(
        self, request: HttpRequest, obj: SLAPolicy | None = None, change: bool = False, **facts: Any
    ) -> Any:
        form = super().get_form(request, obj, change, **facts)
        return type(form.__name__, (form,), {"person": access.person(request)})

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        if self.has_change_permission(request, obj):
            return self.fieldsets
        return [(None, {"fields": ("name", "serves", "hours", "first", "next", "resolution", "valid_from")})]

    @admin.display(description="Serves")
    def serves(self, policy: SLAPolicy) -> str:
        listed = {name: policy.conditions.get(name, []) for name in CONDITIONS}
        if numbers := listed["inbox_ids"]:
            mine = access.inboxes_of(User.objects.get(pk=policy.reader))  # type: ignore[attr-defined]
            named = dict(mine.filter(inbox_id__in=numbers).values_list("inbox_id", "name"))
            listed["inbox_ids"] = [named.get(number, f"Inbox {number}") for number in numbers]
        said = [
            f"{name.replace('inbox_ids', 'inboxes')}: {', '.join(values)}"
            for name, values in listed.items()
            if values
        ]
        return "; ".join(said) or "all conversations"

    @admin.display(description="Hours")
    def hours(self, policy: SLAPolicy) -> SafeString:
        name = policy.calendar.name if policy.calendar else "every hour"
        if not versions.closed_hours(policy):
            return format_html("{}", name)
        return format_html('{} <span class="s-badge s-warn">counts closed hours</span>', name)

    @admin.display(description="First response", ordering="first_response_s")
    def first(self, policy: SLAPolicy) -> str:
        return in_hours(policy.first_response_s)

    @admin.display(description="Next response", ordering="next_response_s")
    def next(self, policy: SLAPolicy) -> str:
        return in_hours(policy.next_response_s)

    @admin.display(description="Resolution", ordering="resolution_s")
    def resolution(self, policy: SLAPolicy) -> str:
        return in_hours(policy.resolution_s)

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: Any = None,
    ) -> Any:
        policy = (
            SLAPolicy.objects.filter(pk=object_id).first() if object_id and object_id.isdecimal() else None
        )
        asked = {"closed_hours": versions.closed_hours(policy)} if policy else {}
        return super().changeform_view(request, object_id, form_url, asked | (extra_context or {}))

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict | None = None
    ) -> HttpResponse:
        policy = self.find(request, object_id)
        return self.page(
            request, "reports/policy_history.html", title=f"History of {policy}", original=policy,
            versions=sla_policy_history.versions(policy), change_url=self.url("change", policy.pk),
        )  # fmt: skip

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if not change:
            super().save_model(request, obj, form, change)
        elif form.changed_data:
            facts = {name: getattr(obj, name) for name in versions.FACTS}
            obj.version = versions.change(obj, facts, now=timezone.now()).version
