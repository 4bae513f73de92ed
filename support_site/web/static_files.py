"""Static files: each address names its content's version, so that a browser keeps the file for a year and never an old one.

No step collects or renames files: the version is in the query, which any release of the site answers.
"""

import hashlib
from collections.abc import Callable
from functools import cache
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import StaticFilesStorage
from django.http import HttpRequest, HttpResponse
from whitenoise.middleware import WhiteNoiseFileResponse, WhiteNoiseMiddleware

FOR_EVER = f"max-age={365 * 86400}, public, immutable"


class VersionedAddresses(StaticFilesStorage):
    def url(self, name: str | None) -> str:
        address = super().url(name)
        known = version(name) if name and not settings.DEBUG else ""
        return f"{address}?v={known}" if known else address


class StaticFiles(WhiteNoiseMiddleware):
    """WhiteNoise's, which lets a browser keep for long only what it was asked for in the version that is here.

    While two releases answer beside each other, the older one gives its own file to a page of the newer one: for a minute.
    """

    get_response: Callable[[HttpRequest], HttpResponse]

    def __call__(self, request: HttpRequest) -> HttpResponse:  # type: ignore[override]
        response: HttpResponse = super().__call__(request)
        asked = request.GET.get("v") if isinstance(response, WhiteNoiseFileResponse) else None
        if asked and asked == version(request.path_info.removeprefix(self.static_prefix)):
            response["Cache-Control"] = FOR_EVER
        return response


@cache
def version(name: str) -> str:
    """Of the file's content; empty where there is no such file. Read once a process: files change with a release."""
    path = finders.find(name)
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()[:12] if path else ""
