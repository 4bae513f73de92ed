"""/api/v1/ for the clocks of a conversation, and for the SLA report with the rows behind each figure."""

from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import generics, serializers
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.views import APIView

from webhooks.accounts import access
from webhooks.api.conventions import param_text
from webhooks.api.described import Described, rows_of
from webhooks.database import clock
from webhooks.models import Conversation, Source
from webhooks.reconcile.runs import Gap

from .. import sla
from ..attainment import attainment, outcomes
from ..attainment.groupings import GROUPINGS
from ..clocks import clocks
from ..models import Clock
from ..periods import Period
from ..policies import versions

MOST_DAYS = 3660
REPORT_FILTERS = (
    OpenApiParameter(
        "from", OpenApiTypes.DATE, required=True, description="The first day, in the report's time zone"
    ),
    OpenApiParameter("to", OpenApiTypes.DATE, required=True, description="The last day, inclusive"),
    OpenApiParameter("by", enum=list(GROUPINGS)),
)


class SegmentSerializer(serializers.Serializer):
    to = serializers.DateTimeField(source="end")
    kind = serializers.ChoiceField(choices=["counted", "closed", "paused", "bot"])

    def get_fields(self) -> dict[str, Any]:
        return {"from": serializers.DateTimeField(source="start"), **super().get_fields()}


class ConversationClockSerializer(serializers.Serializer):
    """A clock as of now with its segments, calculated from the facts instead of read from the row."""

    metric = serializers.ChoiceField(choices=sla.METRICS)
    case = serializers.IntegerField()
    state = serializers.ChoiceField(choices=list(sla.State))
    started_at = serializers.DateTimeField()
    due_at = serializers.DateTimeField(allow_null=True)
    at_risk_at = serializers.DateTimeField(allow_null=True)
    stopped_at = serializers.DateTimeField(allow_null=True)
    business_seconds = serializers.FloatField()
    wall_seconds = serializers.FloatField()
    policy = serializers.IntegerField(allow_null=True)
    policy_version = serializers.IntegerField(allow_null=True)
    calendar_version = serializers.IntegerField(allow_null=True)
    attributed_to = serializers.CharField(allow_null=True)
    team = serializers.CharField(allow_null=True)
    closed_unanswered = serializers.BooleanField()
    missed_by_change = serializers.BooleanField()
    reopened_at = serializers.DateTimeField(allow_null=True)
    segments = SegmentSerializer(many=True)


class ClockRowSerializer(serializers.ModelSerializer):
    source = serializers.CharField(source="conversation.source.slug", read_only=True)  # type: ignore[assignment]
    conversation_id = serializers.IntegerField(source="conversation.display_id", read_only=True)

    class Meta:
        model = Clock
        fields = [
            "id", "source", "conversation_id", "metric", "case", "state", "started_at", "due_at", "stopped_at", "decided_at",
            "business_seconds", "wall_seconds", "policy", "policy_version", "attributed_to", "team", "closed_unanswered",
            "reopened_at", "priority", "labels",
        ]  # fmt: skip


class ConversationClocksView(Described, APIView):
    permission_classes = [access.has_right("drafts")]
    params = {
        "get": (
            OpenApiParameter(
                "source", description="The slug of a source. Needed if several sources have the conversation"
            ),
        )
    }

    @extend_schema(responses=rows_of(ConversationClockSerializer))
    def get(self, request: Request, display_id: int) -> Response:
        """The clocks of a conversation as of now, oldest first. The segments say how each second counts."""
        conversation = _conversation(request, display_id)
        found, _, _ = clocks.calculated(conversation, versions.all_versions(), now=clock.now())
        return Response({"next": None, "results": ConversationClockSerializer(found, many=True).data})


def _conversation(request: Request, display_id: int) -> Conversation:
    found = Conversation.objects.filter(
        access.in_inboxes_of(access.person(request), path="inbox"), display_id=display_id
    )
    if slug := request.query_params.get("source"):
        found = found.filter(source__slug=param_text("source", slug))
    rows = list(found.select_related("inbox")[:2]) if display_id < 2**63 else []
    if not rows:
        raise NotFound(f"There is no conversation {display_id}.")
    if len(rows) > 1:
        raise ValidationError({"source": "Several sources have this conversation. Choose one."})
    return rows[0]


