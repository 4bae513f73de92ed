"""GET /api/v1/queue/: who waits."""

from datetime import timedelta

import pytest
from django.utils import timezone

from knowledge.replies import decisions
from tests.factories import conversation_object, deliver, make_draft, make_inbox, make_lead, message_event

pytestmark = pytest.mark.django_db


def test_the_queue_has_the_promised_fields(lead):
    draft = make_draft()
    decisions.claim(draft, by=make_lead("bob"), now=timezone.now())

    (row,) = lead.get("/api/v1/queue/").json()["results"]

    assert set(row) == {
        "source",
        "conversation_id",
        "waiting_since",
        "reply_due_at",
        "window_closes_at",
        "review_due_at",
        "draft",
        "no_draft",
        "may_fit",
        "language",
        "claimed_by",
        "conversation_status",
        "looks_automatic",
    }
    assert (row["conversation_id"], row["draft"], row["claimed_by"]) == (7, draft.pk, "bob")
    assert (row["conversation_status"], row["looks_automatic"]) == ("open", False)


def test_the_queue_shows_who_waits_without_a_draft(lead):
    deliver(message_event(conversation=conversation_object()), now=timezone.now() - timedelta(minutes=1))
    make_inbox()

    (row,) = lead.get("/api/v1/queue/").json()["results"]

    assert (row["draft"], row["claimed_by"], row["window_closes_at"], row["review_due_at"]) == (None,) * 4
