"""/api/v1/reports/weekly/: the saved report of a week. It covers every inbox, so its reader must see every inbox."""

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import NotFound, PermissionDenied, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from webhooks.accounts import access
from webhooks.api.described import Described
from webhooks.database import clock

from .. import weekly
from ..weekly import export

FORMS = ("json", "csv", "md")


class WeeklyReportView(Described, APIView):
    params = {"get": (OpenApiParameter("as", enum=list(FORMS)),)}
    permission_classes = [access.has_right("reports")]

    @extend_schema(responses={
        (200, "application/json"): OpenApiTypes.OBJECT, (200, "text/csv"): OpenApiTypes.STR,
        (200, "text/markdown"): OpenApiTypes.STR,
    })  # fmt: skip
    def get(self, request: Request, week: str) -> HttpResponseBase:
        """The report of an ISO week such as 2026-W47. `kept` is false if it is not saved yet. 404 until the week is over."""
        form = request.query_params.get("as", "json")
        if form not in FORMS:
            raise ValidationError({"as": f"{form[:40]!r} is not one of {', '.join(FORMS)}."})
        if not access.sees_every_inbox(access.person(request)):
            raise PermissionDenied("The weekly report covers every inbox, and you do not see all of them.")
        try:
            report = weekly.read(weekly.parse(week), now=clock.now())
        except weekly.BadWeek as error:
            raise ValidationError({"week": str(error)}) from error
        except weekly.Unavailable as error:
            raise NotFound(str(error)) from error
        if form == "json":
            return Response(report)
        kind = "markdown" if form == "md" else "csv"
        return HttpResponse(export.rendered(report, form), content_type=f"text/{kind}; charset=utf-8")
