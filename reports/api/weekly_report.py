"""/api/v1/reports/weekly/: a week's report as it was kept. It covers every inbox, so whoever reads it sees every inbox."""

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import NotFound, PermissionDenied, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from webhooks.accounts import access
from webhooks.api.described import Described

from .. import weekly
from ..weekly import export

FORMS = ("json", "csv", "md")


class WeeklyReportView(Described, APIView):
    asks = {"get": (OpenApiParameter("as", enum=list(FORMS)),)}
    permission_classes = [access.has_right("reports")]

    @extend_schema(responses={
        (200, "application/json"): OpenApiTypes.OBJECT, (200, "text/csv"): OpenApiTypes.STR,
        (200, "text/markdown"): OpenApiTypes.STR,
    })  # fmt: skip
    def get(self, request: Request, week: str) -> HttpResponseBase:
        """An ISO week that is over, such as 2026-W47, as it was kept; `kept` is false where nobody kept it. 404 before."""
        form = request.query_params.get("as", "json")
        if form not in FORMS:
            raise ValidationError({"as": f"{form[:40]!r} is none of {', '.join(FORMS)}."})
        if not access.sees_every_inbox(access.person(request)):
            raise PermissionDenied("The weekly report covers every inbox, and you see some of them.")
        try:
            kept = weekly.read(weekly.parse(week), now=timezone.now())
        except weekly.BadWeek as error:
            raise ValidationError({"week": str(error)}) from error
        except weekly.Unavailable as error:
            raise NotFound(str(error)) from error
        if form == "json":
            return Response(kept)
        kind = "markdown" if form == "md" else "csv"
        return HttpResponse(export.told(kept, form), content_type=f"text/{kind}; charset=utf-8")
