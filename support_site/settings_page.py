"""The page of everything that is set once: what the reader may open, in sections, each with a line of explanation."""

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from .pages import SETTINGS_SECTIONS


def show(request: HttpRequest) -> HttpResponse:
    sections = {
        title: [page for page in found if page.is_for(request.user)]
        for title, found in SETTINGS_SECTIONS.items()
    }
    context = {
        **admin.site.each_context(request),
        "title": "Settings",
        "sections": [(title, found) for title, found in sections.items() if found],
    }
    return TemplateResponse(request, "support/settings.html", context)
