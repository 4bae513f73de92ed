"""A customer's answer to a satisfaction survey, as Chatwoot keeps it in the survey's own message. Pure."""

from typing import Any

from ..parsing import identifier


def answer_of(attributes: Any) -> tuple[int, str] | None:
    values = attributes.get("submitted_values") if isinstance(attributes, dict) else None
    survey = values.get("csat_survey_response") if isinstance(values, dict) else None
    if not isinstance(survey, dict):
        return None
    rating = identifier(survey.get("rating"))
    if rating is None or not 1 <= rating <= 5:
        return None
    return rating, str(survey.get("feedback_message") or "")[:300]
