"""One row: the stamp of what search reads, why it goes by words alone, if it does, and how far probes were grown."""

import uuid
from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

ONLY = 1


class SearchStateQuerySet(models.QuerySet["SearchState"]):
    def only_row(self) -> "SearchState":
        return self.get_or_create(pk=ONLY)[0]

    def stamp(self) -> str:
        return self.filter(pk=ONLY).values_list("stamp", flat=True).first() or ""

    def move(self) -> None:
        """In the transaction that changes what is live: a process that reads the new stamp also reads the change.

        By chance and not by counting: a restored database must not come back to a number that a process knows.
        """
        stamp = uuid.uuid4().hex
        if not self.filter(pk=ONLY).update(stamp=stamp):
            self.bulk_create([self.model(pk=ONLY, stamp=stamp)], ignore_conflicts=True)
            self.filter(pk=ONLY).update(stamp=stamp)

    def trouble(self) -> str:
        return self.filter(pk=ONLY).values_list("trouble", flat=True).first() or ""

    def note(self, trouble: str) -> None:
        """Writes only what is new."""
        if self.trouble() == trouble[:300]:
            return
        if not self.filter(pk=ONLY).update(trouble=trouble[:300]):
            self.bulk_create([self.model(pk=ONLY, trouble=trouble[:300])], ignore_conflicts=True)


class SearchState(models.Model):
    stamp = models.CharField(max_length=32, blank=True)
    trouble = models.CharField(max_length=300, blank=True)
    grown_to_signal = models.PositiveBigIntegerField(
        default=0, help_text="The last one that probes were made from"
    )
    grown_to_dismissal = models.PositiveBigIntegerField(
        default=0, help_text="The last one that probes were made from"
    )

    objects: ClassVar[SearchStateQuerySet] = SearchStateQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("search state")
        verbose_name_plural = _("search states")

    def __str__(self) -> str:
        return f"stamp {self.stamp}"
