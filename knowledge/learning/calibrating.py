"""Fits confidence to this desk's own decisions, once a week. What is worse than the one in use is kept, and not used.

A decision counts as right if the best cited article stood: approved, or answered in Chatwoot, with less than a third changed. The
newest fifth of the decisions is not fitted on, and judges.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from ..models import Calibration, LearningSignal, SearchState
from ..models.grades import Decision
from ..search import confidence, embedders, index
from ..search.ranking import FEATURES
from . import edits

EVERY = timedelta(days=7)
LEAST, LEAST_EACH = 200, 40  # decisions; with either label
NEWEST = 0.2


@dataclass(frozen=True)
class Example:
    features: tuple[float, ...]
    is_right: bool


def keep_up(*, now: datetime) -> None:
    """The chore: a fit when the last one is a week old."""
    name = embedders.wanted()
    last = Calibration.objects.filter(embedder=name).order_by("-fitted_at").first()
    if last is None or last.fitted_at <= now - EVERY:
        calibrate(name, now=now)


def calibrate(name: str, *, now: datetime) -> Calibration | None:
    """None where there are too few decisions. The new one is active only if ECE and Brier score are no worse."""
    examples = decided(name)
    right = sum(one.is_right for one in examples)
    if len(examples) < LEAST or min(right, len(examples) - right) < LEAST_EACH:
        return None
    at = round(len(examples) * (1 - NEWEST))
    fitted = confidence.fit([one.features for one in examples[:at]], [one.is_right for one in examples[:at]])
    ece, brier = _judged(fitted, examples[at:])
    now_ece, now_brier = _judged(index.model_of(name), examples[at:])
    is_better = ece <= now_ece and brier <= now_brier
    with transaction.atomic():
        if is_better:
            Calibration.objects.filter(embedder=name, active=True).update(active=False)
            SearchState.objects.move()  # processes load it with their next search
        return Calibration.objects.create(
            embedder=name, coefficients=list(fitted.coefficients), decisions=len(examples), ece=ece, brier=brier,
            fitted_at=now, active=is_better,
        )  # fmt: skip


def decided(name: str) -> list[Example]:
    """Oldest first. Only decisions whose evidence has the features of this embedder."""
    signals = LearningSignal.objects.filter(withdrawn_at=None).select_related("draft").order_by("at", "pk")
    found = (
        _example(signal, name) for signal in signals.only("decision", "ratio", "draft__evidence").iterator()
    )
    return [one for one in found if one]


def _example(signal: LearningSignal, name: str) -> Example | None:
    features = _features(signal.draft.evidence, name)
    if features is None:
        return None
    stood = signal.ratio is not None and signal.ratio < edits.REWRITTEN
    return Example(features, stood and signal.decision != Decision.REJECTED)


def _features(evidence: Any, name: str) -> tuple[float, ...] | None:
    for item in evidence if isinstance(evidence, list) else []:
        if isinstance(item, Mapping) and item.get("embedder") == name:
            found = item.get("features")
            numbers = isinstance(found, list) and all(isinstance(one, int | float) for one in found)
            return tuple(map(float, found)) if numbers and found and len(found) == len(FEATURES) else None
    return None


def _judged(model: confidence.Model, examples: Sequence[Example]) -> tuple[float, float]:
    p, labels = [model.p(one.features) for one in examples], [one.is_right for one in examples]
    return confidence.calibration_error(p, labels), confidence.brier(p, labels)
