"""Middleware: a fast path for webhooks, a content security policy, size limits, and an answer while the database is down."""

from collections.abc import Callable

from django.conf import settings
from django.contrib.auth.models import User
from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware
from django.shortcuts import render
from django.urls import Resolver404, resolve
from django.utils import timezone, translation
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _

from webhooks.accounts import profiles, rate_limits
from webhooks.database import deadline, outage

# Alpine, which the admin theme bundles, needs unsafe-eval; its inline styles need unsafe-inline.
PAGES = (
    "default-src 'self'; script-src 'self' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; img-src 'self' data: https: http:; "
    "object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'"
)
FILES = "default-src 'none'; sandbox; frame-ancestors 'none'"
NOTHING = "default-src 'none'; frame-ancestors 'none'"
WEBHOOKS = "/webhooks/"
PEOPLE = "/admin/"
MACHINES = ("/api/", WEBHOOKS, "/healthz", "/readyz", "/metrics")
API_DOCS = "/api/v1/docs/"
# These handle a missing database themselves.
WITHOUT_DATABASE = (WEBHOOKS, "/healthz", "/readyz", "/static/")
RETRY_AFTER_S = 10


class ContentSecurityPolicy:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        is_file = getattr(
            response, "is_file", False
        )  # somebody's upload: it may do nothing, wherever it is opened
        policy = FILES if is_file else self._policy(request.path, framed_by(response))
        response["Content-Security-Policy"] = policy
        return response

    def _policy(self, path: str, framed_by: str) -> str:
        if framed_by:
            return PAGES.replace("frame-ancestors 'none'", f"frame-ancestors {framed_by}")
        if path == API_DOCS:  # Swagger UI needs no eval: its script is a separate file
            return PAGES.replace(" 'unsafe-eval'", "")
        return NOTHING if path.startswith(MACHINES) else PAGES


def framed_by(response: HttpResponse) -> str:
    """The one origin that may frame this answer (framed_pages.py); empty for all other pages."""
    return str(getattr(response, "framed_by", ""))


class TrustedProxyHeaders:
    """Drops X-Forwarded-Proto from untrusted senders: otherwise anyone could pass plain HTTP off as HTTPS."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not rate_limits.is_trusted(request.META.get("REMOTE_ADDR", "")):
            request.META[rate_limits.UNTRUSTED_PROXY] = (
                request.META.pop("HTTP_X_FORWARDED_PROTO", None) is not None
            )
        return self.get_response(request)


class WebhookFastPath:
    """Webhooks skip the middleware for sessions, forms and pages, which would cost a tenth of the receiving rate.

    Their Host header is not checked either: the signature proves the sender, and a rejected webhook is a lost event.
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


class CompressedPages(GZipMiddleware):
    """HTML alone: programs get what they can read without unpacking, and files are mostly packed already.

    Django adds random bytes to each page against BREACH (https://docs.djangoproject.com/en/5.2/ref/middleware/).
    """

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        is_page = response.get("Content-Type", "").startswith("text/html")
        return super().process_response(request, response) if is_page else response


class RequestSizeLimit:
    """Limits the body of every request except webhooks, which have a limit of their own.

    Before anything reads it: CSRF protection does. A view may say that its forms bring files, by its attribute most_body.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], args: object, kwargs: object
    ) -> HttpResponse | None:
        length = request.META.get("CONTENT_LENGTH") or ""
        most = getattr(view, "most_body", settings.DATA_UPLOAD_MAX_MEMORY_SIZE)
        if not length.isdecimal() or int(length[:18]) <= most:
            return None
        detail = _("The request body is larger than %(most)s bytes.") % {"most": f"{most:,}"}
        if request.path.startswith(MACHINES):
            return JsonResponse({"code": "too_large", "detail": detail}, status=413)
        return HttpResponse(detail, status=413, content_type="text/plain")


class BrowserLanguage:
    """Pages are in the language that the browser asks for, unless the reader chose one (ReaderPreferences).

    Outside of sign-in and sessions, so that the pages of an outage have a language too. Programs receive English.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path.startswith(PEOPLE):
            return self.get_response(request)
        with translation.override(translation.get_language_from_request(request)):
            response = self.get_response(request)
            response.headers.setdefault("Content-Language", str(translation.get_language()))
        patch_vary_headers(response, ("Accept-Language",))
        return response


class ReaderPreferences:
    """Pages show times in their reader's own zone and language. The API and everything stored keep the site's."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path.startswith(PEOPLE) or not isinstance(request.user, User):
            return self.get_response(request)
        if language := profiles.language_of(request.user):
            translation.activate(language)  # until BrowserLanguage ends
        with timezone.override(profiles.zone_of(request.user) or timezone.get_default_timezone()):
            return self.get_response(request)


class DatabaseOutage:
    """Answers 503 at once during a known outage: pages that wait for the database would use up the receiver's threads."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path.startswith(WITHOUT_DATABASE):
            return self.get_response(request)
        if outage.is_known():
            return _unavailable(request)
        with deadline.each(settings.PAGE_DATABASE_S):
            return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        return answer_if_database_unavailable(request, error)


def answer_if_database_unavailable(request: HttpRequest, error: Exception) -> HttpResponse | None:
    """The answer to an error that the database caused. None if the database answers: then the request itself failed."""
    if not outage.is_one(error) or request.path.startswith(WITHOUT_DATABASE):
        return None
    if not connection.in_atomic_block:
        connection.close()
    try:
        outage.ping()
    except outage.DatabaseUnavailable:
        return _unavailable(request)
    return None


def _unavailable(request: HttpRequest) -> HttpResponse:
    detail = _(
        "The database does not answer. Webhooks are stored on disk in the meantime, so nothing is lost."
    )
    response: HttpResponse
    if request.path.startswith(MACHINES):
        response = JsonResponse({"code": "unavailable", "detail": detail}, status=503)
    else:
        response = render(request, "503.html", {"detail": detail, "retry_s": RETRY_AFTER_S}, status=503)
        if request.method == "GET":
            response["Refresh"] = str(RETRY_AFTER_S)
    response["Retry-After"] = str(RETRY_AFTER_S)
    return response
