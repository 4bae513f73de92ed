"""One web page: its main text as Markdown. The call is judged like every call to an address that a person entered."""

from urllib.parse import unquote, urlsplit

from justhtml import JustHTML

from webhooks.errors import DeliveryError
from webhooks.outbound import web_page

from ..articles.fields import slug_from
from ..models.article_languages import code_of
from . import texts
from .found import CannotRead, Found, checked, stem

MAIN = ("article", "main", "[role=main]", "body")
LEAST_BESIDE_A_FORM = 300  # characters: a page that answers something says more beside its sign-in
NOISE = ("nav", "footer", "aside", "script", "style", "form", "noscript", "iframe", "svg", "button")


def read(url: str, *, language: str) -> list[Found]:
    try:
        page = web_page.get(url)
    except DeliveryError as error:
        raise CannotRead(str(error)) from error
    document = JustHTML(page, sanitize=False)  # only its text is kept, and pages escape it
    main = next((found[0] for selector in MAIN if (found := document.query(selector))), None)
    if main is None:
        raise CannotRead(texts.NO_TEXT % {"url": url})
    title = _text(main, "h1") or _text(document, "h1") or _text(document, "title")
    asks_for_password = bool(main.query("input[type=password]"))
    for selector in (*NOISE, "h1"):
        for node in main.query(selector):
            if node.parent is not None:
                node.parent.remove_child(node)
    body = main.to_markdown().strip()
    if asks_for_password and len(body) < LEAST_BESIDE_A_FORM:
        raise CannotRead(texts.SIGN_IN % {"url": url})
    if not body:
        raise CannotRead(f"{texts.NO_TEXT % {'url': url}} {texts.NO_SCRIPTS}")
    html = document.query("html")
    named = code_of(str((html[0].attrs or {}).get("lang") or "")) if html else None
    last = unquote(urlsplit(url).path).rstrip("/").rpartition("/")[2]
    values = {
        "title": title[:200] or last,
        "body": body,
        "slug": slug_from(stem(last), title),
        "language": named or "",
    }
    return [checked(url[:500], url, values, language=language)]


def _text(node: object, selector: str) -> str:
    found = node.query(selector)  # type: ignore[attr-defined]
    return " ".join(found[0].to_text().split()) if found else ""
