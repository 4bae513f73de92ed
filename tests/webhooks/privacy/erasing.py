"""A person with something in every table that can hold a customer's words or name."""

import json
from datetime import timedelta

from django.apps import apps
from django.db import models

from knowledge.models import Dismissal, Question, UnsavedText
from knowledge.replies import attachments, escalations, proposals
from tests.factories import (  # fmt: skip
    NOW,
    conversation_object,
    deliver,
    make_approved,
    make_article,
    make_draft,
    make_inbox,
    make_lead,
    make_source,
    make_waiting,
    message_event,
)
from tests.knowledge.files.making import upload
from webhooks.models import Conversation, Delivery, Rejection
from webhooks.privacy import erasure, merged_contacts
from webhooks.privacy.customer_data import Person
from webhooks.receiver import spool

NAMES = ("Ada Park", "ada@example.com", "+49 170 1234567", "my secret order", "the red sofa")
MAIL = {"content_attributes": {"email": {"from": ["ada@example.com"], "subject": "the red sofa"}}}
SENDER = {
    "id": 5,
    "name": "Ada Park",
    "email": "ada@example.com",
    "phone_number": "+49 170 1234567",
    "type": "contact",
}


def about(display_id: int = 7, *, contact: dict | None = None, **facts: object) -> dict:
    meta = {"sender": contact or SENDER, "assignee": None}
    return conversation_object(
        display_id, meta=meta, **{"custom_attributes": {"note": "the red sofa"}} | facts
    )


def fill() -> None:
    """Ada wrote, was answered, wrote again; each table knows something of it."""
    make_inbox()
    message = make_waiting(text="my secret order: the red sofa", **about())
    draft = make_draft(
        message, text="Ada Park, your red sofa: the red sofa.", evidence=[{"why": "the red sofa"}]
    )
    lead = make_lead("maria")
    proposals.edit(draft, text="Ada Park, of course: the red sofa.", by=lead, revision=1, now=NOW)
    UnsavedText.objects.create(draft=draft, user=lead, revision=1, text="the red sofa", saved_at=NOW)
    attachments.attach(
        draft, files=[upload("Ada Park.txt", b"the red sofa")], by=lead, revision=draft.revision, now=NOW
    )  # fmt: skip
    escalations.escalate(draft, by=lead, owner=lead, reason="Ada Park wants the red sofa", now=NOW)
    draft.refresh_from_db()
    make_approved(draft, by=lead)
    type(draft).objects.filter(pk=draft.pk).update(status="SENT")
    deliver(
        message_event(
            101, content="the red sofa", conversation=about(), at=NOW + timedelta(minutes=1), **MAIL
        )
    )
    Dismissal.objects.create(
        conversation=draft.conversation, message=message, by=lead, at=NOW, reason="Ada Park rang: the red sofa"
    )  # fmt: skip
    Question.objects.create(
        article=make_article("sofas"), conversation=draft.conversation, text="the red sofa", confirmed_by=lead, at=NOW
    )  # fmt: skip
    deliver({"event": "contact_updated", **SENDER, "account": {"id": 1}})
    late = json.dumps(message_event(102, content="the red sofa", conversation=about())).encode()
    Rejection.objects.create(source=make_source(), at=NOW, code="timestamp_stale", detail="Late.", body=late)
    file = spool.folder() / spool.BAD / "1.webhook"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(b'{"slug": "acme"}\n' + late)


def ada(**facts: object) -> Person:
    found = merged_contacts.person(make_source(), 5, **facts)
    assert found
    return found


def erase(person: Person | None = None, *, at=NOW + timedelta(days=1)) -> None:
    erasure.erase(person or ada(), by=None, reason="Asked for.", now=at)


def where(*words: str) -> list[str]:
    """Each column of our tables, and each file, in which one of the words stands."""
    found = {str(file) for file in spool.folder().rglob("*.webhook") if _has(file.read_bytes(), words)}
    for model in (
        one for app in ("webhooks", "knowledge", "reports") for one in apps.get_app_config(app).get_models()
    ):
        texts = [f for f in model._meta.concrete_fields if isinstance(f, KINDS)]
        for row in [] if model._meta.proxy else model._base_manager.all():
            found |= {f"{model.__name__}.{f.name}" for f in texts if _has(getattr(row, f.attname), words)}
    return sorted(found)


KINDS = (models.TextField, models.CharField, models.JSONField, models.BinaryField)


def _has(value: object, words: tuple[str, ...]) -> bool:
    text = bytes(value).decode() if isinstance(value, bytes | memoryview) else value
    text = text if isinstance(text, str) else json.dumps(text, default=str)
    return any(word in text for word in words)


def conversation(display_id: int = 7) -> Conversation:
    return Conversation.objects.get(display_id=display_id)


def waiting_bodies() -> list[dict]:
    return [row.payload() for row in Delivery.objects.filter(direction="IN", status="PENDING")]
