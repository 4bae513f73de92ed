"""Proposes and decides changes of articles in tests."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User

from knowledge.articles import changes
from knowledge.models import Article, ArticleVersion, Change
from tests.factories import NOW


def proposed(article: Article, *, by: User | None = None, origin: str = "PERSON", **given: Any) -> Change:
    return changes.propose(article, given, kind="EDIT", origin=origin, by=by, now=NOW)


def refusal(verb: Callable[..., Any], *subject: Any, **arguments: Any) -> str:
    """The code with which a verb refuses."""
    with pytest.raises(changes.Refused) as refused:
        verb(*subject, **arguments)
    return refused.value.code


def approve(change: Change, by: User, base: int | None = None) -> ArticleVersion:
    return changes.approve(change, by=by, base_version=change.base_version if base is None else base, now=NOW)


def reread(article: Article) -> Article:
    return Article.objects.get(pk=article.pk)
