"""Replays: choose and count first, then start with a reason; a run's page tells its progress and each row's result."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.safestring import SafeString

from ..accounts import access
from ..database import clock
from ..deliveries import replay_runs
from ..deliveries.replay_runs import Progress
from ..display import replay_text
from ..models import ReplayItem, ReplayRun
from ..templatetags.support import ago, badge
from . import replay_form
from .base import RightsAdmin
from .replay_form import FiltersForm, ReasonForm

SHOWN = 25  # results on a page
SAMPLE = 5
TONES = {"RUNNING": "PENDING", "CANCELLED": "HELD"}
# The results people look for → their name, and which they are.
RESULTS: dict[str, tuple[str, dict[str, str]]] = {
    "": ("All", {}),
    "waiting": ("Waiting", {"state": "WAITING"}),
    "trying": ("Being tried", {"state": "REPLAYED", "delivery__status": "PENDING"}),
    "done": ("Done", {"state": "REPLAYED", "delivery__status": "DONE"}),
    "dead": ("Given up again", {"state": "REPLAYED", "delivery__status": "DEAD"}),
    "held": ("Held", {"state": "REPLAYED", "delivery__status": "HELD"}),
    "refused": ("Refused", {"state": "REFUSED"}),
}


@admin.register(ReplayRun)
class ReplayAdmin(RightsAdmin):
    nothing = (
        "Nothing was replayed in numbers yet. Start where it failed: Failures groups deliveries by their "
        "error, and Dead letters lists them; select rows there, or add a replay here and count first."
    )
    see = "deliveries"
    verbs = ("cancel",)
    list_display = ("started", "state", "reason", "source", "size", "person")
    list_display_links = ("reason",)
    list_filter = ("status", "source")
    list_select_related = ("source", "by")
    ordering = ("-pk",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return access.may(request.user, "deliveries")

    @admin.display(description="Started", ordering="pk")
    def started(self, run: ReplayRun) -> SafeString:
        return ago(run.started_at)

    @admin.display(description="State", ordering="status")
    def state(self, run: ReplayRun) -> SafeString:
        return badge(TONES.get(run.status, run.status), run.get_status_display().capitalize())

    @admin.display(description="Re-opened")
    def size(self, run: ReplayRun) -> str:
        return f"{run.items.filter(state='REPLAYED').count():,} of {run.total:,}"

    @admin.display(description="By")
    def person(self, run: ReplayRun) -> str:
        return str(run.by or "a command")

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict | None = None
    ) -> HttpResponse:
        self.require(request, "deliveries")
        form = FiltersForm(replay_form.asked(request.POST or request.GET))
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
        return self.back_to(request, "change", run.pk, said="Started: the workers re-open them at this pace.")

    def _form_page(
        self, request: HttpRequest, form: FiltersForm, reason: ReasonForm, status: int = 200
    ) -> HttpResponse:
        facts: dict[str, Any] = {}
        if form.is_valid():
            chosen, also_done = form.filters(), form.cleaned_data["also_done"]
            plan = replay_runs.plan(chosen, pace=form.cleaned_data["pace"], also_done=also_done)
            sample = replay_runs.chosen(chosen, also_done=also_done).defer("body", "headers")
            facts = {
                "plan": plan, "sentence": replay_text.sentence(plan), "sample": sample[:SAMPLE], "chosen": chosen,
                "remedy": replay_text.remedy(plan, also_done=also_done), "other": replay_runs.under_way(chosen.source),
            }  # fmt: skip
            facts["in_the_way"] = facts["other"] and replay_runs.describe(facts["other"])
        elif not form["source"].value():
            form.errors.pop("source", None)  # nobody has done anything wrong yet
        hidden = [(name, form[name].value()) for name in form.fields if form[name].value()]
        return self.page(
            request, "webhooks/replay_new.html", title="Replay deliveries", form=form, reason=reason, status=status,
            hidden=hidden, known_events=replay_form.known_events(), list_url=self.url("changelist"), **facts,
        )  # fmt: skip

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict | None = None
    ) -> HttpResponse:
        run = self.find(request, object_id)
        answer = self._run_page(request, run)
        if request.GET.get("seen", run.status) != run.status:  # it ended while the page looked on
            answer["HX-Refresh"] = "true"
        return answer

    def _run_page(self, request: HttpRequest, run: ReplayRun) -> HttpResponse:
        done, result = replay_runs.progress(run), request.GET.get("result", "")
        if result not in RESULTS:
            result = ""
        rows, next_after = _results(run, result, after=request.GET.get("after", ""))
        return self.page(
            request, "webhooks/replay.html", title=f"Replay {run.pk}", original=run, run=run, done=done, rows=rows,
            handled=replay_text.handled(done), became=replay_text.became(done), next_after=next_after, result=result,
            rest=replay_text.about(done.waiting / run.pace), results=_tabs(done), waits_text=replay_text.WAITS_FOR_WORKERS,
            waits=replay_runs.waits_for_workers(run, now=clock.now()), filters=replay_text.filters(run.filters),
            running=run.status == ReplayRun.Status.RUNNING, state=self.state(run), after=request.GET.get("after", ""),
            cancel_url=self.url("cancel", run.pk),
        )  # fmt: skip

    def cancel(self, request: HttpRequest, object_id: int) -> HttpResponse:
        self.require(request, "deliveries")
        run = self.find(request, object_id)
        try:
            replay_runs.cancel(run, by=access.person(request), now=clock.now())
        except replay_runs.CannotCancel as error:
            return self.back_to(request, "change", run.pk, trouble=str(error))
        return self.back_to(
            request, "change", run.pk, said="Cancelled: what was not re-opened yet stays as it was."
        )


def _results(run: ReplayRun, result: str, *, after: str) -> tuple[list[ReplayItem], int | None]:
    """A page of them in the order of their turn, and after which the next one begins."""
    rows: QuerySet[ReplayItem] = run.items.filter(**RESULTS[result][1]).order_by("pk")
    if after.isascii() and after.isdecimal() and len(after) <= 18:
        rows = rows.filter(pk__gt=int(after))
    found = list(rows.select_related("delivery").defer("delivery__body", "delivery__headers")[: SHOWN + 1])
    return found[:SHOWN], found[SHOWN - 1].pk if len(found) > SHOWN else None


def _tabs(done: Progress) -> list[tuple[str, str, int]]:
    """Key, name and count; a result that none has is not offered."""
    counts = {
        "": done.waiting + done.handled, "waiting": done.waiting, "trying": done.trying, "refused": done.refused,
        "done": done.became.get("DONE", 0), "dead": done.became.get("DEAD", 0), "held": done.became.get("HELD", 0),
    }  # fmt: skip
    return [(key, name, counts[key]) for key, (name, _) in RESULTS.items() if counts[key] or not key]
