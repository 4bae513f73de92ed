"""The form of an SLA policy: targets in hours and minutes, and the inboxes that the person who edits may see."""

from typing import Any

from django import forms
from django.contrib.auth.models import User
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget, UnfoldAdminSplitDateTimeWidget

from knowledge.admin.risk_rules import Phrases
from webhooks.admin.policy_form import Length, as_length
from webhooks.database import clock
from webhooks.display import charts

from ..models import PRIORITY_NAMES, SLAPolicy
from ..policies import versions
from ..policies.policy_inboxes import PolicyInboxes

ALL = _("Leave empty for all.")
NAMES_OR_ALL = _("Names as in Chatwoot, separated by commas. Leave empty for all.")


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
