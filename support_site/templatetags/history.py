"""The name of a column as its reader knows it, for the history of a row."""

from typing import Any

from django import template
from django.contrib.admin.utils import label_for_field

register = template.Library()


@register.filter
def label_of(opts: Any, column: str) -> str:
    """opts: of the model."""
    return str(label_for_field(column, opts.model))
