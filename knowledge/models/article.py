"""Articles: the approved answers that drafts are written from. The search over them is in search/."""

from typing import Any

from django.db import models
from simple_history.models import HistoricalRecords

from .search_state import SearchState


class ArticleQuerySet(models.QuerySet["Article"]):
    def update(self, **fields: Any) -> int:
        SearchState.objects.move()
        return super().update(**fields)


class Article(models.Model):
    """An approved answer. Each edit is a new version; history keeps the old ones, so that citations stay true."""

    slug = models.SlugField(unique=True)
    language = models.CharField(max_length=5, default="en")
    title = models.CharField(max_length=200)
    question = models.CharField(max_length=300, blank=True, help_text="As a customer would ask it")
    body = models.TextField(help_text="The answer as it is sent to customers")
    keywords = models.CharField(
        max_length=300, blank=True, help_text="Other words that customers use for this"
    )
    approved = models.BooleanField(default=True)
    version = models.PositiveIntegerField(default=1, editable=False)
    updated_at = models.DateTimeField(auto_now=True)
    history = HistoricalRecords()

    objects = ArticleQuerySet.as_manager()

    def __str__(self) -> str:
        return self.title

    def save(self, *args: Any, **kwargs: Any) -> None:
        SearchState.objects.move()
        super().save(*args, **kwargs)
