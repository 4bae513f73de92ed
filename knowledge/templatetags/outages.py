"""The banner about approved replies that cannot be sent, on every page of those who answer customers."""

from typing import Any

from django import template

from webhooks.accounts import access
from webhooks.database import clock

from ..replies import outages

register = template.Library()


@register.inclusion_tag("knowledge/outages.html", takes_context=True)
def outage_banner(context: template.Context) -> dict[str, Any]:
    """Kept up to date by the page itself. Nothing for people who see no drafts."""
    request = context.get("request")
    if request is None or not access.may(request.user, "drafts"):
        return {"shown": False}
    return {"shown": True, "outages": outages.current(access.person(request), now=clock.now())}
