"""The name of a column as its reader knows it, for the history of a row."""

from django import template
from django.utils.translation import gettext

register = template.Library()


@register.filter
def label_of(column: str) -> str:
    """column: of history_list_display, where it is marked with gettext_noop unless a field's label has the same text."""
    return gettext(column.replace("_", " "))
