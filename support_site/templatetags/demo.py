"""What the demo adds to every page: a banner, and its accounts on the sign-in page. Empty on a real site."""

from typing import Any

from django import template
from django.conf import settings
from django.template import Context

from ..demo import guide, people

register = template.Library()


@register.inclusion_tag("support/demo_banner.html", takes_context=True)
def demo_banner(context: Context) -> dict[str, Any]:
    request = context["request"]
    return {
        "demo": settings.DEMO, "signed_in": request.user.is_authenticated, "hidden": request.session.get(guide.HIDDEN),
        "csrf_token": context.get("csrf_token"),
    }  # fmt: skip


@register.inclusion_tag("support/demo_accounts.html")
def demo_accounts() -> dict[str, Any]:
    return {"people": people.PEOPLE if settings.DEMO else ()}
