"""Intervals against published examples and against simulation."""

import random
from statistics import NormalDist

import pytest

from knowledge import uncertainty
from knowledge.uncertainty import Mean, Stratum

# Two-sided 90 %: the usual tables of Student's t.
STUDENT = [(10, 1.812), (19, 1.729), (30, 1.697), (60, 1.671), (120, 1.658)]
# Wilson's interval, 95 %, Newcombe 1998 (Statistics in Medicine 17:857-872), table I, method 3: r, n, low, high.
WILSON = [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)]


@pytest.mark.parametrize(("freedom", "expected"), STUDENT)
def test_the_quantile_of_t_is_the_tables(freedom, expected):
    assert uncertainty.student(freedom) == pytest.approx(expected, abs=1e-3)


@pytest.mark.parametrize(("r", "n", "low", "high"), WILSON)
def test_a_shares_interval_is_the_published_one(r, n, low, high):
    found = uncertainty.share(r / n, n, confidence=0.95)

    assert (found.low, found.high) == (pytest.approx(low, abs=1e-4), pytest.approx(high, abs=1e-4))


def test_welchs_interval_is_the_textbooks():
    # Two samples of 15 and 10 with means 20.8 and 23.0, variances 7.9 and 3.8 (Satterthwaite: 22.97 degrees of freedom).
    found = uncertainty.welch(Mean(20.8, 7.9, 15), Mean(23.0, 3.8, 10), confidence=0.95)

    error = (7.9 / 15 + 3.8 / 10) ** 0.5
    assert found.value == pytest.approx(-2.2)
    assert (found.high - found.value) / error == pytest.approx(2.0690, abs=2e-3)


def test_one_stratum_pools_to_its_own_difference():
    found = uncertainty.pooled([Stratum(60, 100, 50, 100)])

    assert found.value == pytest.approx(0.1)
    assert found.high - found.value == pytest.approx(
        NormalDist().inv_cdf(0.95) * (0.6 * 0.4 / 100 + 0.25 / 100) ** 0.5, abs=2e-3
    )


def test_many_small_strata_keep_their_confidence():
    """Where nothing changed, about 10 % of the pooled intervals leave zero out, however few cases a stratum has."""
    dice, outside = random.Random(7), 0
    for _ in range(400):
        strata = []
        for _ in range(15):
            p, n, before = dice.uniform(0.2, 0.9), dice.randint(1, 9), dice.randint(1, 9)
            strata.append(
                Stratum(
                    sum(dice.random() < p for _ in range(n)),
                    n,
                    sum(dice.random() < p for _ in range(before)),
                    before,
                )
            )
        outside += not uncertainty.pooled(strata).is_noise

    assert 0.06 <= outside / 400 <= 0.14, outside


def test_without_any_stratum_there_is_no_figure():
    assert uncertainty.pooled([Stratum(0, 0, 3, 9)]) is None


@pytest.mark.parametrize("known", [0.0, 1e-12, 1e-6, 0.01])
def test_a_look_just_after_the_change_knows_nothing_and_says_so(known):
    """A minute after an approval: the page of the article shows an interval that leaves everything open."""
    confidence = uncertainty.watched(known)

    found = uncertainty.share(0.5, 40, confidence=confidence)

    assert found.low < 0.2
    assert found.high > 0.8
