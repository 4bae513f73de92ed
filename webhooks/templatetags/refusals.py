"""A refused request in a template."""

from django import template

from ..display import rejection_text
from ..models import Rejection

register = template.Library()


@register.filter
def refused_for(row: Rejection) -> str:
    return rejection_text.reason(row.code)[0]


@register.filter
def clock_words(row: Rejection) -> str:
    return rejection_text.clock(row)


@register.filter
def agent(headers: dict[str, str]) -> str:
    return headers.get("User-Agent", "")[:60]
