"""From a list of deliveries to the page that counts them before they are replayed."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone

from .delivery_filters import asked_range
from .replay_form import query

MOST = 300  # named one by one: an address has no room for more
# The list's filters → the replay's.
SAME = {
    "status__exact": "status", "event": "event", "source__id__exact": "source", "conversation_id": "conversation_id",
    "error_fingerprint": "fingerprint",
}  # fmt: skip
TIMES = {"within", "received_at_from", "received_at_to", "received_at__gte"}
ORDER = {"p", "o", "all"}


@admin.action(description="Replay selected…")
def replay_selected(model_admin: Any, request: HttpRequest, rows: QuerySet) -> HttpResponse | None:
    ids = list(rows.order_by("pk").values_list("pk", flat=True)[: MOST + 1])
    if len(ids) <= MOST:
        return _ask({"ids": ",".join(map(str, ids))})
    narrowed = _narrowed_by(request)
    if narrowed is None:
        messages.error(
            request, f"At most {MOST} can be chosen out of this list: narrow it, or choose by filter."
        )
        return None
    messages.info(request, f"More than {MOST}: what this list was narrowed by is filled in below.")
    return _ask({"direction": model_admin.direction} | narrowed)


def _narrowed_by(request: HttpRequest) -> dict[str, str] | None:
    """None where the list is narrowed by what a replay cannot say: it must never take more than was selected."""
    used = {name for name, value in request.GET.items() if value}
    now = timezone.now()
    within = asked_range(request, now=now)
    if used - SAME.keys() - TIMES - ORDER or (used & TIMES and within is None):
        return None
    known = {theirs: request.GET.get(ours, "") for ours, theirs in SAME.items()}
    if within:
        known["since"] = _moment(within.since)
        known["until"] = _moment(within.until) if within.until < now else ""
    return known


def _moment(at: Any) -> str:
    return f"{timezone.localtime(at):%Y-%m-%dT%H:%M}"


def _ask(chosen: dict[str, str]) -> HttpResponse:
    return HttpResponseRedirect(f"{reverse('admin:webhooks_replayrun_add')}?{query(chosen)}")
