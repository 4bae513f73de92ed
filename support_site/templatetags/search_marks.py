"""Marks the words of a search in what it found, and lists what a person can search."""

from django import template
from django.contrib.auth.models import AnonymousUser, User
from django.utils.safestring import SafeString

from webhooks.mirror.message_index import Query

from ..search import hits, kinds

register = template.Library()


@register.filter
def marked(text: str, query: Query) -> SafeString:
    return hits.marked(text, query)


@register.filter
def searchable(user: User | AnonymousUser) -> list[kinds.Kind]:
    return kinds.of(user) if isinstance(user, User) else []
