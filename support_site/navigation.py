"""The sidebar, one table: title, icon, address and the right that shows it."""

from django.http import HttpRequest
from django.templatetags.static import static


def stylesheet(request: HttpRequest) -> str:
    return static("support/site.css")


def sidebar(request: HttpRequest) -> list:
    return []
