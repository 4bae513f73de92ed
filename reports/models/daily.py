"""Past days, counted once (attainment/daily_rollup.py)."""

from django.db import models


class DayTally(models.Model):
    """Clocks decided or stopped on one day, by one grouping. changes: how many DayChanges existed when it was counted."""

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
    """A clock of a past day was written. Rows are only added, so that writers never wait for each other."""

    day = models.DateField(db_index=True)

    def __str__(self) -> str:
        return str(self.day)
