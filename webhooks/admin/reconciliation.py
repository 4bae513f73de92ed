"""Reconciliation runs: start one, follow its progress, and see which events were missed and which could not be read."""

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ..accounts import access
from ..database import clock
from ..display import reconcile_text
from ..models import ReconcileRun, Source
from ..reconcile import runs
from ..reconcile.runs import Cause
from ..templatetags.support import ago, badge
from .base import RightsAdmin

TONES = {"RUNNING": "PENDING", "FAILED": "DEAD"}


class SearchForm(forms.Form):
    source = forms.ModelChoiceField(
        Source.objects.order_by("slug"),
        label=gettext_lazy("Source"),
        empty_label=None,
        widget=forms.Select(attrs={"class": "s-input"}),
    )
    since = forms.DateTimeField(
        label=gettext_lazy("Since"),
        required=False,
        help_text=gettext_lazy("Empty: since ten minutes before the last complete run."),
        widget=forms.DateTimeInput(
            attrs={"type": "datetime-local", "class": "s-input"}, format="%Y-%m-%dT%H:%M"
        ),
    )

    def clean_since(self) -> datetime | None:
        at: datetime | None = self.cleaned_data["since"]
        if at and at >= clock.now():
            raise forms.ValidationError(_("This time is in the future: choose when the problem began."))
        return at


@admin.register(ReconcileRun)
class ReconcileRunAdmin(RightsAdmin):
    nothing = gettext_lazy(
        "No reconciliation runs yet. Once a source is connected with an administrator's token, the workers check for "
        "missed events every 15 minutes and after each start. “Check for missed events” on its page starts a run now."
    )
    first = gettext_lazy("Check for missed events")
    see = "switches"
    list_display = ("started", "state", "result", "source", "reason")
    list_display_links = ("result",)
    list_filter = ("status", "source")
    list_select_related = ("source", "by")
    ordering = ("-pk",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return access.may(request.user, "deliveries")

    @admin.display(description=gettext_lazy("Started"), ordering="pk")
    def started(self, run: ReconcileRun) -> SafeString:
        return ago(run.began_at)

    @admin.display(description=gettext_lazy("State"), ordering="status")
    def state(self, run: ReconcileRun) -> SafeString:
        return badge(TONES.get(run.status, run.status), str(run.get_status_display()))

    @admin.display(description=gettext_lazy("Result"))
    def result(self, run: ReconcileRun) -> str:
        return reconcile_text.status_text(
            run, waiting=run.items.filter(state="WAITING").count(), skipped=len(runs.skipped(run))
        )

    @admin.display(description=gettext_lazy("Why"))
    def reason(self, run: ReconcileRun) -> str:
        return reconcile_text.why(run)

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict | None = None
    ) -> HttpResponse:
        self.require(request, "deliveries")
        form = SearchForm(request.POST or None, initial={"source": request.GET.get("source")})
        if request.method == "POST" and form.is_valid():
            try:
                run = runs.start(
                    form.cleaned_data["source"], cause=Cause.PERSON, by=access.person(request),
                    since=form.cleaned_data["since"], now=clock.now(),
                )  # fmt: skip
            except runs.CannotStart as error:
                if error.run:
                    return self.back_to(request, "change", error.run.pk, trouble=str(error))
                form.add_error("source", str(error))
            else:
                return self.back_to(
                    request, "change", run.pk, said=_("Started: the workers are reading from Chatwoot.")
                )
        return self.page(
            request, "webhooks/search_new.html", title=_("Check for missed events"), form=form,
            status=400 if form.is_bound else 200, not_recovered=reconcile_text.NOT_RECOVERED,
            connected=Source.objects.exists(),
        )  # fmt: skip

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict | None = None
    ) -> HttpResponse:
        run = self.find(request, object_id)
        answer = self._run_page(request, run)
        if request.GET.get("seen", run.status) != run.status:  # it finished while the page was polling
            answer["HX-Refresh"] = "true"
        return answer

    def _run_page(self, request: HttpRequest, run: ReconcileRun) -> HttpResponse:
        skipped, waiting = runs.skipped(run), run.items.filter(state="WAITING").count()
        rows: dict[str, Any] = {}
        if access.may(request.user, "deliveries"):
            log = reverse("admin:webhooks_incoming_changelist")
            rows = {
                "rows_url": f"{log}?search={run.pk}",
                "again_url": f"{self.url('add')}?source={run.source_id}",
            }
        return self.page(
            request,
            "webhooks/search.html",
            title=_("Reconciliation run %(number)s") % {"number": run.pk},
            original=run,
            run=run,
            waiting=waiting,
            status_text=reconcile_text.status_text(run, waiting=waiting, skipped=len(skipped)),
            skipped=skipped,
            why=reconcile_text.why(run),
            running=run.status == ReconcileRun.Status.RUNNING,
            state=self.state(run),
            not_recovered=reconcile_text.NOT_RECOVERED,
            waits=runs.waits_for_workers(run, now=clock.now()),
            **rows,
        )