class SLAReportView(Described, APIView):
    permission_classes = [access.has_right("reports")]
    params = {"get": REPORT_FILTERS}

    @extend_schema(responses=OpenApiResponse(OpenApiTypes.OBJECT))
    def get(self, request: Request) -> Response:
        """SLA attainment, in total and by group. The `rows` of a figure lead to the clocks it counts."""
        now, period, by = clock.now(), _period(request), _by(request)
        found = attainment.attainment(
            period, by=by, now=now, within=attainment.seen_by(access.person(request))
        )
        groups = [
            {
                "by": by,
                "key": key,
                "name": name,
                "metrics": _metrics(request, period, tallies, by=by, key=key),
            }
            for (key, name), tallies in found.groups.items()
        ]
        return Response(
            {
                "zone": str(period.zone), "from": period.first, "to": period.last,
                "complete_until": attainment.complete_until(now=now), "gaps": [_gap(*one) for one in attainment.gaps(period)],
                "metrics": _metrics(request, period, found.total, by=None, key=None), "groups": groups,
            }
        )  # fmt: skip


class SLARowsView(Described, generics.ListAPIView):
    """The clocks behind a figure of the report."""

    permission_classes = [access.has_right("reports")]
    serializer_class = ClockRowSerializer
    queryset = Clock.objects.none()
    params = {
        "get": (
            *REPORT_FILTERS,
            OpenApiParameter("metric", enum=list(sla.METRICS)),
            OpenApiParameter("group", description="The key of a group; empty for the clocks without one"),
        )
    }

    def get_queryset(self) -> QuerySet[Clock]:
        if getattr(self, "swagger_fake_view", False):
            return Clock.objects.none()
        period, by, now = _period(self.request), _by(self.request), clock.now()
        found = outcomes.clocks(period, now=now, within=attainment.seen_by(access.person(self.request)))
        if metric := self.request.query_params.get("metric"):
            if metric not in sla.METRICS:
                raise ValidationError({"metric": f"{metric!r} is not one of {', '.join(sla.METRICS)}."})
            found = found.filter(metric=metric)
        if by and "group" in self.request.query_params:
            group = self.request.query_params["group"]
            found = attainment.matching(found, period, now=now, by=by, group=group)
        return found.select_related("conversation__source")


def _gap(source: Source, gap: Gap) -> dict[str, Any]:
    return {
        "source": source.slug, "from": gap.first_at, "to": gap.last_at, "events": gap.events, "recovered": gap.recovered,
    }  # fmt: skip


def _metrics(
    request: Request,
    period: Period,
    tallies: dict[str, attainment.Tally],
    *,
    by: str | None,
    key: Any,
) -> dict[str, Any]:
    asked = {"from": period.first, "to": period.last}
    group = {"by": by, "group": "" if key is None else key} if by else {}
    address = reverse("sla-report-rows", request=request)
    return {
        metric: tally.figures() | {"rows": f"{address}?{urlencode(asked | {'metric': metric} | group)}"}
        for metric, tally in tallies.items()
    }


def _by(request: Request) -> str | None:
    by = request.query_params.get("by") or None
    if by and by not in GROUPINGS:
        raise ValidationError({"by": f"{by!r} is not one of {', '.join(GROUPINGS)}."})
    return by


def _period(request: Request) -> Period:
    asked = request.query_params
    if missing := [name for name in ("from", "to") if not asked.get(name)]:
        both = "Give the first and the last day, for example ?from=2026-11-16&to=2026-11-22."
        raise ValidationError(dict.fromkeys(missing, both))
    first, last = (_day(name, asked[name]) for name in ("from", "to"))
    if last < first:
        raise ValidationError({"to": "`to` is before `from`."})
    if last - first > timedelta(days=MOST_DAYS):
        raise ValidationError({"to": f"The range is longer than {MOST_DAYS:,} days."})
    return Period(first, last, ZoneInfo(settings.TIME_ZONE))


def _day(name: str, text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = None
    if day is None or not 1970 <= day.year < 2200:
        raise ValidationError({name: f"{text[:40]!r} is not a date such as 2026-11-23."})
    return day
