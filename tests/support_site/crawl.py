"""Goes through the site's pages as a person would: every link of a page, a few pages of each kind."""

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urljoin, urlsplit

from django.test import Client

LINK = re.compile(r'\b(?:href|hx-get|data-href)="([^"]+)"')


def crawl(
    browser: Client, *starts: str, each: int, but: tuple[str, ...] = ()
) -> Iterator[tuple[str, str, Any]]:
    """Kind, address and answer of every page below /admin/. each: pages of one kind; a list, filtered and not, is one kind."""
    seen: dict[str, int] = {}
    ahead = list(reversed(starts))
    while ahead:
        address = ahead.pop()
        kind = kind_of(address)
        if seen.get(kind, 0) >= each or "logout" in address or address.startswith(but):
            continue
        seen[kind] = seen.get(kind, 0) + 1
        answer = browser.get(address)
        yield kind, address, answer
        if not answer.get("Content-Type", "").startswith("text/html"):
            continue
        links = (
            urljoin(address, link.replace("&amp;", "&")) for link in LINK.findall(answer.content.decode())
        )
        ahead += [link for link in links if link.startswith("/admin/")]


def kind_of(address: str) -> str:
    return re.sub(r"\d+", "N", urlsplit(address).path)
