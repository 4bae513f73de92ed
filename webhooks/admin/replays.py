"""Replays: choose and count first, then start with a reason. A run's page shows its progress and each delivery's result."""

from collections import Counter
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.conf import settings
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ..accounts import access
from ..database import clock
from ..deliveries import replay_plans, replay_runs, search
from ..deliveries.replay_plans import Filters
from ..deliveries.replay_runs import Progress
from ..display import replay_text
from ..display.formats import number
from ..models import Delivery, ReplayItem, ReplayRun, Source
from ..templatetags.support import ago, badge
from .base import RightsAdmin

SHOWN = 25  # results on a page
SAMPLE = 5
TONES = {"RUNNING": "PENDING", "CANCELLED": "HELD"}
# Result → its label, and the filter that finds it.
RESULTS: dict[str, tuple[str | Promise, dict[str, str]]] = {
    "": (gettext_lazy("All"), {}),
    "waiting": (gettext_lazy("Waiting"), {"state": "WAITING"}),
    "trying": (gettext_lazy("Retrying"), {"state": "REPLAYED", "delivery__status": "PENDING"}),
    "done": (gettext_lazy("Done"), {"state": "REPLAYED", "delivery__status": "DONE"}),
    "dead": (gettext_lazy("Failed again"), {"state": "REPLAYED", "delivery__status": "DEAD"}),
    "held": (gettext_lazy("Held"), {"state": "REPLAYED", "delivery__status": "HELD"}),
    "refused": (gettext_lazy("Refused"), {"state": "REFUSED"}),
}
STATUSES = [
    ("", gettext_lazy("Failed or held")),
    ("DEAD", gettext_lazy("Failed")),
    ("HELD", gettext_lazy("Held")),
    ("DONE", gettext_lazy("Done")),
    ("CANCELLED", gettext_lazy("Cancelled")),
]
DIRECTIONS = [
    ("", gettext_lazy("Incoming and outgoing")),
    ("IN", gettext_lazy("Incoming")),
    ("OUT", gettext_lazy("Outgoing")),
]


def _text(**attrs: Any) -> forms.TextInput:
    return forms.TextInput(attrs={"class": "s-input", "autocomplete": "off"} | attrs)


def _time() -> forms.DateTimeInput:
    return forms.DateTimeInput(attrs={"type": "datetime-local", "class": "s-input"}, format="%Y-%m-%dT%H:%M")


class FiltersForm(forms.Form):
    source = forms.ModelChoiceField(
        Source.objects.order_by("slug"),
        label=gettext_lazy("Source"),
        empty_label=gettext_lazy("Choose one"),
        widget=forms.Select(attrs={"class": "s-input"}),
        error_messages={"required": gettext_lazy("Choose a source: each run replays one source.")},
    )
    status = forms.ChoiceField(
        label=gettext_lazy("Status"),
        choices=STATUSES,
        required=False,
        widget=forms.Select(attrs={"class": "s-input"}),
    )
    ids = forms.CharField(label=gettext_lazy("Selected deliveries"), required=False, widget=_text())
    since = forms.DateTimeField(label=gettext_lazy("Received from"), required=False, widget=_time())
    until = forms.DateTimeField(label=gettext_lazy("Received until"), required=False, widget=_time())
    event = forms.CharField(
        label=gettext_lazy("Event"), required=False, max_length=100, widget=_text(list="known-events")
    )
    direction = forms.ChoiceField(
        label=gettext_lazy("Direction"),
        choices=DIRECTIONS,
        required=False,
        widget=forms.Select(attrs={"class": "s-input"}),
    )
    conversation_id = forms.IntegerField(
        label=gettext_lazy("Conversation"), required=False, min_value=1, max_value=search.BIGGEST,
        widget=forms.NumberInput(attrs={"class": "s-input"}),
    )  # fmt: skip
    fingerprint = forms.CharField(
        label=gettext_lazy("Failure group"), required=False, max_length=16, widget=_text()
    )
    pace = forms.IntegerField(
        label=gettext_lazy("Pace"),
        min_value=1,
        max_value=replay_runs.FASTEST,
        widget=forms.NumberInput(attrs={"class": "s-input"}),
        help_text=gettext_lazy("Deliveries per second. New events are processed alongside."),
    )
    also_done = forms.BooleanField(
        label=gettext_lazy("Also run deliveries again that are done"), required=False
    )

    def clean_ids(self) -> tuple[int, ...]:
        try:
            return replay_plans.read_ids(self.cleaned_data["ids"])
        except ValueError as error:
            raise forms.ValidationError(str(error)) from error

    def filters(self) -> Filters:
        return Filters(**{name: self.cleaned_data[name] for name in ("source", *replay_plans.LOOKUPS)})

    @property
    def is_narrow(self) -> bool:
        """Whether a field is set that the page folds away."""
        return any(self[name].value() for name in ("event", "direction", "conversation_id", "fingerprint"))


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("Reason"), max_length=400,
        # Preserved while the plan around it is counted again.
        widget=_text(placeholder=gettext_lazy("Why they should run again"), **{"hx-preserve": "true"}),
    )  # fmt: skip


