"""Weighted kappa: its value by hand, its interval against resampling."""

import random

import pytest

from knowledge.learning import agreement


def graded(dice: random.Random, n: int, noise: float) -> list[tuple[int, int]]:
    """Two people who see the same draft, each with their own error."""
    made = []
    for _ in range(n):
        true = dice.choice((2, 3, 4, 4, 5, 5))
        made.append(tuple(min(max(round(true + dice.gauss(0, noise)), 1), 5) for _ in range(2)))
    return made


def test_the_same_grades_agree_fully():
    assert agreement.kappa([(4, 4), (5, 5)] * 20).value == pytest.approx(1)


def test_what_chance_gives_is_zero():
    pairs = [(one, other) for one in agreement.SCALE for other in agreement.SCALE]

    assert agreement.kappa(pairs).value == pytest.approx(0)


def test_opposite_grades_are_below_chance():
    assert agreement.kappa([(1, 5), (5, 1)] * 10).value == pytest.approx(-1)


def test_kappa_by_hand():
    # Of ten: six pairs 5/5, two 5/4, two 4/5. Observed 1 - 0.4/16, chance 1 - (2 * 0.8 * 0.2)/16.
    found = agreement.kappa([(5, 5)] * 6 + [(5, 4)] * 2 + [(4, 5)] * 2)

    assert found.value == pytest.approx(1 - 0.4 / 0.32)


def test_two_grades_apart_weigh_four_times_one():
    base = [(1, 1), (5, 5)] * 20
    near, far = (agreement.kappa([*base, pair, pair[::-1]]).value for pair in ((3, 4), (2, 4)))

    assert 3 < (1 - far) / (1 - near) < 5


def test_where_every_grade_is_five_there_is_nothing_to_agree_about():
    found = agreement.agreement([(5, 5)] * 30)

    assert (found.kappa, found.text, found.same) == (None, "all grades are the same", 30)


def test_under_twenty_it_is_not_known():
    assert agreement.agreement([(5, 4)] * 9).text == "not known yet (n = 9)"


def test_the_interval_is_that_of_resampling():
    dice = random.Random(3)
    pairs = graded(dice, 200, 0.7)
    resampled = sorted(agreement.kappa(dice.choices(pairs, k=200)).value for _ in range(1000))

    found = agreement.kappa(pairs)

    assert found.low == pytest.approx(resampled[50], abs=0.03)
    assert found.high == pytest.approx(resampled[950], abs=0.03)


def test_nine_in_ten_intervals_hold_the_truth():
    dice = random.Random(9)
    truth = agreement.kappa(graded(dice, 100_000, 0.6)).value

    held = sum(
        found.low <= truth <= found.high
        for found in (agreement.kappa(graded(dice, 120, 0.6)) for _ in range(300))
    )

    assert 0.85 <= held / 300 <= 0.95
