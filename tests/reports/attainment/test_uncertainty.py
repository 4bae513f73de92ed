"""Differences of shares and their 95 % intervals, against the published worked examples."""

import pytest

from reports.attainment import uncertainty

# Newcombe 1998, Statistics in Medicine 17:873-890, table II, method 10: (a, m, b, n), low, high.
PUBLISHED = [
    ((56, 70, 48, 80), 0.0524, 0.3339),
    ((9, 10, 3, 10), 0.1705, 0.8090),
    ((6, 7, 2, 7), 0.0582, 0.8062),
    ((5, 56, 0, 29), -0.0381, 0.1926),
    ((0, 10, 0, 20), -0.1611, 0.2775),
    ((10, 10, 0, 20), 0.6791, 1.0),
]


@pytest.mark.parametrize(("cases", "low", "high"), PUBLISHED)
def test_the_interval_is_the_published_one(cases, low, high):
    a, m, b, n = cases

    found = uncertainty.difference(a / m, m, b / n, n)

    assert (found.low / 100, found.high / 100) == (
        pytest.approx(low, abs=1e-4),
        pytest.approx(high, abs=1e-4),
    )


def test_what_may_be_zero_is_noise():
    assert uncertainty.difference(0.997, 918, 0.998, 939).is_noise
    assert not uncertainty.difference(0.8, 70, 0.6, 80).is_noise
