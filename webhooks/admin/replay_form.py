"""The form that chooses what a replay takes: the same fields in an address, for other pages to lead there."""

from collections import Counter
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.conf import settings

from ..deliveries import replay_runs, search
from ..deliveries.replay_runs import Filters
from ..models import Delivery, Source

STATUSES = [
    ("", "Given up or held"),
    ("DEAD", "Given up"),
    ("HELD", "Held"),
    ("DONE", "Done"),
    ("CANCELLED", "Cancelled"),
]
DIRECTIONS = [("", "In and out"), ("IN", "In, from Chatwoot"), ("OUT", "Out")]


def _text(**attrs: str) -> forms.TextInput:
    return forms.TextInput(attrs={"class": "s-input", "autocomplete": "off"} | attrs)


def _time() -> forms.DateTimeInput:
    return forms.DateTimeInput(attrs={"type": "datetime-local", "class": "s-input"}, format="%Y-%m-%dT%H:%M")


class FiltersForm(forms.Form):
    source = forms.ModelChoiceField(
        Source.objects.order_by("slug"), empty_label="Choose one", widget=forms.Select(attrs={"class": "s-input"}),
        error_messages={"required": "Choose the source: one run replays one."},
    )  # fmt: skip
    status = forms.ChoiceField(
        choices=STATUSES, required=False, widget=forms.Select(attrs={"class": "s-input"})
    )
    ids = forms.CharField(label="Selected deliveries", required=False, widget=_text())
    since = forms.DateTimeField(label="Received from", required=False, widget=_time())
    until = forms.DateTimeField(label="Received until", required=False, widget=_time())
    event = forms.CharField(required=False, max_length=100, widget=_text(list="known-events"))
    direction = forms.ChoiceField(
        choices=DIRECTIONS, required=False, widget=forms.Select(attrs={"class": "s-input"})
    )
    conversation_id = forms.IntegerField(
        label="Conversation", required=False, min_value=1, max_value=search.BIGGEST,
        widget=forms.NumberInput(attrs={"class": "s-input"}),
    )  # fmt: skip
    fingerprint = forms.CharField(label="Failure group", required=False, max_length=16, widget=_text())
    pace = forms.IntegerField(
        label="Pace", min_value=1, max_value=replay_runs.FASTEST, widget=forms.NumberInput(attrs={"class": "s-input"}),
        help_text="Deliveries a second. What comes in meanwhile is served, too.",
    )  # fmt: skip
    also_done = forms.BooleanField(label="Run again what is done, too", required=False)

    def clean_ids(self) -> tuple[int, ...]:
        try:
            return replay_runs.read_ids(self.cleaned_data["ids"])
        except ValueError as error:
            raise forms.ValidationError(str(error)) from error

    def filters(self) -> Filters:
        return Filters(**{name: self.cleaned_data[name] for name in ("source", *replay_runs.LOOKUPS)})

    @property
    def is_narrow(self) -> bool:
        """Whether a field is used that the page folds away."""
        return any(self[name].value() for name in ("event", "direction", "conversation_id", "fingerprint"))


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label="Reason", max_length=400,
        # Kept as it is while the plan around it is counted anew.
        widget=_text(placeholder="Why they are worth another try", **{"hx-preserve": "true"}),
    )  # fmt: skip


def asked(said: Mapping[str, Any]) -> dict[str, Any]:
    """What an address or a form says, and what it leaves open where that is plain."""
    known = {name: said[name] for name in FiltersForm.base_fields if said.get(name)}
    return {"pace": replay_runs.PACE} | _source_of(known) | known


def _source_of(known: Mapping[str, Any]) -> dict[str, Any]:
    """The only one there is, or that of most of the selected."""
    sources = list(Source.objects.values_list("pk", flat=True)[:2])
    if len(sources) == 1:
        return {"source": sources[0]}
    try:
        ids = replay_runs.read_ids(str(known.get("ids", "")))
    except ValueError:
        return {}
    owners = Counter(Delivery.objects.filter(pk__in=ids).values_list("source", flat=True)).most_common(1)
    return {"source": owners[0][0]} if owners else {}


def query(chosen: Mapping[str, Any]) -> str:
    return urlencode({name: value for name, value in chosen.items() if value}, safe=",:")


def known_events() -> list[str]:
    return [*settings.IN_HANDLERS, *(event for event in settings.OUT_HANDLERS if event != replay_runs.REPLY)]
