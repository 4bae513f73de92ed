"""Second grades: decided drafts graded again by someone else, to see how far grades agree. And how many are drawn for that."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from .grades import GRADES
from .learning import LearningSignal


class SecondGrade(models.Model):
    """Given without seeing the first grades. Goes with its signal."""

    signal = models.OneToOneField(LearningSignal, models.CASCADE, related_name="second")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    tone = models.PositiveSmallIntegerField()
    accuracy = models.PositiveSmallIntegerField()
    policy = models.PositiveSmallIntegerField()

    class Meta:
        verbose_name = _("second grade")
        verbose_name_plural = _("second grades")
        constraints = [
            models.CheckConstraint(
                condition=Q(tone__range=(1, 5), accuracy__range=(1, 5), policy__range=(1, 5)),
                name="second_grades_are_1_to_5",
            )
        ]

    def __str__(self) -> str:
        return f"Second grades of signal {self.signal_id}"

    @property
    def grades(self) -> dict[str, int]:
        return {name: getattr(self, name) for name in GRADES}


class SecondGradeSettings(models.Model):
    """How many decided drafts are graded again: one row."""

    percent = models.PositiveSmallIntegerField(
        _("decided drafts graded again, in percent"), default=5, help_text=_("From 0 to 100. 0: none")
    )
    changed_at = models.DateTimeField(null=True, editable=False)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+"
    )

    class Meta:
        verbose_name = _("second grade settings")
        verbose_name_plural = _("second grade settings")
        constraints = [
            models.CheckConstraint(condition=Q(pk=1), name="one_row_of_second_grade_settings"),
            models.CheckConstraint(condition=Q(percent__lte=100), name="second_grade_percent"),
        ]

    def __str__(self) -> str:
        return "Second grade settings"
