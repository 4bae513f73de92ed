"""The banner about approved replies that cannot be sent, on pages of those who answer customers or run deliveries."""

from typing import Any

from django import template

from webhooks.accounts import access
from webhooks.database import clock

from ..replies import outages

register = template.Library()


@register.inclusion_tag("knowledge/outages.html", takes_context=True)
def outage_banner(context: template.Context) -> dict[str, Any]:
    """Kept up to date by the page itself. Nothing for people without customers or deliveries."""
    request = context.get("request")
    if request is None or not outages.concern(request.user):
        return {"shown": False}
    return {"shown": True, "outages": outages.current(access.person(request), now=clock.now())}
