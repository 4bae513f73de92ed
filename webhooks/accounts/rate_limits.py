"""Rate limits: the API by token, signing in by address. The receiver has none, since a refused webhook is lost."""

import ipaddress
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from rest_framework.request import Request
from rest_framework.throttling import SimpleRateThrottle

from ..outbound.allowed_addresses import is_address


def address(request: HttpRequest | Request) -> str:
    """The client's address. X-Forwarded-For is only believed from a proxy in TRUSTED_PROXIES."""
    at = str(request.META.get("REMOTE_ADDR", ""))
    if not settings.TRUSTED_PROXIES:
        return at
    forwarded = [part.strip() for part in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")]
    while forwarded and is_trusted(at) and is_address(forwarded[-1]):
        at = forwarded.pop()
    return at


# In META: an unknown proxy said by which scheme it was called.
UNTRUSTED_PROXY = "support_site.untrusted_proxy"


def is_trusted(at: str) -> bool:
    """Whether it is the address of a trusted proxy."""
    return is_address(at) and any(
        _is_network(proxy) and ipaddress.ip_address(at) in ipaddress.ip_network(proxy, strict=False)
        for proxy in settings.TRUSTED_PROXIES
    )


def _is_network(text: str) -> bool:
    try:
        return bool(ipaddress.ip_network(text, strict=False))
    except ValueError:
        return False


class ByToken(SimpleRateThrottle):
    """settings.API_PER_MINUTE for each token, person or (anonymous) address, counted in each web process."""

    scope = "api"

    def get_rate(self) -> str:
        return f"{settings.API_PER_MINUTE}/min"

    def get_cache_key(self, request: Request, view: Any) -> str:
        who = getattr(request.auth, "pk", None) or request.user.pk or address(request)
        return self.cache_format % {"scope": self.scope, "ident": who}


class SigningIn(SimpleRateThrottle):
    """settings.SIGN_INS_PER_MINUTE from one address, whatever user names it tries."""

    scope = "sign-in"

    def get_rate(self) -> str:
        return f"{settings.SIGN_INS_PER_MINUTE}/min"

    def get_cache_key(self, request: Any, view: Any) -> str:
        return self.cache_format % {"scope": self.scope, "ident": address(request)}


def may_try_to_sign_in(request: HttpRequest) -> bool:
    """Counts this attempt."""
    return SigningIn().allow_request(request, None)  # type: ignore[arg-type]
