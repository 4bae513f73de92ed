"""Writes the version that an approved change makes, and the article's row with it. Called by changes.py alone."""

from datetime import datetime

from django.contrib.auth.models import User

from ..models import Article, ArticleVersion, Change
from . import fields
from .refusals import moved


def write_version(article: Article, change: Change, *, by: User, now: datetime) -> ArticleVersion:
    texts = {name: getattr(article, name) for name in fields.TEXTS} if article.version else {}
    texts |= {name: change.proposed[name] for name in fields.TEXTS if name in change.proposed}
    version = ArticleVersion.objects.create(
        article=article, number=article.version + 1, change=change, made_by=change.made_by, approved_by=by,
        approved_at=now, **texts,
    )  # fmt: skip
    withdrawn = change.kind == Change.Kind.WITHDRAW
    written = Article.objects.filter(pk=article.pk, version=article.version).update(
        current=version, version=version.number, updated_at=now, **fields.columns(change.proposed),
        status=Article.Status.WITHDRAWN if withdrawn else Article.Status.LIVE,
    )  # fmt: skip
    if not written:
        raise moved(version.number)
    article.changes.filter(kind=Change.Kind.QUESTIONS, status=Change.Status.OPEN).update(
        base_version=version.number
    )  # fit any text
    if "inboxes" in change.proposed:
        article.inboxes.set(change.proposed["inboxes"])
    return version
