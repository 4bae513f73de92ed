"""Signing in: wrong passwords are counted (django-axes), and so are attempts from one address, whatever user names they use."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.forms import AuthenticationForm

from .rate_limits import may_try_to_sign_in

LONGEST_NAME = 150
TOO_MANY = gettext_lazy("Too many sign-in attempts from your address: wait a minute, then try again.")


class SignInForm(AuthenticationForm):
    def clean(self) -> dict[str, Any]:
        if self.request and not may_try_to_sign_in(self.request):
            raise forms.ValidationError(TOO_MANY, code="too_many")
        if (
            len(self.cleaned_data.get("username") or "") > LONGEST_NAME
        ):  # no user has such a name, and django-axes cannot store it
            raise self.get_invalid_login_error()
        cleaned: dict[str, Any] = super().clean()
        return cleaned


def locked(request: HttpRequest, response: HttpResponse, credentials: dict[str, Any]) -> HttpResponse:
    """The response once there were too many wrong passwords."""
    minutes = int(settings.AXES_COOLOFF_TIME.total_seconds() // 60)
    facts = admin.site.each_context(request) | {"minutes": minutes, "title": _("Try again later")}
    answer = render(request, "webhooks/locked.html", facts, status=429)
    answer["Retry-After"] = str(minutes * 60)
    return answer


def shown(username: str, ip_address: str, *rest: Any) -> str:
    """What the log records of a failed attempt: only the address. People sometimes type their password as user name."""
    return ip_address
