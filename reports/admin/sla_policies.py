"""SLA policies: Managers edit them, everyone else reads. Every save is a version; none is deleted, because clocks refer to it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.models import User
from django.db.models import QuerySet, Value
from django.http import HttpRequest, HttpResponse
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget, UnfoldAdminSplitDateTimeWidget

from knowledge.admin.risk_rules import Phrases
from knowledge.models import BusinessCalendar
from webhooks.accounts import access
from webhooks.admin.base import VersionedAdmin
from webhooks.admin.policy_form import Length, as_length
from webhooks.database import clock
from webhooks.display import charts

from ..models import CONDITIONS, PRIORITY_NAMES, SLAPolicy
from ..policies import versions
from ..policies.policy_inboxes import PolicyInboxes

ALL = _("Leave empty for all.")
NAMES_OR_ALL = _("Names as in Chatwoot, separated by commas. Leave empty for all.")
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


def in_hours(seconds: Any) -> str:
    """24 business hours are three working days, so never show them as "1 d"."""
    return (
        gettext("%(n)s h") % {"n": charts.count(seconds // 3600)}
        if _is_hours(seconds)
        else as_length(seconds)
    )


def _is_hours(seconds: Any) -> bool:
    return isinstance(seconds, int) and seconds > 0 and seconds % 3600 == 0


class Target(Length):
    def prepare_value(self, value: Any) -> Any:
        return f"{value // 3600} h" if _is_hours(value) else super().prepare_value(value)


def _inbox(value: str) -> int | str:
    return int(value) if value.isdecimal() else value


class SLAPolicyForm(forms.ModelForm):
    inboxes = forms.TypedMultipleChoiceField(
        label=_("Inboxes"),
        coerce=_inbox,
        required=False,
        help_text=ALL,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
    )
    priorities = forms.MultipleChoiceField(
        label=_("Priorities"), choices=list(PRIORITY_NAMES.items()), required=False, help_text=ALL,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
    )  # fmt: skip
    labels = Phrases(label=_("Labels"), required=False, help_text=NAMES_OR_ALL)
    teams = Phrases(label=_("Teams"), required=False, help_text=NAMES_OR_ALL)
    first_response_s = Target(
        label=_("First response"), help_text=_("From the customer's first message, for example 60 min or 4 h")
    )
    next_response_s = Target(label=_("Next response"), help_text=_("From each later customer message"))
    resolution_s = Target(
        label=_("Resolution"),
        help_text=_("Paused while the conversation waits for the customer or is snoozed"),
    )
    valid_from = forms.SplitDateTimeField(
        required=False, widget=UnfoldAdminSplitDateTimeWidget, label=_("Applies to clocks that start from"),
        help_text=_("Leave empty for now. Clocks that are already running keep their targets."),
    )  # fmt: skip

    person: User  # who edits, and so which inboxes are named

    class Meta:
        model = SLAPolicy
        fields = (
            "name", "order", "calendar", "first_response_s", "next_response_s", "resolution_s", "at_risk_share", "valid_from",
        )  # fmt: skip
        labels = {
            "name": _("Name"), "order": _("Order"), "calendar": _("Calendar"), "at_risk_share": _("At risk share"),
            "valid_from": _("Valid from"),
        }  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        conditions = self.instance.conditions
        inboxes = PolicyInboxes(self.person)
        named = conditions.get("inbox_ids", [])
        known = [inboxes.written(one) for one in sorted(inboxes.seen, key=lambda one: (one.name, one.key))]
        known += [one for one in named if inboxes.find(one) is None]
        self.hidden = [one for one in named if inboxes.hides(one)]
        if "calendar" in self.fields:
            self.fields["calendar"].empty_label = gettext("Around the clock (every hour counts)")  # type: ignore[attr-defined]
        if "inboxes" in self.fields:
            self.fields["inboxes"].choices = [(one, inboxes.called(one)) for one in known]  # type: ignore[attr-defined]
        self.initial.update({name: conditions.get(name, []) for name in ("labels", "priorities", "teams")})
        shown = [one for one in named if one not in self.hidden]
        self.initial.update({"inboxes": shown, "valid_from": None})
        if self.hidden and "inboxes" in self.fields:
            self.fields["inboxes"].help_text = gettext(
                "Leave empty for all. The policy also applies to inboxes that you cannot see. They stay."
            )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        self.instance.conditions = {
            "inbox_ids": sorted([*cleaned.get("inboxes", []), *self.hidden], key=str),
            **{name: list(cleaned.get(name, [])) for name in ("labels", "priorities", "teams")},
        }
        now, wanted = clock.now(), cleaned.get("valid_from")
        if wanted and self.instance.pk and wanted < now - versions.LATELY:
            self.add_error("valid_from", str(versions.InThePast()))
        cleaned["valid_from"] = wanted or now
        return cleaned


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
