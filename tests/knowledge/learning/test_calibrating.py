"""Confidence is fitted to the desk's own decisions: with enough of both kinds, once a week, and only if it is no worse."""

import random
from datetime import timedelta

import pytest

from knowledge.learning import calibrating
from knowledge.models import Calibration, Draft, LearningSignal
from knowledge.search import confidence, index
from tests.factories import NOW, make_draft, make_lead, make_waiting

pytestmark = pytest.mark.django_db
FEATURES = (0.5, 2.0, 2.5, 0.2, 2.0, 2.0, 0.2, 1.0, 0.5)


@pytest.fixture
def decided(seeded):
    """(how many, share right by the first feature) → signals with evidence"""
    draft, lead = make_draft(make_waiting()), make_lead()
    chance = random.Random(1)

    def make(count: int, *, means: float = 1.0, embedder: str = "use") -> None:
        for number in range(count):
            first = chance.random()
            right = chance.random() < (0.1 + 0.8 * first if means else 0.5)
            evidence = [{"article": "refund", "embedder": embedder, "features": [first, *FEATURES[1:]]}]
            copy = Draft.objects.get(pk=draft.pk)
            copy.pk, copy.evidence = None, evidence
            copy.status = "WITHDRAWN"
            copy.save(force_insert=True)
            LearningSignal.objects.create(
                draft=copy, conversation=copy.conversation, decision="approved" if right else "rejected", approval=number,
                kind="template_refinement", question="", proposal="", ratio=0.1 if right else None, author="x",
                author_kind="drafter", reviewer=lead, at=NOW + timedelta(minutes=number), waited_s=0,
            )  # fmt: skip

    return make


def test_too_few_decisions_are_not_fitted(decided):
    decided(50)

    assert calibrating.calibrate("use", now=NOW) is None


def test_decisions_of_another_embedder_do_not_count(decided):
    decided(260, embedder="minilm")

    assert calibrating.calibrate("use", now=NOW) is None


def test_a_better_fit_is_used_from_the_next_search_on(decided):
    decided(260)
    before = index.current()

    made = calibrating.calibrate("use", now=NOW)

    assert made.active
    assert index.model_of("use").coefficients == tuple(made.coefficients)
    assert index.current().model != before.model


def test_a_worse_fit_is_kept_and_not_used(decided, monkeypatch):
    decided(260)
    best = calibrating.calibrate("use", now=NOW)
    worse = index.model_of("use").__class__((5.0, *[0.0] * len(FEATURES)))
    monkeypatch.setattr(calibrating.confidence, "fit", lambda *args: worse)

    made = calibrating.calibrate("use", now=NOW + timedelta(days=7))

    assert not made.active
    assert Calibration.objects.get(active=True) == best


LABELS = {
    "approved as drafted": ({"decision": "approved", "ratio": 0.0}, True),
    "approved with a third changed": ({"decision": "approved", "ratio": 0.34}, False),
    "rejected": ({"decision": "rejected", "ratio": None}, False),
    "sent from Chatwoot as drafted": ({"decision": "overtaken", "ratio": 0.1}, True),
    "overtaken by other words": ({"decision": "overtaken", "ratio": 0.8}, False),
    "overtaken by a picture": ({"decision": "overtaken", "ratio": None}, False),
}  # fmt: skip


@pytest.mark.parametrize(("facts", "expected"), LABELS.values(), ids=LABELS)
def test_the_cited_article_counts_as_right_if_its_reply_stood(decided, facts, expected):
    decided(1)
    LearningSignal.objects.update(**{"reviewer": None, "kind": "superseded"} | facts)

    (example,) = calibrating.decided("use")

    assert example.is_right is expected


def test_a_decision_that_was_undone_does_not_count(decided):
    decided(1)
    LearningSignal.objects.update(withdrawn_at=NOW)

    assert calibrating.decided("use") == []


def test_a_fit_of_other_features_is_not_applied(decided):
    decided(260)
    calibrating.calibrate("use", now=NOW)
    Calibration.objects.update(coefficients=[0.0] * len(FEATURES))  # one too few

    assert index.model_of("use") == confidence.shipped("use")


def test_it_is_fitted_once_a_week(decided):
    decided(260)

    for day in (0, 1, 6, 7):
        calibrating.keep_up(now=NOW + timedelta(days=day))

    assert Calibration.objects.count() == 2
