"""Serves the project's documents to everyone who is signed in, so that pages can link to the runbook."""

import itertools
import re
from functools import cache
from pathlib import Path

from django.conf import settings
from django.contrib import admin
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt

FOLDER = Path(settings.BASE_DIR) / "docs"
PICTURES = {".png": "image/png", ".svg": "image/svg+xml"}


def show(request: HttpRequest, name: str) -> HttpResponse | FileResponse:
    """docs/<name>: a Markdown page or one of its pictures."""
    file = (FOLDER / name).resolve()
    if not file.is_relative_to(FOLDER.resolve()) or not file.is_file():
        raise Http404
    if file.suffix in PICTURES:
        return FileResponse(file.open("rb"), content_type=PICTURES[file.suffix])
    if file.suffix != ".md":
        raise Http404
    text = file.read_text(encoding="utf-8")
    title = text.partition("\n")[0].removeprefix("# ")
    context = {**admin.site.each_context(request), "title": title, "document": html(text)}
    return TemplateResponse(request, "support/document.html", context)


def html(text: str) -> SafeString:
    """Headings get anchors as on GitHub. HTML in the text is shown as text."""
    tokens = _markdown().parse(text)
    for token, inside in itertools.pairwise(tokens):
        if token.type == "heading_open":
            token.attrSet("id", anchor(inside.content))
        elif token.type == "table_open" or inside.content.startswith("!["):
            token.attrSet("tabindex", "0")  # they scroll sideways on a phone, so the keyboard must reach them
    return mark_safe(_markdown().renderer.render(tokens, _markdown().options, {}))  # noqa: S308


def anchor(heading: str) -> str:
    return re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-")


@cache
def _markdown() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
