"""Sign-in by OpenID Connect (mozilla-django-oidc), where OIDC_ISSUER is set. Groups come from a claim, inboxes from this site.

A person is known by their email address. Nobody becomes a superuser by a claim.
"""

import time
from collections.abc import Iterable
from typing import Any

import requests
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.models import Group, User
from django.core.exceptions import SuspiciousOperation
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy
from jwt import PyJWTError
from mozilla_django_oidc.auth import OIDCAuthenticationBackend
from mozilla_django_oidc.views import OIDCAuthenticationCallbackView, OIDCAuthenticationRequestView

from . import access
from .profiles import UserBackend

KNOWN_S = 3600  # what the provider says of itself is read again after this
PROVIDER_FAILED = (requests.RequestException, PyJWTError, SuspiciousOperation, KeyError, ValueError)
REFUSED = gettext_lazy("Your account is not allowed to sign in here. Ask a superuser of this site.")
UNREACHABLE = gettext_lazy("Single sign-on does not work at the moment. Try again, or use your password.")
_known: dict[str, tuple[float, dict[str, Any]]] = {}


def provider() -> dict[str, Any]:
    """What the issuer publishes of itself: OpenID Connect Discovery 1.0. Raises RequestException and ValueError."""
    issuer: str = settings.OIDC_ISSUER
    read_at, found = _known.get(issuer, (0.0, {}))
    if not found or time.monotonic() - read_at > KNOWN_S:
        answer = requests.get(f"{issuer}/.well-known/openid-configuration", timeout=settings.OIDC_TIMEOUT)
        answer.raise_for_status()
        found = answer.json()
        _known[issuer] = time.monotonic(), found
    return found


class SingleSignOn(UserBackend, OIDCAuthenticationBackend):
    def __init__(self) -> None:
        """Reads nothing from the provider: Django makes a backend for each request, and for each sign-in by password."""
        self.UserModel = User
        self.OIDC_RP_CLIENT_ID = settings.OIDC_RP_CLIENT_ID
        self.OIDC_RP_CLIENT_SECRET = settings.OIDC_RP_CLIENT_SECRET
        self.OIDC_RP_SIGN_ALGO = settings.OIDC_RP_SIGN_ALGO
        self.OIDC_RP_IDP_SIGN_KEY = None

    def authenticate(self, request: HttpRequest | None, **kwargs: Any) -> User | None:  # type: ignore[override]
        if request is None or "nonce" not in kwargs:  # a name and a password: for another backend
            return None
        known = provider()
        self.OIDC_OP_TOKEN_ENDPOINT = known["token_endpoint"]
        self.OIDC_OP_USER_ENDPOINT = known["userinfo_endpoint"]
        self.OIDC_OP_JWKS_ENDPOINT = known["jwks_uri"]
        return super().authenticate(request, **kwargs)

    def verify_token(self, token: str, **kwargs: Any) -> dict[str, Any]:
        """The library checks signature and nonce; a token for another client or of another issuer is refused here."""
        payload: dict[str, Any] = super().verify_token(token, **kwargs)
        audience = payload.get("aud")
        if self.OIDC_RP_CLIENT_ID not in (audience if isinstance(audience, list) else [audience]):
            raise SuspiciousOperation("The token is meant for another client.")
        if payload.get("iss") != provider()["issuer"]:
            raise SuspiciousOperation("The token comes from another issuer.")
        return payload

    def verify_claims(self, claims: dict[str, Any]) -> bool:
        """An address that the provider has not verified could be anybody's."""
        return bool(claims.get("email")) and claims.get("email_verified") is not False

    def create_user(self, claims: dict[str, Any]) -> User | None:
        groups = groups_of(claims)
        if not groups:
            return None  # everybody of a company can sign in at its provider
        with transaction.atomic():
            user = User.objects.create_user(
                claims["email"][:150], email=claims["email"], is_staff=True,
                first_name=str(claims.get("given_name") or "")[:150], last_name=str(claims.get("family_name") or "")[:150],
            )  # fmt: skip
            user.groups.set(groups)
        return user

    def update_user(self, user: User, claims: dict[str, Any]) -> User | None:
        """Groups are the provider's at each sign-in. A superuser keeps that, with or without groups."""
        groups = groups_of(claims)
        user.groups.set(groups)
        return user if groups or user.is_superuser else None


def groups_of(claims: dict[str, Any]) -> list[Group]:
    """The groups of this site that the claim names, through OIDC_GROUPS where that is set."""
    named = claims.get(settings.OIDC_GROUPS_CLAIM)
    theirs: Iterable[Any] = [named] if isinstance(named, str) else named if isinstance(named, list) else []
    ours = {settings.OIDC_GROUPS.get(str(name), "") if settings.OIDC_GROUPS else str(name) for name in theirs}
    return list(Group.objects.filter(name__in=ours & set(access.GROUPS)))


class Start(OIDCAuthenticationRequestView):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super(OIDCAuthenticationRequestView, self).__init__(*args, **kwargs)
        self.OIDC_RP_CLIENT_ID = settings.OIDC_RP_CLIENT_ID

    def get(self, request: HttpRequest) -> HttpResponse:
        try:
            self.OIDC_OP_AUTH_ENDPOINT = provider()["authorization_endpoint"]
        except PROVIDER_FAILED:
            return _back(request, UNREACHABLE)
        return super().get(request)


class Callback(OIDCAuthenticationCallbackView):
    def get(self, request: HttpRequest) -> HttpResponse:
        try:
            return super().get(request)
        except PROVIDER_FAILED:
            return _back(request, UNREACHABLE)

    def login_failure(self) -> HttpResponse:
        return _back(self.request, REFUSED)


def _back(request: HttpRequest, said: Promise) -> HttpResponse:
    messages.error(request, str(said))
    return HttpResponseRedirect(reverse("admin:login"))
