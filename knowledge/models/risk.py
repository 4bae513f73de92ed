"""Risk rules: what makes a reply need a closer look. Rows that people edit, versioned; risk/ applies them."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from simple_history.models import HistoricalRecords

from ..text import links
from . import risk_kinds

MOST_WORDS = 500


class RiskRule(models.Model):
    """One thing to look for. risk_kinds.KINDS lists the fields that each kind reads."""

    name = models.CharField(
        gettext_lazy("name"),
        max_length=60,
        unique=True,
        help_text=gettext_lazy("Shown on the drafts that it flags"),
    )
    kind = models.CharField(
        gettext_lazy("kind"),
        max_length=10,
        choices=[(name, kind.label) for name, kind in risk_kinds.KINDS.items()],
    )
    active = models.BooleanField(gettext_lazy("active"), default=True)
    second_person = models.BooleanField(
        gettext_lazy("a second person must approve"),
        default=False,
        help_text=gettext_lazy("A person who has not written, edited or approved the draft"),
    )
    number = models.FloatField(gettext_lazy("amount or share"), null=True, blank=True)
    words = models.JSONField(
        gettext_lazy("words"),
        default=list,
        blank=True,
        help_text=gettext_lazy("* at an end matches any letters"),
    )
    where = models.CharField(gettext_lazy("where"),
        max_length=8, default=risk_kinds.DRAFT,
        choices=[
            (risk_kinds.DRAFT, gettext_lazy("in the reply")), (risk_kinds.CUSTOMER, gettext_lazy("in the customer's text")),
            (risk_kinds.BOTH, gettext_lazy("in both")),
        ],
    )  # fmt: skip
    version = models.PositiveIntegerField(gettext_lazy("version"), default=1, editable=False)

    history = HistoricalRecords()

    class Meta:
        verbose_name = gettext_lazy("risk rule")
        verbose_name_plural = gettext_lazy("risk rules")
        ordering = ("pk",)
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind__in=list(risk_kinds.KINDS)), name="risk_rule_kind_known"
            )
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        kind, errors = risk_kinds.KINDS.get(self.kind), {}
        if kind is None:
            return  # the field's own validation reports it
        if not isinstance(self.words, list) or not all(_is_word(word) for word in self.words):
            errors["words"] = _("Enter up to %(most)s words or phrases of up to 100 characters each.") % {
                "most": MOST_WORDS
            }
        elif len(self.words) > MOST_WORDS:
            errors["words"] = _("%(n)s entries are too many. The limit is %(most_words)s.") % {
                "n": len(self.words),
                "most_words": MOST_WORDS,
            }
        elif "words" in kind.needs and not self.words:
            errors["words"] = _("%(label)s: enter at least one.") % {"label": kind.label}
        elif self.kind == "link" and (odd := [word for word in self.words if not _is_host(word)]):
            errors["words"] = _("“%(odd)s” is not a host name. Write it as acme.example.") % {"odd": odd[0]}
        if "number" in kind.needs and self.number is None:
            errors["number"] = _("%(label)s: enter a value.") % {"label": kind.label}
        elif self.number is not None and not 0 <= self.number < 1e12:
            errors["number"] = _("Enter 0 or more.")
        elif self.kind == "confidence" and self.number is not None and self.number > 1:
            errors["number"] = _("Enter a share between 0 and 1: 0.4 is 40 %.")
        if errors:
            raise ValidationError(errors)


class RiskRuleSet(models.Model):
    """The rules that were on when a draft was proposed, word for word: loosening one serves the drafts that come after.

    One row for each different set, whichever drafts were judged by it.
    """

    digest = models.CharField(max_length=64, unique=True)
    rules = models.JSONField(help_text='[{"name", "kind", "words", "number", "where", "second_person"}]')

    class Meta:
        verbose_name = gettext_lazy("risk rule set")
        verbose_name_plural = gettext_lazy("risk rule sets")

    def __str__(self) -> str:
        return f"{len(self.rules)} risk rules"


def _is_word(value: Any) -> bool:
    return isinstance(value, str) and len(value.strip(" *")) > 0 and len(value) <= 100 and "\0" not in value


def _is_host(value: str) -> bool:
    host = links.as_listed(value)
    return "." in host and not any(letter.isspace() or letter in "@,;" for letter in host)
