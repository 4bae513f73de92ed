"""What the bench has recorded: a fall is noticed, and the document shows what the file holds."""

import pytest

from tests.bench import recorded, recorded_search
from tests.bench.recorded import Ratio


@pytest.mark.parametrize(
    ("before", "now", "at_most", "fell"),
    [(3.0, 2.5, False, False), (3.0, 2.3, False, True), (1.0, 1.2, True, False), (1.0, 1.3, True, True)],
)
def test_a_ratio_that_is_worse_by_more_than_a_fifth_has_fallen(before, now, at_most, fell):
    landed, new = (Ratio(ratio, ratio, ratio, 1, at_most) for ratio in (before, now))

    assert landed.fell(new) is fell


@pytest.mark.parametrize("recorder", [recorded, recorded_search], ids=["ratios", "search"])
def test_the_document_shows_what_is_recorded(recorder):
    text = recorder.DOCUMENT.read_text()

    assert recorder.documented(text) == text
