"""Middleware: the pages below /admin/inside/<source>/ may be framed by that source's Chatwoot, and by nobody else.

Everything else of the site stays DENY. It also lends a framed request the session that its own cookie leads to, before
Django's session and CSRF checks, so that those hold in a frame as they do elsewhere.
"""

import re
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from webhooks.accounts import frame_grants
from webhooks.database import outage
from webhooks.models import Source
from webhooks.sources import dashboard_app

from .middleware import answer_if_database_unavailable

FRAMED = re.compile(r"/admin/inside/(?P<slug>[-\w]+)/(?P<rest>.*)", re.ASCII)
# The page with the button that lets the frame in: pressed in a window of its own, never in a frame.
TOP_LEVEL = "sign-in/"
OPEN = "enter/"  # the frame comes here with its code, before it has a session


class FramedPages:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        found = FRAMED.fullmatch(request.path)
        if found is None or found["rest"] == TOP_LEVEL:
            return self.get_response(request)
        try:
            source = Source.objects.filter(slug=found["slug"]).first()
        except outage.NO_ANSWER as error:
            answer = answer_if_database_unavailable(request, error)
            if answer is None:
                raise
            return answer
        origin = dashboard_app.origin(source) if source else ""
        return self._framed(request, found, origin) if origin else self.get_response(request)

    def _framed(self, request: HttpRequest, found: re.Match[str], origin: str) -> HttpResponse:
        lent = frame_grants.lend_session(request, found["slug"])
        if request.method == "POST" and found["rest"] != OPEN and _is_nobody(request, lent=lent):
            # Signed out meanwhile: the page that says so, not Django's about a missing cookie. The text is kept in the tab.
            response: HttpResponse = HttpResponseRedirect(dashboard_app.path(found["slug"]))
        else:
            response = self.get_response(request)
        if lent:
            frame_grants.take_back(response)
        response.headers.pop("X-Frame-Options", None)
        setattr(response, "framed_by", origin)  # noqa: B010  (read by middleware.framed_by)
        return response


def _is_nobody(request: HttpRequest, *, lent: bool) -> bool:
    return not lent and settings.SESSION_COOKIE_NAME not in request.COOKIES
