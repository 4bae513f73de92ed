"""How a person who is signed in here is known inside a frame on Chatwoot's page, where their session cookie is not sent.

A click in a window of this site makes a code, which works once and for a minute. The frame exchanges it for a cookie of its
own. The cookie leads to the person's session, so it ends with it, and it opens one source's framed pages and nothing else.
"""

import json
from dataclasses import asdict, dataclass
from http.cookies import Morsel
from importlib import import_module
from typing import Any

from cryptography.fernet import InvalidToken
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import get_random_string

from ..database.encryption import keyring

COOKIE = "inside"
CODE_S = 60
SLOT = "inside_code"  # in the session: the code that has not been used yet
SECRET_LENGTH = 32  # of Django's CSRF secret


@dataclass(frozen=True)
class Grant:
    """What a code and a cookie hold, encrypted. csrf: the secret that the frame's forms prove, as Django's own cookie would."""

    kind: str
    slug: str
    session: str
    csrf: str


def make_code(request: HttpRequest, slug: str) -> str:
    """For the session of this request, and for one source."""
    grant = Grant("code", slug, str(request.session.session_key), get_random_string(SECRET_LENGTH))
    request.session[SLOT] = grant.csrf
    return _seal(grant)


def redeem(code: str, slug: str) -> Grant | None:
    """The grant for the frame's cookie; None for a code that is not ours, too old, used, or for another source."""
    grant = _open(code, kind="code", slug=slug, seconds=CODE_S)
    if grant is None:
        return None
    session = _store(grant.session)
    if session.pop(SLOT, None) != grant.csrf:
        return None
    session.save()
    return Grant("cookie", slug, grant.session, get_random_string(SECRET_LENGTH))


def set_cookie(response: HttpResponse, grant: Grant, *, path: str) -> None:
    """Sent in frames, but only below the page that the person was on when the cookie was set (Partitioned)."""
    response.set_cookie(
        COOKIE, _seal(grant), max_age=settings.SESSION_COOKIE_AGE, path=path, secure=True, httponly=True, samesite="None"
    )  # fmt: skip
    plain = response.cookies[COOKIE]
    partitioned = _Partitioned()
    partitioned.set(COOKIE, plain.value, plain.coded_value)
    partitioned.update(plain)
    response.cookies[COOKIE] = partitioned


class _Partitioned(Morsel):
    """http.cookies knows the attribute from Python 3.14 on."""

    def OutputString(self, attrs: Any = None) -> str:
        return f"{super().OutputString(attrs)}; Partitioned"


def lend_session(request: HttpRequest, slug: str) -> bool:
    """Lets a framed request without a session cookie use the session that its own cookie leads to. Whether it does now."""
    if settings.SESSION_COOKIE_NAME in request.COOKIES:
        return False
    grant = _open(
        request.COOKIES.get(COOKIE, ""), kind="cookie", slug=slug, seconds=settings.SESSION_COOKIE_AGE
    )
    if grant is None:
        return False
    request.COOKIES[settings.SESSION_COOKIE_NAME] = grant.session
    request.COOKIES[settings.CSRF_COOKIE_NAME] = grant.csrf
    return True


def take_back(response: HttpResponse) -> None:
    """No answer hands out the session itself: the frame's cookie opens the framed pages and no more."""
    for name in (settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME):
        response.cookies.pop(name, None)


def _store(key: str) -> Any:
    return import_module(settings.SESSION_ENGINE).SessionStore(key)


def _seal(grant: Grant) -> str:
    return keyring().encrypt(json.dumps(asdict(grant)).encode()).decode()


def _open(sealed: str, *, kind: str, slug: str, seconds: int) -> Grant | None:
    if not sealed.isascii():
        return None
    try:
        grant = Grant(**json.loads(keyring().decrypt(sealed.encode(), ttl=seconds)))
    except (
        InvalidToken,
        ValueError,
        TypeError,
    ):  # not our token, or another secret that was encrypted with the same key
        return None
    return grant if (grant.kind, grant.slug) == (kind, slug) else None
