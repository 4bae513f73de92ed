"""What a list of deliveries can be narrowed by. Each is served by an index at five million rows, but the event."""

from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from unfold.contrib.filters.admin import DropdownFilter, RangeDateFilter
from unfold.contrib.filters.admin.text_filters import TextFilter

from ..deliveries import failure_groups, search
from ..deliveries.search import Range
from ..models import ReconcileRun

WITHIN = {
    "1h": ("the last hour", timedelta(hours=1)),
    "1d": ("the last 24 hours", timedelta(days=1)),
    "7d": ("the last 7 days", timedelta(days=7)),
    "31d": ("the last 31 days", timedelta(days=31)),
}


class EventFilter(DropdownFilter):
    """The known events: reading them from the rows would walk the whole table."""

    title = "event"
    parameter_name = "event"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        known = {
            "IN": [*settings.IN_HANDLERS, "contact_created"],
            "OUT": list(settings.OUT_HANDLERS),
        }
        names = known.get(model_admin.direction) or [*known["IN"], *known["OUT"]]
        return [(name, name) for name in names]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        return queryset.filter(event=self.value()) if self.value() else queryset


class ConversationFilter(TextFilter):
    title = "conversation"
    parameter_name = "conversation_id"

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        said = (self.value() or "").strip().lstrip("#")
        if not said:
            return queryset
        if not said.isdecimal() or int(said) > search.BIGGEST:
            return queryset.none()
        return queryset.filter(source__in=search.sources(), conversation_id=int(said))


class FailureFilter(TextFilter):
    title = "failure group"
    parameter_name = "error_fingerprint"

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        said = (self.value() or "").strip()
        return queryset.exclude(error_fingerprint="").filter(error_fingerprint=said) if said else queryset


class SearchFilter(TextFilter):
    """What a search for missed events recorded."""

    title = "found by search"
    parameter_name = "search"

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        said = (self.value() or "").strip()
        if not said:
            return queryset
        known = said.isdecimal() and int(said) <= search.BIGGEST
        run = ReconcileRun.objects.filter(pk=int(said)).first() if known else None
        if run is None:
            return queryset.none()
        return queryset.filter(
            source=run.source_id, origin="reconciled", received_at__gte=run.began_at,
            received_at__lte=run.finished_at or timezone.now(),
        )  # fmt: skip


class MutedFilter(DropdownFilter):
    """Whether people muted the group it fails with."""

    title = "mute"
    parameter_name = "muted"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("no", "not muted"), ("yes", "muted alone")]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        if self.value() == "no":
            return queryset.exclude(error_fingerprint__in=failure_groups.muted())
        return (
            queryset.filter(error_fingerprint__in=failure_groups.muted())
            if self.value() == "yes"
            else queryset
        )


class WithinFilter(DropdownFilter):
    title = "time"
    parameter_name = "within"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(key, f"in {words}") for key, (words, _) in WITHIN.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        _, length = WITHIN.get(self.value() or "", ("", None))
        return between(queryset, since=timezone.now() - length) if length else queryset


class DaysFilter(RangeDateFilter):
    """From a day to a day, both whole, in the site's zone."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.title = "day"

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        first, last = (
            _day(self.used_parameters.get(f"{self.parameter_name}_{end}")) for end in ("from", "to")
        )
        return between(
            queryset,
            since=_start(first) if first else None,
            until=_start(last + timedelta(days=1)) if last else None,
        )


def between(rows: QuerySet, *, since: datetime | None = None, until: datetime | None = None) -> QuerySet:
    """With its sources named, so that the index by source and time may serve it."""
    if since:
        rows = rows.filter(source__in=search.sources(), received_at__gte=since)
    if until:
        rows = rows.filter(source__in=search.sources(), received_at__lt=until)
    return rows


def asked_range(request: HttpRequest, *, now: datetime) -> Range | None:
    """The time range these filters say, for a search of texts. None: its beginning is open."""
    asked = request.GET
    first, last = _day(asked.get("received_at_from")), _day(asked.get("received_at_to"))
    since = [_start(first)] if first else []
    if asked.get("within") in WITHIN:
        since.append(now - WITHIN[asked["within"]][1])
    since += [at for at in (_moment(asked.get("received_at__gte")),) if at]
    until = min(now, _start(last + timedelta(days=1))) if last else now
    return Range(max(since), until) if since else None


def _day(said: Any) -> date | None:
    """As the calendar beside the field writes it, or as ISO does."""
    try:
        return forms.DateField(required=False).clean(said)
    except forms.ValidationError:
        return None


def _start(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


def _moment(said: Any) -> datetime | None:
    try:
        at = parse_datetime(str(said or "").replace(" ", "+"))
    except ValueError:
        return None
    return at if at is None or timezone.is_aware(at) else timezone.make_aware(at)
