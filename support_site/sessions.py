"""What a session must keep to, page by page: its idle and its absolute age, and the second factor where one is owed."""

import time
from collections.abc import Callable

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import reverse
from django.utils.http import urlencode

from webhooks.accounts import access, second_factor
from webhooks.database import outage

from .middleware import answer_if_database_unavailable

NOTED_EVERY_S = 60
IDLE = "Signed out: nothing was done here for a while."
OVER = "Signed out after a working day: please sign in again."


class SessionRules:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        # Without the cookie there is no session to judge: probes and programs are not asked for one.
        if settings.SESSION_COOKIE_NAME not in request.COOKIES:
            return self.get_response(request)
        try:
            page = self._owed(request, now=time.time())
        except outage.NO_ANSWER as error:  # what fails before a view, no process_exception sees
            answer = answer_if_database_unavailable(request, error)
            if answer is None:
                raise
            return answer
        return _sent_to(request, page) if page else self.get_response(request)

    def _owed(self, request: HttpRequest, *, now: float) -> str:
        """The page to go through first, or nothing."""
        if request.user.is_authenticated:
            self._keep_age(request, now=now)
        if not request.user.is_authenticated or request.path.startswith(_open_paths()):
            return ""
        verified = getattr(request.user, "otp_device", None) is not None
        owed = second_factor.owed(access.person(request), verified=verified)
        return reverse(f"admin:webhooks_signinrule_{owed}") if owed else ""

    def _keep_age(self, request: HttpRequest, *, now: float) -> None:
        began = request.session.setdefault("began_at", now)
        seen = request.session.setdefault("seen_at", now)
        trouble = OVER if now - began > settings.SESSION_COOKIE_AGE else IDLE
        if trouble == OVER or now - seen > settings.SESSION_IDLE_S:
            logout(request)
            if not _asked_by_the_page(request):
                messages.warning(request, trouble)
        elif now - seen > NOTED_EVERY_S and not _asked_by_the_page(request):
            request.session["seen_at"] = now


def _asked_by_the_page(request: HttpRequest) -> bool:
    """Pages keep themselves fresh while nobody sits before them."""
    return "X-Fragment" in request.headers or "HX-Request" in request.headers


def _open_paths() -> tuple[str, ...]:
    """For whoever still owes a second factor: to give it, to set it up, to leave."""
    return (
        reverse("admin:webhooks_signinrule_changelist"),
        reverse("admin:logout"),
        f"/{settings.STATIC_URL.strip('/')}/",
    )


def _sent_to(request: HttpRequest, page: str) -> HttpResponse:
    if request.path.startswith("/api/"):
        said = "This session has not given its second factor: open the site, or use a token."
        return JsonResponse({"code": "second_factor_required", "detail": said}, status=403)
    return HttpResponseRedirect(f"{page}?{urlencode({'next': request.get_full_path()})}")
