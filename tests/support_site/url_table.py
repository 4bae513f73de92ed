"""Every URL of the site, read from its URL table, so that new ones are tested too."""

import re
from collections.abc import Iterator

from django.urls import URLPattern, URLResolver, get_resolver
from django.urls.resolvers import RegexPattern

A_GROUP = re.compile(r"\(\?P<\w+>(?:[^()]|\([^()]*\))*\)")
A_PART = re.compile(r"<[^>]+>")


def addresses() -> list[str]:
    """One of each, with 1 in the place of every part that varies."""
    return sorted({f"/{path}" for path in _below(get_resolver().url_patterns, "")})


def _below(patterns: list[URLPattern | URLResolver], before: str) -> Iterator[str]:
    for entry in patterns:
        if "(?P<format>" in str(entry.pattern):
            continue  # the same view under another ending; there is one renderer
        path = before + _plain(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from _below(entry.url_patterns, path)
        else:
            yield path


def _plain(pattern: object) -> str:
    if not isinstance(pattern, RegexPattern):
        return A_PART.sub("1", str(pattern))
    text = A_GROUP.sub("1", str(pattern)).removeprefix("^").removesuffix("$").removesuffix("\\Z")
    return text.replace("/?", "/").replace("\\", "")
