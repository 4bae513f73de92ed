"""Ask for another draft, with instructions. The old one stays until the new one comes, and goes in the same transaction."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction

from webhooks import deliveries
from webhooks.models import Conversation, Delivery, Message

from ..learning import learning_signals
from ..models import Draft, DraftEvent
from ..replies import guards, reply_windows
from ..replies.states import Refused, outcome_of, transition

S = Draft.Status
MOST = 500
FROM = (S.PROPOSED, S.STALE)
ASKED, FAILED = "redraft asked", "redraft failed"
PATIENCE = timedelta(minutes=10)  # the age at which a request for a draft is given up


def ask(draft: Draft, *, instructions: str, by: User, now: datetime) -> None:
    """One at a time: a second click asks nothing more. Raises Refused."""
    if draft.status not in FROM:
        raise Refused("already_decided", outcome_of(draft))
    with transaction.atomic():
        conversation = Conversation.objects.locked(draft.conversation.source, draft.conversation.display_id)
        message = conversation.waiting_message
        if message is None:
            raise Refused("stale", "This customer is no longer waiting for a reply.")
        if is_under_way(draft, now=now):
            return
        asked = draft.events.filter(action=ASKED).count()
        wanted = {
            "message": message.pk,
            "draft": draft.pk,
            "instructions": instructions[:MOST],
            "by": by.get_username(),
            # Words that a machine only repeats are this person's, and so are those that it goes on from.
            "authors": [by.pk] if instructions.strip() else [],
        }
        deliveries.enqueue(
            conversation.source, event="draft.request", key=f"draft.request:{message.message_id}:{draft.pk}:{asked}",
            lane="slow", payload=wanted, at=now, now=now, conversation_id=conversation.display_id,
            message_id=message.message_id,
        )  # fmt: skip
        _note(draft, ASKED, at=now, by=by, detail=instructions)


def ask_near(conversation: Conversation, *, now: datetime) -> None:
    """A person comes near a customer without a fresh draft: one is asked for, once a message, however old it is."""
    message = conversation.waiting_message
    if message and not reply_windows.trouble(conversation, now=now):
        _ask_first(conversation, message, "near", now=now)


def ask_first(conversation: Conversation, *, now: datetime) -> None:
    """A person wants a draft where there is none: asked for each time, since the articles may have changed. Raises Refused."""
    message = conversation.waiting_message
    if message is None:
        raise Refused("stale", "This customer is no longer waiting for a reply.")
    if trouble := reply_windows.trouble(conversation, now=now):
        raise Refused("window_closed", trouble)
    before = Delivery.objects.filter(
        source=conversation.source_id, conversation_id=conversation.display_id, event="draft.request",
        message_id=message.message_id,
    ).count()  # fmt: skip
    _ask_first(conversation, message, f"first:{before}", now=now)


def _ask_first(conversation: Conversation, message: Message, cause: str, *, now: datetime) -> None:
    deliveries.enqueue(
        conversation.source, event="draft.request", key=f"draft.request:{message.message_id}:{cause}", lane="slow",
        payload={"message": message.pk, "near": True}, at=now, now=now, conversation_id=conversation.display_id,
        message_id=message.message_id,
    )  # fmt: skip


def is_under_way(draft: Draft, *, now: datetime) -> bool:
    last = draft.events.filter(action__in=[ASKED, FAILED]).order_by("-pk").first()
    return bool(last and last.action == ASKED and draft.status in FROM and last.at > now - PATIENCE)


def last_failure(draft: Draft) -> str:
    """Why the last new draft that was asked for did not come."""
    last = draft.events.filter(action__in=[ASKED, FAILED]).order_by("-pk").first()
    return last.detail if last and last.action == FAILED else ""


@dataclass(frozen=True)
class Asked:
    instructions: str = ""
    previous: str = ""
    without: tuple[str, ...] = ()
    evidence: tuple[dict[str, Any], ...] = ()
    authors: tuple[int, ...] = ()


def asked_for(payload: dict[str, Any]) -> Asked:
    """What a request for a draft carries where a person made it: its words, and the article that did not do."""
    old = Draft.objects.filter(pk=payload.get("draft") or 0).first()
    if old is None:
        return Asked()
    instructions = str(payload.get("instructions") or "")
    used = list(learning_signals.cited(old.evidence))[:1]
    why = instructions or "the same question, with another article"
    told = {"title": f"Regenerated for {payload.get('by') or 'a person'}", "why": why}
    return Asked(
        instructions=instructions,
        previous=old.body,
        without=tuple(used),
        evidence=(told,),
        authors=_authors(payload, old),
    )


def _authors(payload: dict[str, Any], old: Draft) -> tuple[int, ...]:
    asked = {pk for pk in payload.get("authors") or [] if isinstance(pk, int)}
    return tuple(sorted(asked | guards.authors(old)))


def came(payload: dict[str, Any], fresh: Draft, *, created: bool, now: datetime) -> str | None:
    """The new draft stands; the one it was asked for goes. In the transaction that makes it."""
    if not created and payload.get("draft"):
        return failed(payload, why="it would be the same text as before.", now=now)
    old = Draft.objects.filter(pk=payload.get("draft") or 0, status__in=FROM).exclude(pk=fresh.pk).first()
    if old:
        transition(old, S.WITHDRAWN, now=now, action="redrafted", why=f"Replaced by draft {fresh.pk}.")
    return None


def failed(payload: dict[str, Any], *, why: str, now: datetime) -> str:
    """The result of the request; on the page of the draft it was asked for, too."""
    old = Draft.objects.filter(pk=payload.get("draft") or 0).first()
    if old:
        _note(old, FAILED, at=now, detail=why)
    return f"No draft: {why}"


def on_dead_letter(delivery: Delivery, *, error: str, now: datetime) -> None:
    """A model that is away leaves nobody without a draft: the built-in drafter is asked instead."""
    payload = delivery.payload()
    if not settings.DRAFTER_URL or payload.get("built_in"):
        failed(payload, why=error, now=now)
        return
    deliveries.enqueue(
        delivery.source, event="draft.request", key=f"{delivery.delivery_key}:built-in", lane="slow",
        payload=payload | {"built_in": True}, at=now, now=now, conversation_id=delivery.conversation_id,
        message_id=delivery.message_id,
    )  # fmt: skip


def _note(draft: Draft, action: str, *, at: datetime, detail: str, by: User | None = None) -> None:
    DraftEvent.objects.create(
        draft=draft, at=at, by=by, action=action, before=draft.status, after=draft.status, detail=detail[:500]
    )
