"""Asks /api/v1/drafts/ as programs and people do."""

from typing import Any

from rest_framework.response import Response
from rest_framework.test import APIClient

from knowledge.models import Draft
from tests.factories import GRADES

DRAFTS = "/api/v1/drafts/"


def refused(answer: Response) -> tuple[int, str]:
    """(status, code). What is refused says why."""
    assert answer.json()["detail"]
    return answer.status_code, answer.json()["code"]


def act(client: APIClient, draft: Draft, verb: str, body: Any = None) -> Response:
    return client.post(f"{DRAFTS}{draft.pk}/{verb}/", body or {}, format="json")


def approve(client: APIClient, draft: Draft, **changed: Any) -> Response:
    return act(client, draft, "approve", {"revision": 1} | GRADES | changed)


def propose(client: APIClient, **changed: Any) -> Response:
    proposal = {"conversation_id": 7, "body": "Choose Forgot password."}
    return client.post(DRAFTS, proposal | changed, format="json")
