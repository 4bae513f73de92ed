"""Filters and search of a list of deliveries. Each is served by an index at five million rows, except the event."""

from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import DropdownFilter, RangeDateFilter
from unfold.contrib.filters.admin.text_filters import TextFilter

from ..accounts import access
from ..database import clock
from ..deliveries import failure_groups, search
from ..deliveries.search import Range
from ..display import formats
from ..models import Conversation, Delivery, ReconcileRun

SHORTEST = 3  # characters of a text search: fewer occur in every body
TIMES = ("received_at_from", "received_at_to", "received_at__gte", "p")
WITHIN = {
    "1h": (gettext_lazy("the last hour"), timedelta(hours=1)),
    "1d": (gettext_lazy("the last 24 hours"), timedelta(days=1)),
    "7d": (gettext_lazy("the last 7 days"), timedelta(days=7)),
    "31d": (gettext_lazy("the last 31 days"), timedelta(days=31)),
}


class EventFilter(DropdownFilter):
    """The known events: reading them from the rows would scan the whole table."""

    title = gettext_lazy("event")
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
    title = gettext_lazy("conversation")
    parameter_name = "conversation_id"

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        number = (self.value() or "").strip().lstrip("#")
        if not number:
            return queryset
        if not number.isdecimal() or int(number) > search.BIGGEST:
            return queryset.none()
        return queryset.filter(source__in=search.sources(), conversation_id=int(number))


class FailureFilter(TextFilter):
    title = gettext_lazy("failure group")
    parameter_name = "error_fingerprint"

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        wanted = (self.value() or "").strip()
        return queryset.exclude(error_fingerprint="").filter(error_fingerprint=wanted) if wanted else queryset


class SearchFilter(TextFilter):
    """What a reconciliation run recorded."""

    title = gettext_lazy("reconciliation run")
    parameter_name = "search"

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        number = (self.value() or "").strip()
        if not number:
            return queryset
        valid = number.isdecimal() and int(number) <= search.BIGGEST
        run = ReconcileRun.objects.filter(pk=int(number)).first() if valid else None
        if run is None:
            return queryset.none()
        return queryset.filter(
            source=run.source_id, origin="reconciled", received_at__gte=run.began_at,
            received_at__lte=run.finished_at or clock.now(),
        )  # fmt: skip


class MutedFilter(DropdownFilter):
    """Whether the failure group is muted."""

    title = gettext_lazy("mute")
    parameter_name = "muted"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("no", _("not muted")), ("yes", _("muted only"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        if self.value() == "no":
            return queryset.exclude(error_fingerprint__in=failure_groups.muted())
        return (
            queryset.filter(error_fingerprint__in=failure_groups.muted())
            if self.value() == "yes"
            else queryset
        )


class WithinFilter(DropdownFilter):
    title = gettext_lazy("time")
    parameter_name = "within"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(key, _("in %(period)s") % {"period": label}) for key, (label, length) in WITHIN.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        length = WITHIN.get(self.value() or "", ("", None))[1]
        return between(queryset, since=clock.now() - length) if length else queryset


class DaysFilter(RangeDateFilter):
    """From one day to another, both included, in the site's time zone."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.title = _("day")

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
    """Names all sources, so that the index by source and time can serve the query."""
    if since:
        rows = rows.filter(source__in=search.sources(), received_at__gte=since)
    if until:
        rows = rows.filter(source__in=search.sources(), received_at__lt=until)
    return rows


def requested_range(request: HttpRequest, *, now: datetime) -> Range | None:
    """The time range of these filters, for a text search. None: it has no start."""
    params = request.GET
    first, last = _day(params.get("received_at_from")), _day(params.get("received_at_to"))
    since = [_start(first)] if first else []
    if params.get("within") in WITHIN:
        since.append(now - WITHIN[params["within"]][1])
    since += [at for at in (_moment(params.get("received_at__gte")),) if at]
    until = min(now, _start(last + timedelta(days=1))) if last else now
    return Range(max(since), until) if since else None


def ends_in_the_past(request: HttpRequest) -> bool:
    """Whether the last of the chosen days is over."""
    last = _day(request.GET.get("received_at_to"))
    return last is not None and last < timezone.localtime(clock.now()).date()


def _day(text: Any) -> date | None:
    """As the date picker writes it, or in ISO format."""
    try:
        return forms.DateField(required=False).clean(text)
    except forms.ValidationError:
        return None


def _start(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


def _moment(text: Any) -> datetime | None:
    try:
        at = parse_datetime(str(text or "").replace(" ", "+"))
    except ValueError:
        return None
    return at if at is None or timezone.is_aware(at) else timezone.make_aware(at)


# Search


def found(request: HttpRequest, term: str) -> list[int]:
    """IDs of deliveries. The theme asks several times in a request; the search runs once."""
    known = getattr(request, "found_deliveries", None)
    if known is None:
        known = _by_id(term) or _by_text(request, term)
        setattr(request, "found_deliveries", known)  # noqa: B010  (not a field of HttpRequest)
    return known


def _by_id(term: str) -> list[int]:
    number = term.lstrip("#")
    if number.isdecimal() and number.isascii():
        return search.by_number(int(number)) or search.by_key(term)
    return search.by_key(term)


def _by_text(request: HttpRequest, term: str) -> list[int]:
    """Within a time range, for people who may read customer text. Says so where the search cannot run."""
    user, within = access.person(request), requested_range(request, now=clock.now())
    if not (user.is_superuser or access.may(user, "drafts")):
        return _nothing(
            request, _("No matching ID. Customer text is hidden from you, so it is not searched.")
        )
    if within is None or within.too_wide:
        return _nothing(request, _choose_range(request))
    if len(term) < SHORTEST:
        return _nothing(
            request,
            _("No matching ID. To search for text, enter at least %(count)s characters.")
            % {"count": SHORTEST},
        )
    rows = Delivery.objects.all()
    if not user.is_superuser:
        mine = Conversation.objects.filter(access.in_inboxes_of(user, path="inbox"))
        rows = search.readable(rows, conversations=mine)
    answer = search.by_text(rows, term, within)
    if answer.cut:
        messages.info(
            request,
            _("More than %(count)s contain this text: the newest are shown.")
            % {"count": search.MOST_BY_TEXT},
        )
    if answer.reached:
        back = formats.moment(answer.reached, now=timezone.localtime())
        messages.info(
            request,
            _("The search ran out of time at %(at)s: choose a narrower range to see older ones.")
            % {"at": back},
        )
    return answer.ids


def _nothing(request: HttpRequest, text: str) -> list[int]:
    messages.info(request, text)
    return []


def _choose_range(request: HttpRequest) -> SafeString:
    query = request.GET.copy()
    for name in TIMES:
        query.pop(name, None)
    choices = []
    for key in ("1d", "7d", "31d"):
        query["within"] = key
        choices.append((query.urlencode(), WITHIN[key][0]))
    links = format_html_join(", ", '<a class="underline" href="?{}">{}</a>', choices)
    return format_html(
        _("No matching ID. To search for text, choose a time range: {}, or up to 31 days under Filters."),
        links,
    )
