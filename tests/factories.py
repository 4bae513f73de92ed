"""Plain factories: each creates one valid object, and a test passes in what it cares about."""

import json
import time
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from django.contrib.auth.models import Group, User
from rest_framework.test import APIClient

from knowledge.articles import changes
from knowledge.models import Article, Draft
from knowledge.replies import decisions
from webhooks import deliveries
from webhooks.accounts import access
from webhooks.models import ApiToken, Delivery, Inbox, Membership, Message, Source, SourceSecret
from webhooks.receiver import signatures

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
SECRET = "s3cret-of-the-webhook-24"
numbers = count(1)
GRADES = {"tone": 5, "accuracy": 4, "policy": 5}


def make_source(slug: str = "acme", *, secret: str = SECRET, **facts: Any) -> Source:
    facts = {
        "base_url": "http://chatwoot.test",
        "internal": True,
        "account_id": 1,
        "api_token": "token",
        "sender_id": 1,
    } | facts
    source, created = Source.objects.get_or_create(slug=slug, defaults=facts)
    if created:
        SourceSecret.objects.create(source=source, secret=secret)
    return source


def make_inbox(
    source: Source | None = None, *, inbox_id: int = 2, channel: str = "Channel::WebWidget", **facts: Any
) -> Inbox:
    row, _ = Inbox.objects.get_or_create(
        source=source or make_source(),
        inbox_id=inbox_id,
        defaults={"name": f"Inbox {inbox_id}", "channel": channel} | facts,
    )
    return row


def make_user(name: str = "", *groups: str, inboxes: list[Inbox] | None = None, **facts: Any) -> User:
    user = User.objects.create_user(name or f"user{next(numbers)}", password="pw", is_staff=True, **facts)
    user.groups.set([Group.objects.get_or_create(name=group)[0] for group in groups])
    Membership.objects.create(user=user, all_inboxes=inboxes is None).inboxes.set(inboxes or [])
    return user


def make_lead(name: str = "", **facts: Any) -> User:
    return make_user(name or f"lead{next(numbers)}", access.LEAD, **facts)


def make_article(slug: str = "refund", *, by: User | None = None, **facts: Any) -> Article:
    """A live article, through an approved change as every other."""
    texts = {"slug": slug, "title": slug.replace("-", " ").capitalize(), "body": f"About {slug}."} | facts
    change = changes.propose(None, texts, kind="NEW", origin="PERSON", by=None, now=NOW)
    changes.approve(change, by=by or make_editor(), base_version=0, now=NOW)
    return Article.objects.get(pk=change.article_id)


def edit_article(article: Article, *, by: User | None = None, **facts: Any) -> Article:
    changes.publish(article, facts, kind="EDIT", origin="PERSON", by=by or make_editor(), now=NOW)
    return Article.objects.get(pk=article.pk)


def make_editor() -> User:
    """Approves the articles of tests; is nobody's colleague."""
    editor, _ = User.objects.get_or_create(username="editor", defaults={"is_superuser": True})
    return editor


def make_client(user: User, *, service: bool = False) -> APIClient:
    """An API client that comes with a token, as programs do."""
    _, token = ApiToken.objects.create(user=user, expiry=None, service=service)
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Token {token}")
    return client


def conversation_object(display_id: int = 7, **facts: Any) -> dict[str, Any]:
    """The conversation as Chatwoot nests it in events."""
    return {
        "id": display_id, "status": "open", "inbox_id": 2, "channel": "Channel::WebWidget", "labels": [], "priority": None,
        "can_reply": True, "updated_at": NOW.timestamp(), "created_at": int(NOW.timestamp()), "messages": [],
        "last_activity_at": int(NOW.timestamp()),
        "meta": {"sender": {"id": 5, "name": "Ada Park", "email": "ada@example.com", "type": "contact"}, "assignee": None},
    } | facts  # fmt: skip


def message_event(
    message_id: int = 100, *, content: str = "How do I reset my password?", kind: str = "incoming", at: datetime = NOW,
    event: str = "message_created", conversation: dict[str, Any] | None = None, **facts: Any,
) -> dict[str, Any]:  # fmt: skip
    """A message event in the shape that Chatwoot posts."""
    sender = (
        {"id": 5, "name": "Ada Park"} if kind == "incoming" else {"id": 3, "name": "Maria", "type": "user"}
    )
    about = conversation if conversation is not None else conversation_object()
    nested = {
        "id": message_id,
        "message_type": 0 if kind == "incoming" else 1,
        "updated_at": at.timestamp(),
        "status": "sent",
    }
    return {
        "event": event, "id": message_id, "content": content, "message_type": kind, "private": False,
        "content_type": "text", "content_attributes": {}, "created_at": at.isoformat().replace("+00:00", "Z"),
        "sender": sender, "account": {"id": 1, "name": "Acme"}, "inbox": {"id": 2, "name": "Chat"},
        "conversation": about | {"messages": [nested]},
    } | facts  # fmt: skip


def signed(
    payload: Any, *, secret: str = SECRET, at: float | None = None, key: str | None = None
) -> dict[str, Any]:
    """Arguments for client.post: the body and the headers Chatwoot would send with it."""
    body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    timestamp = str(int(time.time() if at is None else at))
    return {
        "data": body, "content_type": "application/json", "HTTP_X_CHATWOOT_TIMESTAMP": timestamp,
        "HTTP_X_CHATWOOT_SIGNATURE": signatures.sign(body, secret=secret, timestamp=timestamp),
        "HTTP_X_CHATWOOT_DELIVERY": key or f"delivery-{next(numbers)}",
    }  # fmt: skip


def make_delivery(
    payload: Any = None, *, source: Source | None = None, now: datetime = NOW, key: str = ""
) -> Delivery:
    body = payload if isinstance(payload, bytes) else json.dumps(payload or message_event()).encode()
    return deliveries.record(
        (source or make_source()).pk, body=body, headers={}, key=key or f"key-{next(numbers)}", now=now
    )[0]


def deliver(payload: dict[str, Any], *, source: Source | None = None, now: datetime = NOW) -> Delivery:
    """Record and process one event, as the endpoint and a worker would."""
    make_delivery(payload, source=source, now=now)
    return run_due("in", now=now)[-1]


def run_due(lane: str, *, now: datetime) -> list[Delivery]:
    """One worker, until nothing is due in the lane at `now`."""
    ran = []
    while batch := deliveries.claim(lane, now=now):
        for row in batch:
            deliveries.process(row, now=now)
            row.refresh_from_db()
            ran.append(row)
    return ran


def make_waiting(
    *, text: str = "How do I reset my password?", message_id: int = 100, **facts: Any
) -> Message:
    """A customer who waits: conversation 7, written by way of a delivery."""
    make_inbox()
    deliver(message_event(message_id, content=text, conversation=conversation_object(**facts)))
    return Message.objects.get(message_id=message_id)


def make_draft(
    message: Message | None = None,
    *,
    text: str = "Choose Forgot password.",
    now: datetime = NOW,
    **facts: Any,
) -> Draft:
    facts = {"author": "Built-in drafter", "kind": Draft.AuthorKind.DRAFTER} | facts
    return decisions.propose(message or make_waiting(), text=text, now=now, **facts)[0]


def make_approved(
    draft: Draft | None = None, *, by: User | None = None, now: datetime = NOW, **facts: Any
) -> Draft:
    draft = draft or make_draft()
    decisions.approve(draft, by=by or make_lead(), revision=draft.revision, grades=GRADES, now=now, **facts)
    return draft


def later(seconds: float, start: datetime = NOW) -> datetime:
    return start + timedelta(seconds=seconds)
