"""SLA policies: Managers edit them, everyone else reads. Every save is a version; none is deleted, because clocks refer to it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import admin
from django.contrib.auth.models import User
from django.db.models import QuerySet, Value
from django.http import HttpRequest, HttpResponse
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from knowledge.models import BusinessCalendar
from webhooks.accounts import access
from webhooks.admin.base import VersionedAdmin
from webhooks.database import clock

from ..models import CONDITIONS, PRIORITY_NAMES, SLAPolicy
from ..policies import versions
from ..policies.policy_inboxes import PolicyInboxes
from .sla_policy_form import SLAPolicyForm, in_hours

FIELDS = {
    "name": _("name"), "order": _("order"), "calendar_id": _("hours"), "first_response_s": _("first response"),
    "next_response_s": _("next response"), "resolution_s": _("resolution"), "at_risk_share": _("at risk after"),
}  # fmt: skip
CONDITION_NAMES = {
    "inbox_ids": _("inboxes"),
    "labels": _("labels"),
    "priorities": _("priorities"),
    "teams": _("teams"),
}


@admin.register(SLAPolicy)
class SLAPolicyAdmin(VersionedAdmin):
    nothing = _("No SLA policies yet. Add one to start clocks for the messages that arrive from then on.")
    see = "drafts"
    edit = "sla_policies"
    form = SLAPolicyForm
    list_display = ("called", "serves", "hours", "first", "next", "resolution", "place", "number")
    history_list_display = ["version"]
    ordering = ("order", "pk")
    list_select_related = ("calendar",)
    change_form_outer_before_template = "reports/policy_note.html"  # type: ignore[assignment]
    list_before_template = "reports/policy_list_note.html"  # type: ignore[assignment]
    fieldsets = (
        (None, {"fields": ("name", "order")}),
        (_("Conditions"), {"fields": ("inboxes", "labels", "priorities", "teams")}),
        (_("Targets"), {"fields": (
            "calendar", "first_response_s", "next_response_s", "resolution_s", "at_risk_share", "valid_from")}),
    )  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> QuerySet[SLAPolicy]:
        """Annotated with the reader, because only the inboxes that this person sees are named."""
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

    @admin.display(description=_("Name"), ordering="name")
    def called(self, policy: SLAPolicy) -> str:
        return policy.name

    @admin.display(description=_("Order"), ordering="order")
    def place(self, policy: SLAPolicy) -> int:
        return policy.order

    @admin.display(description=_("Version"), ordering="version")
    def number(self, policy: SLAPolicy) -> int:
        return policy.version

    @admin.display(description=_("Applies to"))
    def serves(self, policy: SLAPolicy) -> str:
        listed = {name: policy.conditions.get(name, []) for name in CONDITIONS}
        if numbers := listed["inbox_ids"]:
            reader = User.objects.get(pk=policy.reader)  # type: ignore[attr-defined]
            listed["inbox_ids"] = list(map(PolicyInboxes(reader).called, numbers))
        said = [
            f"{CONDITION_NAMES[name]}: {', '.join(_shown(name, values))}"
            for name, values in listed.items()
            if values
        ]
        return "; ".join(said) or gettext("all conversations")

    @admin.display(description=_("Hours"))
    def hours(self, policy: SLAPolicy) -> SafeString:
        name = policy.calendar.name if policy.calendar else gettext("around the clock")
        if not versions.closed_hours(policy):
            return format_html("{}", name)
        return format_html('{} <span class="s-badge s-warn">{}</span>', name, gettext("counts closed hours"))

    @admin.display(description=_("First response"), ordering="first_response_s")
    def first(self, policy: SLAPolicy) -> str:
        return in_hours(policy.first_response_s)

    @admin.display(description=_("Next response"), ordering="next_response_s")
    def next(self, policy: SLAPolicy) -> str:
        return in_hours(policy.next_response_s)

    @admin.display(description=_("Resolution"), ordering="resolution_s")
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
            request, "reports/policy_history.html", title=gettext("History of %(name)s") % {"name": policy}, original=policy,
            versions=history(policy, access.person(request)), change_url=self.url("change", policy.pk),
        )  # fmt: skip

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if not change:
            super().save_model(request, obj, form, change)
        elif form.changed_data:
            facts = {name: getattr(obj, name) for name in versions.FACTS}
            obj.version = versions.change(obj, facts, now=clock.now()).version


@dataclass(frozen=True)
class Version:
    """changes: (label of the field, before, after); none for the first version."""

    number: int
    at: datetime
    valid_from: datetime
    by: str
    changes: list[tuple[str | Promise, str, str]]


def history(policy: SLAPolicy, person: User) -> list[Version]:
    """Newest first, as this person sees it."""
    saved: Any = policy.history  # the library's descriptor has no types
    rows = list(saved.select_related("history_user").order_by("-history_id"))
    calendars = dict(BusinessCalendar.objects.values_list("pk", "name"))
    inboxes = PolicyInboxes(person)
    return [
        Version(
            row.version, row.history_date, row.valid_from, str(row.history_user or gettext("setup")),
            _changes(row, older, calendars, inboxes),
        )
        for row, older in zip(rows, [*rows[1:], None], strict=True)
    ]  # fmt: skip


def _changes(
    row: Any, older: Any, calendars: dict[int, str], inboxes: PolicyInboxes
) -> list[tuple[str | Promise, str, str]]:
    if older is None:
        return []
    found: list[tuple[str | Promise, str, str]] = []
    for name, label in FIELDS.items():
        before, after = getattr(older, name), getattr(row, name)
        if before != after:
            found.append((label, _display(name, before, calendars), _display(name, after, calendars)))
    for name in CONDITIONS:
        listed = [one.conditions.get(name, []) for one in (older, row)]
        if name == "inbox_ids":
            listed = [list(map(inboxes.called, one)) for one in listed]
        before, after = (", ".join(_shown(name, one)) or gettext("all") for one in listed)
        if before != after:
            found.append((CONDITION_NAMES[name], before, after))
    return found


def _shown(name: str, values: list[str]) -> list[str]:
    return [str(PRIORITY_NAMES.get(one, one)) for one in values] if name == "priorities" else values


def _display(name: str, value: Any, calendars: dict[int, str]) -> str:
    if name == "calendar_id":
        return calendars.get(value, gettext("a deleted calendar")) if value else gettext("around the clock")
    return in_hours(value) if name.endswith("_s") else str(value)
