"""A system that OUT deliveries call, once it has failed: how often in a row, and whether its circuit is open."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .source import Source


class Upstream(models.Model):
    key = models.CharField(max_length=60, unique=True, help_text="chatwoot:<source id>, or drafter")
    source = models.ForeignKey(Source, models.CASCADE, null=True, blank=True, related_name="upstreams")
    failures = models.PositiveIntegerField(gettext_lazy("failures"), default=0, help_text="In a row")
    pauses = models.PositiveIntegerField(default=0)
    opened_at = models.DateTimeField(null=True, blank=True)
    probe_at = models.DateTimeField(null=True, blank=True)
    probe = models.BigIntegerField(null=True, blank=True, help_text="The delivery that is let through")
    failed_at = models.DateTimeField(null=True, blank=True)
    last_error = models.CharField(gettext_lazy("last error"), max_length=500, blank=True)

    class Meta:
        verbose_name = gettext_lazy("upstream")
        verbose_name_plural = gettext_lazy("upstreams")
        constraints = [
            models.CheckConstraint(
                condition=Q(opened_at=None, probe_at=None, probe=None)
                | Q(opened_at__isnull=False, probe_at__isnull=False),
                name="probe_at_exactly_while_open",
            )
        ]

    def __str__(self) -> str:
        return _("Chatwoot (%(source)s)") % {"source": self.source} if self.source else _("Drafter")