def with_defaults(given: Mapping[str, Any]) -> dict[str, Any]:
    """The values from a query string or form, with defaults for those it leaves out."""
    known = {name: given[name] for name in FiltersForm.base_fields if given.get(name)}
    return {"pace": replay_plans.PACE} | _source_of(known) | known


def _source_of(known: Mapping[str, Any]) -> dict[str, Any]:
    """The only source, or the source of most selected deliveries."""
    sources = list(Source.objects.values_list("pk", flat=True)[:2])
    if len(sources) == 1:
        return {"source": sources[0]}
    try:
        ids = replay_plans.read_ids(str(known.get("ids", "")))
    except ValueError:
        return {}
    owners = Counter(Delivery.objects.filter(pk__in=ids).values_list("source", flat=True)).most_common(1)
    return {"source": owners[0][0]} if owners else {}


def query(chosen: Mapping[str, Any]) -> str:
    return urlencode({name: value for name, value in chosen.items() if value}, safe=",:")


def known_events() -> list[str]:
    return [*settings.IN_HANDLERS, *(event for event in settings.OUT_HANDLERS if event != replay_plans.REPLY)]


@admin.register(ReplayRun)
class ReplayAdmin(RightsAdmin):
    nothing = gettext_lazy(
        "No replays yet. Failures groups deliveries by their error, and Dead letters lists them: select rows "
        "there, or add a replay here and count first."
    )
    first = gettext_lazy("Replay deliveries")
    see = "deliveries"
    verbs = ("cancel",)
    list_display = ("started", "state", "reason", "source", "size", "person")
    list_display_links = ("reason",)
    list_filter = ("status", "source")
    list_select_related = ("source", "by")
    ordering = ("-pk",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return access.may(request.user, "deliveries")

    @admin.display(description=gettext_lazy("Started"), ordering="pk")
    def started(self, run: ReplayRun) -> SafeString:
        return ago(run.started_at)

    @admin.display(description=gettext_lazy("State"), ordering="status")
    def state(self, run: ReplayRun) -> SafeString:
        return badge(TONES.get(run.status, run.status), str(run.get_status_display()))

    @admin.display(description=gettext_lazy("Reopened"))
    def size(self, run: ReplayRun) -> str:
        reopened = run.items.filter(state="REPLAYED").count()
        return _("%(count)s of %(total)s") % {"count": number(reopened), "total": number(run.total)}

    @admin.display(description=gettext_lazy("By"))
    def person(self, run: ReplayRun) -> str:
        return str(run.by or _("a command"))

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict | None = None
    ) -> HttpResponse:
        self.require(request, "deliveries")
        form = FiltersForm(with_defaults(request.POST or request.GET))
        reason = ReasonForm(request.POST or None)
        if request.method != "POST":
            return self._form_page(request, form, reason)
        if not form.is_valid() or not reason.is_valid():
            return self._form_page(request, form, reason, status=400)
        try:
            run = replay_runs.start(
                form.filters(), by=access.person(request), reason=reason.cleaned_data["reason"],
                pace=form.cleaned_data["pace"], also_done=form.cleaned_data["also_done"], now=clock.now(),
            )  # fmt: skip
        except replay_runs.CannotStart as error:
            reason.add_error("reason", str(error))
            return self._form_page(request, form, reason, status=409)
        return self.back_to(
            request, "change", run.pk, said=_("Started: the workers reopen the deliveries at this pace.")
        )

    def _form_page(
        self, request: HttpRequest, form: FiltersForm, reason: ReasonForm, status: int = 200
    ) -> HttpResponse:
        facts: dict[str, Any] = {}
        if form.is_valid():
            chosen, also_done = form.filters(), form.cleaned_data["also_done"]
            plan = replay_plans.plan(chosen, pace=form.cleaned_data["pace"], also_done=also_done)
            sample = replay_plans.chosen(chosen, also_done=also_done).defer("body", "headers")
            facts = {
                "plan": plan, "sentence": replay_text.sentence(plan), "sample": sample[:SAMPLE], "chosen": chosen,
                "remedy": replay_text.remedy(plan, also_done=also_done), "other": replay_runs.under_way(chosen.source),
            }  # fmt: skip
            facts["in_the_way"] = facts["other"] and replay_runs.describe(facts["other"])
        elif not form["source"].value():
            form.errors.pop("source", None)  # the page was only opened: nothing to complain about yet
        hidden = [(name, form[name].value()) for name in form.fields if form[name].value()]
        return self.page(
            request, "webhooks/replay_new.html", title=_("Replay deliveries"), form=form, reason=reason, status=status,
            hidden=hidden, known_events=known_events(), list_url=self.url("changelist"), **facts,
        )  # fmt: skip

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict | None = None
    ) -> HttpResponse:
        run = self.find(request, object_id)
        answer = self._run_page(request, run)
        if request.GET.get("seen", run.status) != run.status:  # it finished while the page was polling
            answer["HX-Refresh"] = "true"
        return answer

    def _run_page(self, request: HttpRequest, run: ReplayRun) -> HttpResponse:
        done, result = replay_runs.progress(run), request.GET.get("result", "")
        running = run.status == ReplayRun.Status.RUNNING
        if result not in RESULTS:
            result = ""
        rows, next_after = _results(run, result, after=request.GET.get("after", ""))
        return self.page(
            request,
            "webhooks/replay.html",
            title=_("Replay %(number)s") % {"number": run.pk},
            original=run,
            run=run,
            done=done,
            rows=rows,
            handled=replay_text.handled(done),
            became=replay_text.became(done),
            next_after=next_after,
            result=result,
            rest=replay_text.about(done.waiting / run.pace),
            results=_tabs(done, running=running),
            waits_text=replay_text.WAITS_FOR_WORKERS,
            waits=replay_runs.waits_for_workers(run, now=clock.now()),
            filters=replay_text.filters(run.filters),
            running=running,
            state=self.state(run),
            after=request.GET.get("after", ""),
            cancel_url=self.url("cancel", run.pk),
        )

    def cancel(self, request: HttpRequest, object_id: int) -> HttpResponse:
        self.require(request, "deliveries")
        run = self.find(request, object_id)
        try:
            replay_runs.cancel(run, by=access.person(request), now=clock.now())
        except replay_runs.CannotCancel as error:
            return self.back_to(request, "change", run.pk, trouble=str(error))
        return self.back_to(
            request, "change", run.pk, said=_("Cancelled: deliveries that were not reopened stay unchanged.")
        )


def _results(run: ReplayRun, result: str, *, after: str) -> tuple[list[ReplayItem], int | None]:
    """One page of results in processing order, and the id after which the next page begins."""
    rows: QuerySet[ReplayItem] = run.items.filter(**RESULTS[result][1]).order_by("pk")
    if after.isascii() and after.isdecimal() and len(after) <= 18:
        rows = rows.filter(pk__gt=int(after))
    found = list(rows.select_related("delivery").defer("delivery__body", "delivery__headers")[: SHOWN + 1])
    return found[:SHOWN], found[SHOWN - 1].pk if len(found) > SHOWN else None


def _tabs(done: Progress, *, running: bool) -> list[tuple[str, str | Promise, int]]:
    """Key, label and count; results with no deliveries are left out."""
    counts = {
        "": done.waiting + done.handled, "waiting": done.waiting, "trying": done.trying, "refused": done.refused,
        "done": done.became.get("DONE", 0), "dead": done.became.get("DEAD", 0), "held": done.became.get("HELD", 0),
    }  # fmt: skip
    names = {key: name for key, (name, _where) in RESULTS.items()} | (
        {} if running else {"waiting": _("Unchanged")}
    )
    return [(key, name, counts[key]) for key, name in names.items() if counts[key] or not key]
