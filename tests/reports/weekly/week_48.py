"""Shared by the tests of the weekly report: the week of the factories' Monday, read after it is over."""

from datetime import timedelta
from typing import Any

from reports import weekly
from tests.factories import NOW, conversation_object, later, message_event

WEEK = "2026-W48"  # NOW is its Monday, 09:00
PERIOD = weekly.parse(WEEK)
LATER = NOW + timedelta(days=9)


def kept(week: str = WEEK) -> dict[str, Any]:
    return weekly.make(weekly.parse(week), now=LATER).snapshot


def asked(number: int = 900, at: float = 3000, *, conversation: int = 7) -> dict:
    """A survey, as Chatwoot sends it once a conversation is resolved."""
    return message_event(
        number, kind="template", at=later(at), content="Please rate", content_type="input_csat",
        conversation=conversation_object(conversation, updated_at=later(at).timestamp()),
    )  # fmt: skip


def rated(stars: int, words: str = "", number: int = 900, at: float = 3600, *, conversation: int = 7) -> dict:
    """Its answer: the survey's own message changes."""
    answer = {"csat_survey_response": {"rating": stars, "feedback_message": words}}
    event = asked(number, conversation=conversation) | {
        "event": "message_updated",
        "content_attributes": {"submitted_values": answer},
    }
    event["conversation"]["messages"][0]["updated_at"] = later(at).timestamp()
    return event
