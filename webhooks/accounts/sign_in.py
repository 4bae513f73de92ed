"""Signing in: wrong passwords are counted (django-axes), and so are tries from one address, whichever names they name."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from unfold.forms import AuthenticationForm

from .rate_limits import may_try_to_sign_in

LONGEST_NAME = 150
TOO_MANY = "Too many tries to sign in from here: wait a minute, then try again."


class SignInForm(AuthenticationForm):
    def clean(self) -> dict[str, Any]:
        if self.request and not may_try_to_sign_in(self.request):
            raise forms.ValidationError(TOO_MANY, code="too_many")
        if (
            len(self.cleaned_data.get("username") or "") > LONGEST_NAME
        ):  # nobody's, and too long to be counted
            raise self.get_invalid_login_error()
        cleaned: dict[str, Any] = super().clean()
        return cleaned


def locked(request: HttpRequest, response: HttpResponse, credentials: dict[str, Any]) -> HttpResponse:
    """The answer from the wrong password on that was one too many."""
    minutes = int(settings.AXES_COOLOFF_TIME.total_seconds() // 60)
    facts = admin.site.each_context(request) | {"minutes": minutes, "title": "Wait a little"}
    answer = render(request, "webhooks/locked.html", facts, status=429)
    answer["Retry-After"] = str(minutes * 60)
    return answer


def shown(username: str, ip_address: str, *rest: Any) -> str:
    """What the log says of a failed try: where from. What was typed as a name may be a password."""
    return ip_address
