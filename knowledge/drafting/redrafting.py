"""Requests another draft, with instructions. The old one stays until the transaction that proposes the new one."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext as _

from webhooks import deliveries
from webhooks.models import Conversation, Delivery

from ..learning import learning_signals
from ..models import Draft, DraftEvent, draft_texts
from ..replies import attachments, draft_requests, guards, reply_windows
from ..replies.states import Refused, outcome_of, transition
from . import drafting_texts as texts

S = Draft.Status
MOST = 500
FROM = (S.PROPOSED, S.STALE)
REQUESTED, FAILED = "redraft requested", "redraft failed"
PATIENCE = timedelta(minutes=10)  # how long a request counts as under way


def ask(draft: Draft, *, instructions: str = "", article: str = "", by: User, now: datetime) -> None:
    """One request at a time: a second click changes nothing. Raises Refused.

    instructions: for the model. article: the slug of the one to answer with, as it is; then no model is asked.
    """
    if draft.status not in FROM:
        raise Refused("already_decided", outcome_of(draft))
    with transaction.atomic():
        conversation = Conversation.objects.locked(draft.conversation.source, draft.conversation.display_id)
        message = conversation.waiting_message
        if message is None:
            raise Refused("stale", _("This customer is no longer waiting for a reply."))
        if is_under_way(draft, now=now):
            return
        before = draft.events.filter(action=REQUESTED).count()
        draft_requests.enqueue(
            conversation, message, cause=f":{draft.pk}:{before}", at=now, now=now, draft=draft.pk, article=article,
            instructions=instructions[:MOST], by=by.get_username(),
            # Words that a machine only repeats, or takes from the article that it was given, are this person's.
            authors=[by.pk] if instructions.strip() or article else [], built_in=bool(article),
        )  # fmt: skip
        _note(
            draft,
            REQUESTED,
            at=now,
            by=by,
            detail=texts.WITH_ARTICLE % {"slug": article} if article else instructions,
        )


def ask_near(conversation: Conversation, *, now: datetime) -> None:
    """A person comes near a customer without a draft: requests one, once per message, however old the message is."""
    message = conversation.waiting_message
    if message and not reply_windows.trouble(conversation, now=now):
        draft_requests.enqueue(conversation, message, cause=":near", at=now, now=now, near=True)


def ask_first(conversation: Conversation, *, now: datetime) -> None:
    """A person wants a draft where there is none. Requested each time, because articles may have changed. Raises Refused."""
    message = conversation.waiting_message
    if message is None:
        raise Refused("stale", _("This customer is no longer waiting for a reply."))
    if trouble := reply_windows.trouble(conversation, now=now):
        raise Refused("window_closed", trouble)
    before = Delivery.objects.filter(
        source=conversation.source_id, conversation_id=conversation.display_id, event="draft.request",
        message_id=message.message_id,
    ).count()  # fmt: skip
    draft_requests.enqueue(conversation, message, cause=f":first:{before}", at=now, now=now, near=True)


def is_under_way(draft: Draft, *, now: datetime) -> bool:
    last = draft.events.filter(action__in=[REQUESTED, FAILED]).order_by("-pk").first()
    return bool(last and last.action == REQUESTED and draft.status in FROM and last.at > now - PATIENCE)


def last_failure(draft: Draft) -> str:
    """Why the last requested draft was not written. Empty if it was."""
    last = draft.events.filter(action__in=[REQUESTED, FAILED]).order_by("-pk").first()
    return last.detail if last and last.action == FAILED else ""


@dataclass(frozen=True)
class Request:
    instructions: str = ""
    article: str = ""
    previous: str = ""
    without: tuple[str, ...] = ()
    evidence: tuple[dict[str, Any], ...] = ()
    authors: tuple[int, ...] = ()


def request_of(payload: dict[str, Any]) -> Request:
    """What a person's request carries: the instructions, the old text, the article to use or the one that did not fit."""
    old = Draft.objects.filter(pk=payload.get("draft") or 0).first()
    if old is None:
        return Request()
    instructions, article = str(payload.get("instructions") or ""), str(payload.get("article") or "")
    used = list(learning_signals.cited(old.evidence))[:1]
    why = instructions or (texts.WITH_CHOSEN if article else texts.WITH_ANOTHER)
    note = {"title": texts.REGENERATED_FOR % {"name": payload.get("by") or "a person"}, "why": why}
    return Request(
        instructions=instructions,
        article=article,
        previous=old.body,
        without=() if article else tuple(used),
        evidence=(note,),
        authors=_authors(payload, old),
    )


def _authors(payload: dict[str, Any], old: Draft) -> tuple[int, ...]:
    instructed = {pk for pk in payload.get("authors") or [] if isinstance(pk, int)}
    return tuple(sorted(instructed | guards.authors(old)))


def succeeded(payload: dict[str, Any], fresh: Draft, *, created: bool, now: datetime) -> str | None:
    """Withdraws the old draft, in the transaction that proposes the new one."""
    if not created and payload.get("draft"):
        return failed(payload, why=texts.SAME_TEXT, now=now)
    old = Draft.objects.filter(pk=payload.get("draft") or 0, status__in=FROM).exclude(pk=fresh.pk).first()
    if old:
        transition(
            old, S.WITHDRAWN, now=now, action="redrafted", why=draft_texts.REPLACED_BY % {"n": fresh.pk}
        )
        attachments.move(old, fresh)
    return None


def failed(payload: dict[str, Any], *, why: str, now: datetime) -> str:
    """The result of the request, also noted on the old draft, whose page shows it."""
    old = Draft.objects.filter(pk=payload.get("draft") or 0).first()
    if old:
        _note(old, FAILED, at=now, detail=why)
    return f"{texts.PREFIX}{why}"


def on_dead_letter(delivery: Delivery, *, error: str, now: datetime) -> None:
    """The model stayed unavailable: the built-in drafter takes the request, so that the customer still gets a draft."""
    payload = delivery.payload()
    if not settings.DRAFTER_URL or payload.get("built_in"):
        failed(payload, why=error, now=now)
        return
    deliveries.enqueue(
        delivery.source, event=draft_requests.EVENT, key=f"{delivery.delivery_key}:built-in", lane="slow",
        payload=payload | {"built_in": True, "why": error[:300]}, at=now, now=now,
        conversation_id=delivery.conversation_id, message_id=delivery.message_id,
    )  # fmt: skip


def _note(draft: Draft, action: str, *, at: datetime, detail: str, by: User | None = None) -> None:
    DraftEvent.objects.create(
        draft=draft, at=at, by=by, action=action, before=draft.status, after=draft.status, detail=detail[:500]
    )
