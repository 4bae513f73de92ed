"""Checks the session on every request: idle and absolute age, and the second factor if one is required."""

from collections.abc import Callable

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.db import Error
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy

from webhooks.accounts import second_factor
from webhooks.database import clock

from .middleware import answer_if_database_unavailable

NOTED_EVERY_S = 60
IDLE = gettext_lazy("You were signed out because you were inactive. Sign in again.")
OVER = gettext_lazy("Your session has expired. Sign in again.")


class SessionRules:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        # Probes and programs have no session cookie, so there is nothing to check.
        if settings.SESSION_COOKIE_NAME not in request.COOKIES:
            return self.get_response(request)
        try:
            page = self._owed(request, now=clock.now().timestamp())
        except Error as error:  # process_exception only sees errors raised in views
            answer = answer_if_database_unavailable(request, error)
            if answer is None:
                raise
            return answer
        return _sent_to(request, page) if page else self.get_response(request)

    def _owed(self, request: HttpRequest, *, now: float) -> str:
        """The page that the person must complete first, or "" if there is none."""
        if request.user.is_authenticated:
            self._enforce_age(request, now=now)
        if not request.user.is_authenticated or request.path.startswith(
            f"/{settings.STATIC_URL.strip('/')}/"
        ):
            return ""
        owed = second_factor.owed_by(request)
        return "" if not owed or request.path in _open_paths(owed) else _page(owed)

    def _enforce_age(self, request: HttpRequest, *, now: float) -> None:
        began = request.session.setdefault("began_at", now)
        seen = request.session.setdefault("seen_at", now)
        over = now - began > settings.SESSION_COOKIE_AGE
        if over or now - seen > settings.SESSION_IDLE_S:
            logout(request)
            if not _asked_by_the_page(request):
                messages.warning(request, str(OVER if over else IDLE))
        elif now - seen > NOTED_EVERY_S and not _asked_by_the_page(request):
            request.session["seen_at"] = now


def _asked_by_the_page(request: HttpRequest) -> bool:
    """Pages refresh themselves even when nobody is using them, which is no activity."""
    return "X-Fragment" in request.headers or "HX-Request" in request.headers


def _page(name: str) -> str:
    return reverse(f"admin:webhooks_signinrule_{name}")


def _open_paths(owed: str) -> set[str]:
    """All that a password alone opens: the page that asks for the rest of it, and the way out."""
    return {*map(_page, second_factor.STEPS[owed]), reverse("admin:logout")}


def _sent_to(request: HttpRequest, page: str) -> HttpResponse:
    if request.path.startswith("/api/"):
        detail = "This session has not passed its second factor. Sign in on the site, or use a token."
        return JsonResponse({"code": "second_factor_required", "detail": detail}, status=403)
    return HttpResponseRedirect(f"{page}?{urlencode({'next': request.get_full_path()})}")
