"""What surrounds every page: the sidebar, the tabs of a group, the path in the header and the window's title."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from webhooks.database import row_estimates

from . import pages
from .pages import DASHBOARD, HEALTH, INBOX, KNOWLEDGE, REPORTS, RUNBOOK, SETTINGS, Group, Page

# Groups whose pages share one entry of the sidebar; their tabs lead from one to the next.
WITH_TABS = (KNOWLEDGE, REPORTS, HEALTH)
README = "README.md"
# What is done to a row on its own pages.
STEPS = {
    "history": gettext_lazy("History"),
    "delete": gettext_lazy("Delete"),
    "password_change": gettext_lazy("Password"),
}


@dataclass(frozen=True)
class Crumb:
    title: pages.Text
    link: str = ""


def stylesheet(request: HttpRequest) -> str:
    return static("support/site.css")


def toast(request: HttpRequest) -> str:
    return static("support/toast.js")


def icon(request: HttpRequest) -> str:
    return static("support/icon.svg")


def account(request: HttpRequest) -> list[dict[str, Any]]:
    """The menu behind one's name."""
    return [
        {"title": str(page.title), "link": page.link} for page in pages.YOUR_ACCOUNT.for_user(request.user)
    ]


def sidebar(request: HttpRequest) -> list[dict[str, Any]]:
    """At most ten entries for each role. Called once a page."""
    place = pages.place_of(request.resolver_match)
    entries: list[tuple[pages.Text, list[dict[str, Any]]]] = [
        ("", [_entry(request, DASHBOARD, active=request.path == DASHBOARD.path)]),
        *((group.title, [_entry(request, page, active=bool(place and place[1] is page)) for page in group.for_user(request.user)])
          for group in (INBOX,)),
        ("", [entry for group in (KNOWLEDGE, REPORTS, HEALTH, SETTINGS) for entry in _group_entry(request, group, place)]),
    ]  # fmt: skip
    shown = [(title, items) for title, items in entries if items]
    return [
        {"title": title, "separator": place > 0, "items": items} for place, (title, items) in enumerate(shown)
    ]


def _entry(request: HttpRequest, page: Page, *, active: bool) -> dict[str, Any]:
    badge = _badge(request, page)
    return {
        "title": str(page.title), "icon": page.icon, "link": page.link, "active": lambda request: active,
        **({"badge": badge, "badge_variant": page.variant} if badge else {}),
    }  # fmt: skip


def _badge(request: HttpRequest, page: Page) -> str:
    """27, or 27 · 3 mine: how many wait, and how many of them for the reader."""
    total = _count(request, page)
    if not total:
        return ""
    mine = page.mine(request) if page.mine else None
    return _("%(total)s · %(mine)s mine") % {"total": total, "mine": mine} if mine else str(total)


def _group_entry(
    request: HttpRequest, group: Group, place: tuple[Group, Page] | None
) -> list[dict[str, Any]]:
    """One entry that leads to the first page a person may open. Everybody has the runbook, in an outage most of all."""
    mine = group.for_user(request.user)
    if not mine:
        return []
    if mine == [RUNBOOK]:
        return [_entry(request, RUNBOOK, active=bool(place and place[1] is RUNBOOK))]
    active = bool(place and place[0] is group)
    badge = _sum(request, mine)
    return [{
        "title": str(group.title), "icon": group.icon, "link": mine[0].link, "active": lambda request: active,
        **({"badge": str(badge), "badge_variant": "danger"} if badge else {}),
    }]  # fmt: skip


def _count(request: HttpRequest, page: Page) -> row_estimates.Count | None:
    """Counted once a request: the sidebar and the tabs show the same."""
    if page.badge is None or not page.is_for(request.user):
        return None
    counted: dict[str, row_estimates.Count] = request.__dict__.setdefault("_badges", {})
    if page.name not in counted:
        counted[page.name] = page.badge(request)
    return counted[page.name]


def _sum(request: HttpRequest, mine: list[Page]) -> row_estimates.Count:
    counts = [count for page in mine if (count := _count(request, page))]
    return row_estimates.Count(
        sum(count.number for count in counts), more=any(count.more for count in counts)
    )


def tabs(request: HttpRequest, shown: Any = None) -> list[dict[str, Any]]:
    """The pages of the group that a page belongs to, where they share one entry of the sidebar."""
    place = pages.place_of(request.resolver_match, shown)
    if place is None or place[0] not in WITH_TABS:
        return []
    mine = place[0].for_user(request.user)
    if len(mine) < 2:
        return []
    return [
        {
            "title": str(page.title),
            "link": page.link,
            "active": page is place[1] and _is_shown(request, page),
            "badge": _count(request, page),
        }
        for page in mine
    ]


def _is_shown(request: HttpRequest, page: Page) -> bool:
    """The list of dead letters is a filter on the list of all deliveries."""
    return page is not pages.DEAD_LETTERS or request.GET.get("status__exact") == "DEAD"


def trail(request: HttpRequest, *, title: str, shown: Any = None) -> list[Crumb]:
    """From the group to the page that is shown. The last one leads nowhere: it is here."""
    match = request.resolver_match
    name = match.url_name or "" if match else ""
    place = pages.place_of(match, shown)
    if place is None:
        inner = match is not None and name == "docs" and match.kwargs["name"] != README
        return [*([Crumb(_("Documents"), reverse("docs", args=[README]))] if inner else []), Crumb(title)]
    group, page = place
    above = [Crumb(group.title, _first_link(request, group))]
    if page is pages.SETTINGS_PAGE:
        return [Crumb(page.title)]
    if not _is_shown(request, page):
        return [*above, Crumb(_("All deliveries"))]
    if name == page.name.removeprefix("admin:"):
        return [*above, Crumb(page.title)]
    above.append(Crumb(page.title, page.link if page.is_for(request.user) else ""))
    if shown is None or isinstance(shown, str):
        return [*above, Crumb(title)] if title and title != page.title else [*above[:-1], Crumb(page.title)]
    step = STEPS.get(_verb(name, shown), "")
    if step:
        own = f"admin:{shown._meta.app_label}_{shown._meta.model_name}_change"
        return [*above, Crumb(str(shown), reverse(own, args=[shown.pk])), Crumb(step)]
    return [*above, Crumb(str(shown))]


def _verb(name: str, shown: Any) -> str:
    return name.removeprefix(f"{shown._meta.app_label}_{shown._meta.model_name}_")


def _first_link(request: HttpRequest, group: Group) -> str:
    return next((page.link for page in group.for_user(request.user)), "")
