"""The form of an SLA policy: conditions and lengths of time as people write them."""

from typing import Any

from django import forms
from django.contrib.auth.models import User
from django.utils import timezone
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget, UnfoldAdminSplitDateTimeWidget

from knowledge.admin.risk_rules import Phrases
from webhooks.accounts import access
from webhooks.admin.policy_form import Length, as_length
from webhooks.models import Inbox

from ..models import PRIORITIES, SLAPolicy
from ..policies.versions import LATELY, InThePast

ALL = "Empty: all of them."


def in_hours(seconds: Any) -> str:
    """24 business hours are three working days, and never "1 d"."""
    if isinstance(seconds, int) and seconds and seconds % 3600 == 0:
        return f"{seconds // 3600:,} h"
    return as_length(seconds)


class Target(Length):
    def prepare_value(self, value: Any) -> Any:
        return in_hours(value).replace(",", "") if isinstance(value, int) else value


class SLAPolicyForm(forms.ModelForm):
    inboxes = forms.TypedMultipleChoiceField(
        coerce=int, required=False, help_text=ALL, widget=UnfoldAdminCheckboxSelectMultipleWidget
    )
    priorities = forms.MultipleChoiceField(
        choices=[(name, name) for name in PRIORITIES], required=False, help_text=ALL,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
    )  # fmt: skip
    labels = Phrases(required=False, help_text=f"As they are called in Chatwoot, with commas between. {ALL}")
    teams = Phrases(required=False, help_text=f"As they are called in Chatwoot, with commas between. {ALL}")
    first_response_s = Target(
        label="First response", help_text="From the customer's first message: 60 min, 4 h"
    )
    next_response_s = Target(label="Next response", help_text="From what the customer writes after an answer")
    resolution_s = Target(
        label="Resolution", help_text="While it waits for us: on the customer, and snoozed, it pauses"
    )
    valid_from = forms.SplitDateTimeField(
        required=False, widget=UnfoldAdminSplitDateTimeWidget, label="Serves clocks that start from",
        help_text="Empty: from now on. Clocks that run by then keep what they were promised.",
    )  # fmt: skip

    person: User  # who edits, and so which inboxes are named

    class Meta:
        model = SLAPolicy
        fields = (
            "name", "order", "calendar", "first_response_s", "next_response_s", "resolution_s", "at_risk_share", "valid_from",
        )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kept = self.instance.conditions
        names: dict[int, list[str]] = {}
        mine = access.inboxes_of(self.person).order_by("name", "pk")
        for number, name in mine.values_list("inbox_id", "name"):
            names.setdefault(number, []).append(name)
        hidden = set(Inbox.objects.values_list("inbox_id", flat=True)) - names.keys()
        self.hidden = [number for number in kept.get("inbox_ids", []) if number in hidden]
        for number in kept.get("inbox_ids", []):
            if number not in hidden:
                names.setdefault(number, [f"Inbox {number}"])
        if "calendar" in self.fields:
            self.fields["calendar"].empty_label = "Every hour counts"  # type: ignore[attr-defined]
        if "inboxes" in self.fields:
            self.fields["inboxes"].choices = [(number, ", ".join(named)) for number, named in names.items()]  # type: ignore[attr-defined]
        self.initial.update({name: kept.get(name, []) for name in ("labels", "priorities", "teams")})
        shown = [number for number in kept.get("inbox_ids", []) if number in names]
        self.initial.update({"inboxes": shown, "valid_from": None})
        if self.hidden and "inboxes" in self.fields:
            self.fields["inboxes"].help_text = f"{ALL} It also serves inboxes that you do not see: they stay."

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        self.instance.conditions = {
            "inbox_ids": sorted([*cleaned.get("inboxes", []), *self.hidden]),
            **{name: list(cleaned.get(name, [])) for name in ("labels", "priorities", "teams")},
        }
        now, wanted = timezone.now(), cleaned.get("valid_from")
        if wanted and self.instance.pk and wanted < now - LATELY:
            self.add_error("valid_from", str(InThePast()))
        cleaned["valid_from"] = wanted or now
        return cleaned
