"""What requests pass: webhooks a short way, pages a content security policy and a plain answer without a database."""

from collections.abc import Callable

from django.conf import settings
from django.contrib.auth.models import User
from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import Resolver404, resolve
from django.utils import timezone

from webhooks.accounts import profiles, rate_limits
from webhooks.database import deadline, outage

# Alpine, which the admin theme bundles, needs unsafe-eval; its inline styles need unsafe-inline.
PAGES = (
    "default-src 'self'; script-src 'self' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; img-src 'self' data: https: http:; "
    "object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'"
)
NOTHING = "default-src 'none'; frame-ancestors 'none'"
WEBHOOKS = "/webhooks/"
PEOPLE = "/admin/"
MACHINES = ("/api/", WEBHOOKS, "/healthz", "/readyz", "/metrics")
API_DOCS = "/api/v1/docs/"
# These know themselves what to do without a database.
DO_WITHOUT = (WEBHOOKS, "/healthz", "/readyz", "/static/")
AGAIN_S = 10


class ContentSecurityPolicy:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response["Content-Security-Policy"] = self._policy(request.path)
        return response

    def _policy(self, path: str) -> str:
        if path == API_DOCS:  # Swagger UI: its script is a file of its own
            return PAGES.replace(" 'unsafe-eval'", "")
        return NOTHING if path.startswith(MACHINES) else PAGES


class BelieveOurProxy:
    """Django believes X-Forwarded-Proto of whoever sends it: anybody who reaches the port could call plain HTTP secure."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not rate_limits.is_trusted(request.META.get("REMOTE_ADDR", "")):
            request.META.pop("HTTP_X_FORWARDED_PROTO", None)
        return self.get_response(request)


class WebhooksFirst:
    """A webhook has no session, form or page: what serves those would cost the receiver a tenth of its rate.

    Nor is it refused for its Host: Chatwoot's signature says who posts, and a refusal loses the event.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method != "POST" or not request.path_info.startswith(WEBHOOKS):
            return self.get_response(request)
        try:
            found = resolve(request.path_info)
        except Resolver404:
            return self.get_response(request)
        response = found.func(request, *found.args, **found.kwargs)
        response["Content-Length"] = str(len(response.content))
        return response


class SmallBodies:
    """The receiver, which comes first, reads its own bodies. The rest is typed by people or written by small programs."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        length, most = request.META.get("CONTENT_LENGTH") or "", settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        if not length.isdecimal() or int(length[:18]) <= most:
            return self.get_response(request)
        said = f"The body is over {most} bytes."
        if request.path.startswith(MACHINES):
            return JsonResponse({"code": "too_large", "detail": said}, status=413)
        return HttpResponse(said, status=413, content_type="text/plain")


class ReaderTimeZone:
    """Pages show times in their reader's own zone. The API and everything stored keep the site's."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path.startswith(PEOPLE) or not isinstance(request.user, User):
            return self.get_response(request)
        with timezone.override(profiles.zone_of(request.user) or timezone.get_default_timezone()):
            return self.get_response(request)


class DatabaseAway:
    """Pages that wait for a database that hangs would take the receiver's threads: nobody waits for one known to."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path.startswith(DO_WITHOUT):
            return self.get_response(request)
        if outage.is_known():
            return _away(request)
        with deadline.each(settings.PAGE_DATABASE_S):
            return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        return answer_if_database_unavailable(request, error)


def answer_if_database_unavailable(request: HttpRequest, error: Exception) -> HttpResponse | None:
    """For what failed by the database's fault. None where it answers: the request had a trouble of its own."""
    if not isinstance(error, outage.NO_ANSWER) or request.path.startswith(DO_WITHOUT):
        return None
    if not connection.in_atomic_block:
        connection.close()
    try:
        outage.ping()
    except outage.DatabaseUnavailable:
        return _away(request)
    return None


def _away(request: HttpRequest) -> HttpResponse:
    said = "The database does not answer. Webhooks are kept on disk meanwhile; nothing is lost."
    response: HttpResponse
    if request.path.startswith(MACHINES):
        response = JsonResponse({"code": "unavailable", "detail": said}, status=503)
    else:
        response = render(request, "503.html", {"said": said, "again_s": AGAIN_S}, status=503)
        if request.method == "GET":
            response["Refresh"] = str(AGAIN_S)
    response["Retry-After"] = str(AGAIN_S)
    return response
