"""The help centre and the canned responses of the stand-in Chatwoot: its API, its public pages, and samples for the demo.

Shapes as Chatwoot 4 answers them: 25 articles a page, the most recently changed first.
"""

from __future__ import annotations

import re
from html import escape

import markdown_it

from .calls import Call, Refused
from .records import CannedResponse, HelpArticle, Json
from .world import NotFound, World

PAGE = 25
PORTAL = "help"
SAMPLES = (
    (
        "Gift cards",
        "en",
        "Gift cards are sent by email within **five minutes**. They are valid for three years.",
    ),
    (
        "Student discount",
        "en",
        "Students get 10 % off. Sign in with your university address and open *Discounts*.",
    ),
    (
        "Geschenkkarten",
        "de",
        "Geschenkkarten kommen innerhalb von fünf Minuten als Mail. Sie gelten drei Jahre.",
    ),
)
CANNED = (
    ("thanks", "Thank you for your patience, {{contact.first_name}}."),
    ("order-number", "Could you please send us your order number? It is in the confirmation email."),
)


def add_samples(world: World) -> None:
    for title, locale, content in SAMPLES:
        add_article(world, title=title, content=content, locale=locale)
    for code, content in CANNED:
        add_canned_response(world, code, content)


def add_article(world: World, *, title: str, content: str, portal: str = PORTAL, **facts: str) -> HelpArticle:
    now, number = world.now(), world.next_id("article")
    words = re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")
    facts = {"slug": f"{int(now)}-{words}"} | facts
    found = HelpArticle(number, portal, title, content, updated_at=now, **facts)
    world.help_articles[number] = found
    return found


def add_canned_response(world: World, code: str, content: str) -> CannedResponse:
    number = world.next_id("canned_response")
    world.canned_responses[number] = CannedResponse(number, code, content)
    return world.canned_responses[number]


def articles(call: Call) -> Json:
    mine = _of_portal(call)
    locale, status = call.request.query.get("locale"), call.request.query.get("status")
    found = [one for one in mine if locale in (None, "", one.locale) and status in (None, "", one.status)]
    found.sort(key=lambda one: (one.updated_at, one.id), reverse=True)
    page = max(call.number("page", 1), 1)
    meta = {
        "all_articles_count": len(mine), "articles_count": len(found), "current_page": page,
        "published_count": sum(one.status == "published" for one in mine),
    }  # fmt: skip
    payload = [_shape(call.world, one) for one in found[(page - 1) * PAGE : page * PAGE]]
    return {"payload": payload, "meta": meta}


def article(call: Call) -> Json:
    found = next((one for one in _of_portal(call) if one.id == call.ids["article"]), None)
    if found is None:
        raise NotFound(str(call.ids["article"]))
    return {"payload": _shape(call.world, found)}


def canned_responses(call: Call) -> list[Json]:
    account = call.world.account_id
    return [
        {"id": one.id, "account_id": account, "short_code": one.short_code, "content": one.content}
        for one in call.world.canned_responses.values()
    ]


def _of_portal(call: Call) -> list[HelpArticle]:
    found = [one for one in call.world.help_articles.values() if one.portal == call.names["portal"]]
    if not found:
        raise Refused(404, {"error": "Resource could not be found"})
    return found


def _shape(world: World, one: HelpArticle) -> Json:
    return {
        "id": one.id, "slug": one.slug, "title": one.title, "content": one.content, "description": "", "status": one.status,
        "position": one.id * 10, "account_id": world.account_id, "updated_at": int(one.updated_at), "meta": {}, "views": 0,
        "category": {"id": None, "name": None, "slug": None, "locale": one.locale}, "associated_articles": [],
    }  # fmt: skip


def page(world: World, path: str) -> str | None:
    """The public page of a published article, at /hc/<portal>/articles/<slug>."""
    found = re.fullmatch(r"/hc/([\w-]+)/articles/([\w-]+)", path)
    one = next(
        (a for a in world.help_articles.values() if found and (a.portal, a.slug) == found.groups()), None
    )
    if one is None or one.status != "published":
        return None
    text = markdown_it.MarkdownIt("commonmark", {"html": False}).render(one.content)
    return (
        f'<!doctype html><html lang="{escape(one.locale)}"><head><meta charset="utf-8"><title>{escape(one.title)} | Help</title>'
        f"</head><body><nav>Home</nav><main><h1>{escape(one.title)}</h1><article>{text}</article></main>"
        "<footer>Made with Chatwoot</footer></body></html>"
    )
