"""The button for single sign-on, where it is set up."""

from typing import Any

from django import template
from django.conf import settings
from django.template import Context

register = template.Library()


@register.inclusion_tag("support/single_sign_on.html", takes_context=True)
def single_sign_on(context: Context) -> dict[str, Any]:
    return {"on": bool(settings.OIDC_ISSUER), "name": settings.OIDC_NAME, "next": context.get("next", "")}
