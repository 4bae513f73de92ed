"""A model's endpoint that answers as a test says, and what it was asked."""

import json
from typing import Any

from knowledge.models import Draft, ModelCall
from tests.factories import (
    deliver,
    later,
    message_event,
    run_due,
)

URL = "https://models.test/v1/chat/completions"


SETTLED = later(60)


def says(mock: Any, content: Any = None, **facts: Any) -> None:
    said = {
        "reply": "Choose Forgot.",
        "articles": ["reset-password"],
        "confidence": 0.7,
        "why": "It says how.",
    }
    text = content if isinstance(content, str) else json.dumps(said | (content or {}))
    if "body" not in facts:
        facts = {"json": {"choices": [{"message": {"content": text}}]}} | facts
    mock.post(URL, **facts)


def drafted(text: str = "How do I reset my password?", *, now=SETTLED) -> Draft | None:
    deliver(message_event(content=text))
    run_due("slow", now=now)
    return Draft.objects.order_by("pk").last()


def told(mock: Any) -> list[dict[str, str]]:
    return json.loads(mock.calls[-1].request.body)["messages"]


def assert_built_in(draft: Draft | None, *, why: str, calls: int) -> None:
    assert draft is not None
    assert (draft.author, draft.evidence[0]["article"]) == ("Built-in drafter", "reset-password")
    assert why in next(
        piece["why"] for piece in draft.evidence if piece["title"] == "Written without the model"
    )
    assert ModelCall.objects.count() == calls
