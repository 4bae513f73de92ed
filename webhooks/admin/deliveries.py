"""Incoming and outgoing deliveries with every attempt. People view and replay them; nothing is edited here."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RelatedDropdownFilter

from .. import deliveries
from ..accounts import access
from ..database import clock, row_estimates
from ..display import delivery_text, recorded
from ..models import Delivery, Incoming, Outgoing
from ..templatetags.support import ago, badge
from . import delivery_page
from .base import RightsAdmin
from .delivery_filters import (
    ConversationFilter,
    DaysFilter,
    EventFilter,
    FailureFilter,
    MutedFilter,
    SearchFilter,
    WithinFilter,
    ends_in_the_past,
    found,
    requested_range,
)
from .replays import query

MOST_SELECTED = 300  # listed one by one: a URL has no room for more
# The list's filters → the replay's filters.
SAME = {
    "status__exact": "status", "event": "event", "source__id__exact": "source", "conversation_id": "conversation_id",
    "error_fingerprint": "fingerprint",
}  # fmt: skip
TIMES = {"within", "received_at_from", "received_at_to", "received_at__gte"}
ORDER = {"p", "o", "all"}


@admin.action(description=gettext_lazy("Replay selected…"))
def replay_selected(model_admin: Any, request: HttpRequest, rows: QuerySet) -> HttpResponse | None:
    ids = list(rows.order_by("pk").values_list("pk", flat=True)[: MOST_SELECTED + 1])
    if len(ids) <= MOST_SELECTED:
        return _to_replay_form({"ids": ",".join(map(str, ids))})
    narrowed = _narrowed_by(request)
    if narrowed is None:
        messages.error(
            request,
            _("You can select at most %(count)s deliveries here: narrow the list, or use filters.")
            % {"count": MOST_SELECTED},
        )
        return None
    messages.info(
        request,
        _("More than %(count)s selected: the filters of the list are filled in below.")
        % {"count": MOST_SELECTED},
    )
    return _to_replay_form({"direction": model_admin.direction} | narrowed)


def _narrowed_by(request: HttpRequest) -> dict[str, str] | None:
    """None where a filter of the list has no counterpart: a replay must never take more than was selected."""
    used = {name for name, value in request.GET.items() if value}
    now = clock.now()
    within = requested_range(request, now=now)
    if used - SAME.keys() - TIMES - ORDER or (used & TIMES and within is None):
        return None
    known = {theirs: request.GET.get(ours, "") for ours, theirs in SAME.items()}
    if within:
        known["since"] = _moment(within.since)
        known["until"] = _moment(within.until) if within.until < now else ""
    return known


def _moment(at: Any) -> str:
    return f"{timezone.localtime(at):%Y-%m-%dT%H:%M}"


def _to_replay_form(chosen: dict[str, str]) -> HttpResponse:
    return HttpResponseRedirect(f"{reverse('admin:webhooks_replayrun_add')}?{query(chosen)}")


DEAD_LETTERS = {"status__exact": "DEAD", "muted": "no"}  # as the tab opens the list


@admin.register(Delivery)
class DeliveryAdmin(RightsAdmin):
    nothing = gettext_lazy(
        "No webhooks received yet. Connect a Chatwoot under Sources, then press “Send a test event” on its "
        "page."
    )
    see = "deliveries"
    verbs = ("replay",)
    actions = (replay_selected,)
    direction = ""
    list_display = (
        "state",
        "event",
        "conversation_number",
        "tries",
        "last_problem",
        "received",
        "next_attempt",
    )
    list_filter = (
        ("status", ChoicesDropdownFilter),
        EventFilter,
        ("source", RelatedDropdownFilter),
        WithinFilter,
        ("received_at", DaysFilter),
        ConversationFilter,
        FailureFilter,
        SearchFilter,
        MutedFilter,
    )
    lookups = ("attempts__gt", "received_at__gte", "running_since__isnull")
    list_filter_sheet = True
    list_select_related = ("source",)
    list_before_template = "webhooks/delivery_states.html"  # type: ignore[assignment]
    search_fields = ("id",)  # only switches the search box on; delivery_filters.found() does the searching
    search_help_text = gettext_lazy("ID, conversation, message or text")
    sortable_by = ("received",)
    show_facets = admin.ShowFacets.NEVER  # each choice would count the whole table

    def get_queryset(self, request: HttpRequest) -> QuerySet[Delivery]:
        return super().get_queryset(request).defer("body", "headers")

    def get_ordering(self, request: HttpRequest) -> tuple[str, ...]:
        """In the order of the index that serves the filters: for one source or past days, that is the index by time. Days until
        today begin with the newest rows, which have the highest ids: by time, all rows of these days would be sorted first.
        """
        by_time = request.GET.get("source__id__exact") or ends_in_the_past(request)
        return ("-received_at", "-id") if by_time else ("-id",)

    @admin.display(description=gettext_lazy("Status"))
    def state(self, row: Delivery) -> SafeString:
        if row.status == "HELD":
            return badge(row.status, _("Held: %(cause)s") % {"cause": delivery_text.HELD_FOR[row.held_for]})
        return badge(row.status, _("Retrying") if row.status == "PENDING" and row.budget_used else "")

    @admin.display(description=gettext_lazy("Conversation"))
    def conversation_number(self, row: Delivery) -> str | None:
        return f"#{row.conversation_id}" if row.conversation_id else None

    @admin.display(description=gettext_lazy("Attempts"))
    def tries(self, row: Delivery) -> int:
        return row.attempts

    @admin.display(description=gettext_lazy("Last error"))
    def last_problem(self, row: Delivery) -> str | None:
        text = recorded.shown(row.last_error)
        return text[:90] + ("…" if len(text) > 90 else "") or None

    @admin.display(description=gettext_lazy("Received"), ordering="id")
    def received(self, row: Delivery) -> SafeString:
        return ago(row.received_at)

    @admin.display(description=gettext_lazy("Next attempt"))
    def next_attempt(self, row: Delivery) -> SafeString | str:
        return _("running") if row.running_since else ago(row.next_attempt_at)

    def changelist_view(self, request: HttpRequest, extra_context: dict | None = None) -> Any:
        answer = super().changelist_view(request, extra_context)
        shown = getattr(answer, "context_data", None)
        if shown and "cl" in shown:
            shown["states"] = _states(request, shown["cl"])
            shown["cl"].full_result_count = shown[
                "cl"
            ].result_count  # the count is already shown below the list
            if request.GET.dict() == DEAD_LETTERS:
                shown["cl"].good_news = _("No dead letters: nothing has failed for good.")
        return answer

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet, search_term: str
    ) -> tuple[QuerySet, bool]:
        term = search_term.strip().replace("\0", "")
        return (queryset.filter(pk__in=found(request, term)) if term else queryset), False

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict | None = None
    ) -> HttpResponse:
        return delivery_page.show(self, request, self.find(request, object_id), delivery_page.ReplayForm())

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.raw)
        return [path("<int:object_id>/raw/", view, name=self.url_name("raw")), *super().get_urls()]

    def raw(self, request: HttpRequest, object_id: int) -> HttpResponse:
        return delivery_page.raw(request, self.find(request, object_id))

    def replay(self, request: HttpRequest, object_id: int) -> HttpResponse:
        row = self.find(request, object_id)
        form = delivery_page.ReplayForm(request.POST)
        if not form.is_valid():
            return delivery_page.show(self, request, row, form, status=400)
        try:
            deliveries.replay(
                row,
                by=access.person(request),
                reason=form.cleaned_data["reason"],
                now=clock.now(),
                also_done="also_done" in request.POST,
            )
        except deliveries.CannotReplay as error:
            form.add_error("reason", str(error))
            return delivery_page.show(self, request, row, form, status=409)
        return self.back_to(
            request,
            "change",
            row.pk,
            said=_("Replayed: it is tried again now, with a fresh budget of attempts."),
        )


def _states(request: HttpRequest, cl: Any) -> list[dict[str, Any]]:
    """A link for each state, with how many rows the other filters leave; without a number where counting is expensive."""
    spec = next(spec for spec in cl.filter_specs if getattr(spec, "field_path", "") == "status")
    rows = cl.get_queryset(request, exclude_parameters=spec.expected_parameters())
    chosen = request.GET.get("status__exact", "")
    return [
        {
            "label": str(Delivery.Status(state).label) if state else _("All"),
            "chosen": state == chosen,
            "count": _count(rows.filter(status=state)) if state else None,
            "url": cl.get_query_string({"status__exact": state or None}),
        }
        for state in ("", *Delivery.Status.values)
    ]


def _count(rows: QuerySet[Delivery]) -> row_estimates.Count | None:
    return None if row_estimates.is_expensive(rows) else row_estimates.capped(rows)


@admin.register(Incoming)
class IncomingAdmin(DeliveryAdmin):
    direction = "IN"

    def changelist_view(self, request: HttpRequest, extra_context: dict | None = None) -> Any:
        return super().changelist_view(request, {"title": _("Chatwoot webhook log")} | (extra_context or {}))


@admin.register(Outgoing)
class OutgoingAdmin(DeliveryAdmin):
    nothing = gettext_lazy("Nothing sent yet. Draft requests, replies and notifications appear here.")
    direction = "OUT"
