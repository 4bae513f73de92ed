"""The record of model calls and the day's budget."""

import logging
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlsplit

from django.conf import settings
from django.db.models import Count, F, Sum, Value
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext as _

from webhooks.display import formats
from webhooks.models import Delivery

from ..models import Draft, DrafterLimits, ModelCall
from . import drafting_texts as texts
from .model_answers import Completion

logger = logging.getLogger(__name__)


@dataclass
class Record:
    """The calls that one request for a draft makes."""

    model: str
    prompt_version: str
    delivery: Delivery | None
    now: datetime
    rows: list[ModelCall] = field(default_factory=list)

    def add(self, outcome: ModelCall.Outcome, *, ms: int, said: Completion | None = None) -> None:
        """Written at once: a call that was made is counted, whatever becomes of the draft."""
        said = said or Completion("")
        row = ModelCall.objects.create(
            at=self.now, delivery=self.delivery, endpoint=_host(), model=self.model[:150], prompt_version=self.prompt_version,
            tokens_in=said.tokens_in, tokens_out=said.tokens_out, cost=said.cost, ms=ms, finish_reason=said.finish_reason,
            outcome=outcome,
        )  # fmt: skip
        self.rows.append(row)
        logger.info("model.called", extra={"model": row.model, "outcome": row.outcome, "ms": ms})

    def correct(self, outcome: ModelCall.Outcome) -> None:
        """How the newest call turned out, once its answer was read."""
        row = self.rows[-1]
        row.outcome = outcome
        row.save(update_fields=["outcome"])

    def link(self, draft: Draft) -> None:
        ModelCall.objects.filter(pk__in=[row.pk for row in self.rows]).update(draft=draft)


def _host() -> str:
    """Without a user name or a password that an address may hold."""
    parts = urlsplit(settings.DRAFTER_URL)
    return f"{parts.scheme}://{parts.hostname}{f':{parts.port}' if parts.port else ''}{parts.path}"[:200]


def budget_used_up(*, now: datetime) -> str:
    """Which limit of the day is reached, in words; empty if none is. A day begins at midnight in TIME_ZONE."""
    limits = DrafterLimits.objects.filter(pk=1).first()
    if limits is None or (limits.calls_a_day is None and limits.tokens_a_day is None):
        return ""
    used = used_today(now=now)
    if limits.calls_a_day is not None and used["calls"] >= limits.calls_a_day:
        return _(texts.CALLS_USED_UP) % {"n": formats.number(limits.calls_a_day)}
    if limits.tokens_a_day is not None and used["tokens"] >= limits.tokens_a_day:
        return _(texts.TOKENS_USED_UP) % {"n": formats.number(limits.tokens_a_day)}
    return ""


def used_today(*, now: datetime) -> dict[str, int]:
    """{"calls", "tokens"} since midnight."""
    since = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    tokens = Coalesce(F("tokens_in"), Value(0)) + Coalesce(F("tokens_out"), Value(0))
    found = ModelCall.objects.filter(at__gte=since, at__lte=now).aggregate(
        calls=Count("pk"), tokens=Sum(tokens)
    )
    return {"calls": found["calls"], "tokens": found["tokens"] or 0}
