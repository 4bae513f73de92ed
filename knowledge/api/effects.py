"""The effect of an approved change, as programs read it. How it is counted: learning/effects.py."""

from typing import Any

from django.contrib.auth.models import User
from rest_framework import serializers

from webhooks.accounts import access
from webhooks.database import clock

from ..learning import effects
from ..learning.effect import Line
from ..learning.effect_measures import MEASURES, Figure, Verdict
from ..models import ArticleVersion, Change
from ..uncertainty import Estimate


class IntervalSerializer(serializers.Serializer):
    value = serializers.FloatField()
    low = serializers.FloatField()
    high = serializers.FloatField()


class SidesSerializer(serializers.Serializer):
    before = serializers.FloatField(allow_null=True, help_text="0 to 1; null without decisions")
    n_before = serializers.IntegerField()
    after = serializers.FloatField(allow_null=True)
    n_after = serializers.IntegerField()
    change = IntervalSerializer(
        allow_null=True, help_text="after − before, with a 90 % interval that holds for looking at any time"
    )


class MeasureSerializer(SidesSerializer):
    name = serializers.ChoiceField([measure.name for measure in MEASURES])
    verdict = serializers.ChoiceField(list(Verdict))
    others = SidesSerializer(help_text="All other articles in the same weeks")
    beyond = IntervalSerializer(allow_null=True, help_text="The change without what the others did, too")


class EffectSerializer(serializers.Serializer):
    verdict = serializers.ChoiceField(list(Verdict), help_text="That of `accepted`")
    version = serializers.IntegerField(help_text="What the change became")
    against = serializers.IntegerField(help_text="The version with the text before it")
    since = serializers.DateTimeField()
    until = serializers.DateTimeField()
    measures = MeasureSerializer(many=True)


def of_change(change: Change, user: User) -> dict[str, Any] | None:
    """None before the approval, for a change that changed no text, and for people who may not read the team's decisions."""
    version = ArticleVersion.objects.filter(change=change).select_related("article").first()
    if version is None or not access.may(user, "learning"):
        return None
    found = effects.of_version(version, user, now=clock.now())
    return None if found is None else dict(EffectSerializer(_told(found)).data)


def _told(found: effects.Found) -> dict[str, Any]:
    step = found.step
    return {
        "verdict": found.effect.verdict, "version": step.version.number, "against": step.before[-1], "since": step.since,
        "until": step.until, "measures": [_measure(line) for line in found.effect.lines],
    }  # fmt: skip


def _measure(line: Line) -> dict[str, Any]:
    own = {"name": line.own.measure.name, "verdict": line.verdict, **_sides(line.own)}
    return own | {"others": _sides(line.others), "beyond": _interval(line.beyond)}


def _sides(figure: Figure) -> dict[str, Any]:
    return {
        "before": figure.before, "n_before": figure.n_before, "after": figure.after, "n_after": figure.n_after,
        "change": _interval(figure.change),
    }  # fmt: skip


def _interval(estimate: Estimate | None) -> dict[str, float] | None:
    return None if estimate is None else estimate._asdict()
