"""Two live articles that state one fact differently, as last compared (articles/contradictions.py)."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from .article import Article


class Contradiction(models.Model):
    article = models.ForeignKey(Article, models.CASCADE, related_name="contradictions")
    other = models.ForeignKey(Article, models.CASCADE, related_name="+")
    sentence = models.CharField(max_length=400)
    other_sentence = models.CharField(max_length=400)

    class Meta:
        verbose_name = _("contradiction")
        verbose_name_plural = _("contradictions")
        constraints = [
            models.UniqueConstraint(fields=["article", "other"], name="one_contradiction_a_pair"),
            models.CheckConstraint(condition=Q(article__lt=F("other")), name="contradiction_in_order"),
        ]

    def __str__(self) -> str:
        return f"{self.sentence} / {self.other_sentence}"
