"""Notices live articles whose newest text did worse than the one before: an alert, and a change that would restore the old text.

The change is only proposed. It is proposed once per version: a Lead who dismisses it has decided, and the alert closes.
"""

from datetime import datetime

from django.contrib.auth.models import User

from webhooks.alerts import alerts
from webhooks.display import charts

from ..articles import change_notes, changes
from ..models import Article, Change
from . import effects
from .effect import Line
from .effect_measures import Verdict
from .effects import Found, Step

KIND = "article_worse"
EVERYONE = User(is_superuser=True)  # never saved: reads the decisions of every inbox


def watch(*, now: datetime) -> None:
    """The chore. An alert closes when the figures recover, the text changes, or a Lead decides about the roll-back."""
    worse = {
        f"{KIND}:{one.step.version.pk}": one for one in found(now=now) if _wait_for_a_decision(one, now=now)
    }
    alerts.sync(KIND, {key: text_of(one) for key, one in worse.items()}, now=now)


def found(*, now: datetime) -> list[Found]:
    """Live articles whose newest text is worse, with what all others did beside it."""
    newest = [
        one.step
        for one in effects.of_quarter(EVERYONE, now=now).rows
        if _is_live(one.step, now) and _is_suspect(one)
    ]
    full = filter(None, (effects.of_version(step.version, EVERYONE, now=now) for step in newest))
    return [one for one in full if one.effect.alarming]


def _is_live(step: Step, now: datetime) -> bool:
    return (
        step.article.status == Article.Status.LIVE and step.article.version in step.after and now < step.until
    )


def _is_suspect(one: Found) -> bool:
    return any(line.own.verdict == Verdict.WORSE for line in one.effect.lines)


def _wait_for_a_decision(one: Found, *, now: datetime) -> bool:
    """Proposes the roll-back where nobody has yet."""
    article, version = one.step.article, one.step.version
    proposed = article.changes.filter(
        kind=Change.Kind.ROLLBACK, origin=Change.Origin.EFFECT, created_at__gte=version.approved_at
    ).order_by("-pk").first()  # fmt: skip
    if proposed is None:
        try:
            proposed = changes.roll_back(
                article,
                to=one.step.before[-1],
                by=None,
                now=now,
                origin=Change.Origin.EFFECT,
                note=text_of(one)[:500],
            )
        except changes.Refused:  # someone published meanwhile: the next look finds another text
            return False
    return proposed.status == Change.Status.OPEN


def text_of(one: Found) -> str:
    step = one.step
    facts = {
        "title": step.article.title[:80],
        "n": step.version.number,
        "figures": change_notes.BETWEEN.join(map(_said, one.effect.alarming)),
        "before": step.before[-1],
    }
    return change_notes.WORSE % facts


def _said(line: Line) -> str:
    own, beyond = line.own, line.beyond
    facts = {
        "measure": str(own.measure.label).lower(),
        "before": charts.share(own.before or 0), "n_before": f"{own.n_before:,}",
        "after": charts.share(own.after or 0), "n_after": f"{own.n_after:,}",
    }  # fmt: skip
    if beyond is None:
        return change_notes.FELL % facts
    return change_notes.FELL_FURTHER % (facts | {"points": f"{abs(beyond.value) * 100:.0f}"})
