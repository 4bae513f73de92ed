"""The page of everything that is set once: what the reader may open, in sections, each with a line of explanation."""

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from ..navigation.pages import SETTINGS_SECTIONS


def show(request: HttpRequest) -> HttpResponse:
    sections = [(section.title, section.for_user(request.user)) for section in SETTINGS_SECTIONS]
    context = {
        **admin.site.each_context(request),
        "title": _("Settings"),
        "sections": [(title, found) for title, found in sections if found],
    }
    return TemplateResponse(request, "support/settings.html", context)
