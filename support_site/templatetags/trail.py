"""The path in a page's header, its tabs and the window's title, from the one table of pages."""

from typing import Any

from django import template
from django.template.loader import render_to_string
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from ..navigation import layout

register = template.Library()


@register.simple_tag(takes_context=True)
def trail(context: template.Context) -> str:
    return render_to_string("support/trail.html", {"crumbs": _crumbs(context)})


@register.simple_tag(takes_context=True)
def window_title(context: template.Context) -> str:
    """The most telling first: a browser's tab shows no more than its beginning."""
    titles = [str(crumb.title) for crumb in _crumbs(context)]
    titles = titles[1:] if len(titles) > 1 else titles
    return " · ".join([*reversed(titles), str(context.get("site_title") or _("Support site"))])


@register.inclusion_tag("support/tabs.html", takes_context=True)
def group_tabs(context: template.Context) -> dict[str, Any]:
    request = context.get("request")
    if request is None or not request.user.is_authenticated or context.get("is_popup"):
        return {"tabs": []}
    return {"tabs": layout.tabs(request, _shown(context))}


def _crumbs(context: template.Context) -> list[layout.Crumb]:
    title = str(context.get("title") or context.get("content_title") or "")
    return layout.trail(context["request"], title=capfirst(title), shown=_shown(context))


def _shown(context: template.Context) -> Any:
    return context.get("original") or context.get("object")
