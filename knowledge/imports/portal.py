"""A Chatwoot help centre: its published articles, read with the administrator's token. Also its canned responses."""

from typing import Any

from webhooks import parsing
from webhooks.errors import DeliveryError
from webhooks.models import Source
from webhooks.outbound import chatwoot

from ..articles.fields import slug_from
from . import texts
from .found import CannotRead, Found, checked, stem

MOST_PAGES = 1000
TIMESTAMP = 10  # digits that Chatwoot writes before a slug


def read(account: Source, portal: str, *, locale: str, language: str) -> list[Found]:
    try:
        client = chatwoot.client(account, watched=True)
        rows = _published(client, portal, locale)
        return _apart([_article(client, portal, row, locale or language) for row in rows])
    except DeliveryError as error:
        if getattr(error, "http_status", None) == 404:
            raise CannotRead(texts.NO_HELP_CENTRE % {"account": account, "portal": portal}) from error
        raise CannotRead(f"{texts.HELP_CENTRE_UNREAD} {error}") from error


def _published(client: chatwoot.Client, portal: str, locale: str) -> list[dict[str, Any]]:
    """Pages shift while articles are written, so ids are compared; the list ends with a page that brings nothing new."""
    found: dict[int, dict[str, Any]] = {}
    for page in range(1, MOST_PAGES + 1):
        rows = client.portal_articles(portal, page=page, locale=locale)
        fresh = {
            number: row
            for row in rows
            if (number := parsing.identifier(row.get("id"))) and number not in found
        }
        if not fresh:
            return [row for row in found.values() if row.get("status") == "published"]
        found |= fresh
    raise CannotRead(texts.MANY_PAGES % {"n": MOST_PAGES})


def _article(client: chatwoot.Client, portal: str, row: dict[str, Any], locale: str) -> Found:
    number = row["id"]
    if "content" not in row:  # a list without texts
        row = client.portal_article(portal, number)
    row = parsing.clean(row)
    category = row.get("category") if isinstance(row.get("category"), dict) else {}
    title = str(row.get("title") or "")
    where = texts.ARTICLE % {"n": number, "title": title[:60]}
    slug = str(row.get("slug") or "")
    head, _, rest = slug.partition("-")
    plain = rest if head.isdecimal() and len(head) == TIMESTAMP else slug
    values = {
        "title": title, "body": str(row.get("content") or ""), "slug": slug_from(stem(plain), title) or f"article-{number}",
        "language": row.get("locale") or (category or {}).get("locale") or locale,
    }  # fmt: skip
    return checked(str(number), where, values, language=locale)


def _apart(rows: list[Found]) -> list[Found]:
    """Translations may share a slug in Chatwoot; here each article has its own."""
    taken: set[str] = set()
    for row in rows:
        if slug := row.values.get("slug"):
            if slug in taken:
                row.values["slug"] = f"{slug[: 99 - len(row.ref)]}-{row.ref}"
            taken.add(row.values["slug"])
    return rows


def read_canned_responses(account: Source) -> list[Found]:
    """values: code and text."""
    try:
        rows = parsing.clean(chatwoot.client(account, watched=True).canned_responses())
    except DeliveryError as error:
        raise CannotRead(f"{texts.CANNED_UNREAD} {error}") from error
    found = []
    for row in rows:
        number, code, text = parsing.identifier(row.get("id")), row.get("short_code"), row.get("content")
        where = texts.CANNED_RESPONSE % {"n": number, "title": str(code or "")[:60]}
        if (
            not number
            or not isinstance(code, str)
            or not code.strip()
            or not isinstance(text, str)
            or not text.strip()
        ):
            found.append(Found(str(number), where, problem=texts.NO_CODE))
        elif len(code) > 100 or len(text) > 100_000:
            found.append(Found(str(number), where, problem=texts.LONG_CODE))
        else:
            found.append(Found(str(number), where, {"code": code.strip(), "text": text.strip()}))
    return found
