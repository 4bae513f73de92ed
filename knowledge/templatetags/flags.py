"""Template filters of risk flags: their reasons, which are kept in English, in the language of the page."""

from django import template

from ..risk import flag_texts

register = template.Library()


@register.filter
def flag_reason(reason: str | None) -> str:
    return flag_texts.shown(reason or "")
