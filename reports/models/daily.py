"""Days that are over, counted once (daily.py)."""

from django.db import models


class DayTally(models.Model):
    """What was decided and what stopped in one day, by one grouping. changes: how many the day had when it was counted."""

    zone = models.CharField(max_length=64)
    day = models.DateField()
    by = models.CharField(max_length=10)
    changes = models.PositiveIntegerField()
    content = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["zone", "by", "day"], name="one_tally_a_day")]

    def __str__(self) -> str:
        return f"{self.day} by {self.by}"


class DayChange(models.Model):
    """That a clock of a day that is over was written. Only ever added: writers need not wait for each other."""

    day = models.DateField(db_index=True)

    def __str__(self) -> str:
        return str(self.day)
