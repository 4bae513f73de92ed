"""A customer's rating, as surveys and what rewrites them keep it."""

import pytest

from webhooks.mirror import csat


def answered(rating: object) -> dict:
    return {"submitted_values": {"csat_survey_response": {"rating": rating, "feedback_message": None}}}


@pytest.mark.parametrize("rating", [4, "4"])
def test_a_rating_is_a_number_from_one_to_five(rating):
    assert csat.answer_of(answered(rating)) == (4, "")


@pytest.mark.parametrize("rating", [0, 6, "0", "four", True, None, 4.5, [4]], ids=str)
def test_anything_else_is_no_rating(rating):
    assert csat.answer_of(answered(rating)) is None
