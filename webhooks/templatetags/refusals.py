"""A refused request in a template."""

from django import template

from .. import rejection_words
from ..models import Rejection

register = template.Library()


@register.filter
def refused_for(row: Rejection) -> str:
    return rejection_words.reason(row.code)[0]


@register.filter
def clock_words(row: Rejection) -> str:
    return rejection_words.clock(row)


@register.filter
def agent(headers: dict[str, str]) -> str:
    return headers.get("User-Agent", "")[:60]
