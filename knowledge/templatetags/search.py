"""Template filters of the pages about search."""

from django import template

from ..text import languages

register = template.Library()


@register.filter
def language(code: str) -> str:
    """ "de" → German."""
    return languages.shown(code)
