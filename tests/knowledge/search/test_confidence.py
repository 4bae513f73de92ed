"""Confidence is a probability: fitted, judged, and never worse than what was in use."""

import json
import random

import pytest

from knowledge import uncertainty
from knowledge.search import confidence, measuring
from knowledge.search.measuring import Outcome
from knowledge.search.ranking import FEATURES


def examples(count: int, *, seed: int = 1) -> tuple[list[tuple[float, ...]], list[bool]]:
    """The label depends on the first feature alone: p = 1 / (1 + exp(−2x))."""
    chance = random.Random(seed)
    features = [tuple(chance.gauss(0, 1) for _ in range(len(FEATURES))) for _ in range(count)]
    truth = confidence.Model((0.0, 2.0, *[0.0] * (len(FEATURES) - 1)))
    return features, [chance.random() < truth.p(row) for row in features]


def test_a_fit_finds_the_coefficients_that_made_the_labels():
    found = confidence.fit(*examples(4000)).coefficients

    assert found[1] == pytest.approx(2, abs=0.2)
    assert all(abs(other) < 0.2 for other in (found[0], *found[2:]))


def test_a_fit_is_calibrated_on_other_examples():
    model = confidence.fit(*examples(2000))
    features, labels = examples(2000, seed=2)

    assert confidence.calibration_error([model.p(row) for row in features], labels) < 0.05


def test_shuffled_labels_separate_nothing():
    features, labels = examples(2000)
    random.Random(3).shuffle(labels)
    model = confidence.fit(features, labels)
    fresh, truth = examples(2000, seed=4)

    assert abs(confidence.separation([model.p(row) for row in fresh], truth) - 0.5) < 0.2


@pytest.mark.parametrize("features", [(one,) * len(FEATURES) for one in (1e9, -1e9, 0.0)])
@pytest.mark.parametrize("embedder", ["use", "words", "url somewhere m"])
def test_p_stays_a_probability(embedder, features):
    assert 0 <= confidence.shipped(embedder).p(features) <= 1


CLEAR = (0.8, 3.0, 3.5, 0.3, 2.0, 2.0, 0.2, 0.2, 1.5)  # as FEATURES names them
DOUBTFUL = (0.3, 0.05, 0.1, 0.01, 0.0, 2.0, 0.25, 2.5, -1.0)
JUDGED = json.loads(confidence.SHIPPED.read_text())


@pytest.mark.parametrize("embedder", ["use", "minilm", "words"])
def test_the_shipped_coefficients_were_judged_on_topics_that_they_had_not_seen(embedder):
    """As fit_confidence.py wrote them; an embedder that knows meaning separates better than words."""
    judged = JUDGED[embedder]["on_unseen_topics"]

    assert judged["n"] > 1000
    assert judged["ece"] <= 0.07
    assert judged["auc"] >= (0.78 if embedder == "words" else 0.86)


@pytest.mark.parametrize("embedder", ["use", "minilm"])
def test_an_embedders_own_coefficients_draft_what_is_clear_and_nothing_else(embedder):
    model = confidence.shipped(embedder)

    assert model != confidence.shipped("words")
    assert model.p(CLEAR) > 0.9
    assert model.p(DOUBTFUL) < confidence.MAY_FIT_FROM


def test_an_embedder_that_was_not_fitted_gets_the_cautious_coefficients():
    assert confidence.shipped("url somewhere m") == confidence.shipped("words")


@pytest.mark.parametrize(
    ("p", "labels", "expected"),
    [
        ([0.8] * 10, [True] * 8 + [False] * 2, 0.0),
        ([0.9] * 10, [True] * 5 + [False] * 5, 0.4),
        ([1.0, 0.0], [False, True], 1.0),
        ([], [], 0.0),
    ],
)
def test_the_calibration_error_is_the_gap_between_said_and_right(p, labels, expected):
    assert confidence.calibration_error(p, labels) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("p", "labels", "expected"),
    [
        ([0.9, 0.1], [True, False], 1.0),
        ([0.1, 0.9], [True, False], 0.0),
        ([0.5, 0.5], [True, False], 0.5),
        ([0.5, 0.6], [True, True], 0.5),
    ],
)
def test_separation_counts_the_pairs_in_the_right_order(p, labels, expected):
    assert confidence.separation(p, labels) == expected


def test_wilsons_interval_is_the_published_one():
    _, low, high = uncertainty.share(8 / 10, 10, confidence=0.95)

    assert (round(low, 3), round(high, 3)) == (0.490, 0.943)


OUTCOMES = [
    Outcome("refund", 1, 0.9), Outcome("refund", 3, 0.7), Outcome("refund", None, 0.2), Outcome(None, None, 0.6),
    Outcome(None, None, 0.1), Outcome("refund", None, 0.0, answered=False),
]  # fmt: skip
FIGURES = {
    "recall@1": (0.25, 4), "recall@3": (0.5, 4), "MRR": (1 / 3, 4), "right among drafted": (0.5, 2),
    "drafted, of answerable": (0.5, 4), "silent, of unanswerable": (0.5, 2), "AUC": (1.0, 6),
}  # fmt: skip


@pytest.mark.parametrize(("name", "expected"), FIGURES.items(), ids=FIGURES)
def test_figures_have_a_value_and_an_n(name, expected):
    figure = next(one for one in measuring.figures(OUTCOMES) if one.name == name)

    assert (pytest.approx(figure.value), figure.n) == expected


def test_a_figure_without_cases_is_no_data():
    figures = {figure.name: str(figure) for figure in measuring.figures([Outcome("refund", 1, 0.9)])}

    assert figures["silent, of unanswerable"].endswith("no data")
