"""The account itself: who and what exists, ids, clock, lock, and the queue of events.

The verbs that change it are in `world`; nothing here speaks HTTP.
"""

from __future__ import annotations

import functools
import random
import secrets
import string
import threading
import time
from collections.abc import Callable
from typing import Any, Concatenate, ParamSpec, TypeVar

from .faults import Faults
from .forms import File
from .outbox import Outbox
from .records import (
    CannedResponse,
    Contact,
    Conversation,
    CsatResponse,
    Event,
    HelpArticle,
    Inbox,
    Json,
    Message,
    User,
    Webhook,
)

P = ParamSpec("P")
R = TypeVar("R")
S = TypeVar("S", bound="State")

ADMIN_TOKEN = "sim-admin-token"  # noqa: S105 (opens nothing but this stand-in)
AGENT_TOKEN = "sim-agent-token"  # noqa: S105
BOT_TOKEN = "sim-bot-token"  # noqa: S105

SUBSCRIBABLE = (
    "conversation_created",
    "conversation_status_changed",
    "conversation_updated",
    "conversation_typing_on",
    "conversation_typing_off",
    "contact_created",
    "contact_updated",
    "inbox_created",
    "inbox_updated",
    "message_created",
    "message_updated",
    "webwidget_triggered",
)


def locked(verb: Callable[Concatenate[S, P], R]) -> Callable[Concatenate[S, P], R]:
    """Run a verb under the account's lock: HTTP threads, senders and tests share one state."""

    @functools.wraps(verb)
    def run(self: S, /, *args: P.args, **kwargs: P.kwargs) -> R:
        with self.lock:
            return verb(self, *args, **kwargs)

    return run


class NotFound(LookupError):
    """No such record in this account."""


class Invalid(ValueError):
    """Chatwoot would answer 422; `attribute` names the field where Rails would."""

    def __init__(self, message: str, attribute: str | None = None) -> None:
        super().__init__(message)
        self.attribute = attribute


class State:
    """One account's records. `now` is the clock; `seed` decides the holes between message ids.

    after: what was known by numbers up to it is another's: all numbers begin beyond.
    """

    account_id = 1
    account_name = "Acme"
    teams = {1: "support", 2: "billing"}

    def __init__(self, now: Callable[[], float] = time.time, seed: int = 1, after: int = 0) -> None:
        self.now = now
        self.lock = threading.RLock()
        self.faults = Faults()
        self.outbox = Outbox()
        self.users: dict[int, User] = {user.id: user for user in _users()}
        self.bot = User(1, "Helper Bot", "", BOT_TOKEN, role="agent_bot")
        # Numbers of users, bots and assistants overlap: each of these is number 1.
        self.captain = User(1, "Captain", "", "", role="captain_assistant")
        self.inboxes: dict[int, Inbox] = {inbox.id: inbox for inbox in _inboxes()}
        # Where a bot answers first: conversations begin pending, and resolved ones become so again.
        self.bot_inboxes: set[int] = set()
        self.versions = True  # False: as Chatwoot 4.0 and 3.x, whose conversations have no updated_at
        self.renders = False  # True: as 4.9 to 4.12, which tell a text as the channel's HTML
        self.contacts: dict[int, Contact] = {}
        self.conversations: dict[int, Conversation] = {}
        self.messages: dict[int, Message] = {}
        self._by_conversation: dict[int, list[Message]] = {}
        self.webhooks: dict[int, Webhook] = {}
        self.csat_responses: dict[int, CsatResponse] = {}
        self.dashboard_apps: dict[int, Json] = {}
        self.help_articles: dict[int, HelpArticle] = {}
        self.files: dict[int, File] = {}
        self.url = ""  # where its server can be reached; addresses of files begin with it
        self.canned_responses: dict[int, CannedResponse] = {}
        self.rng = random.Random(seed)  # noqa: S311 (repeatable, not secret)
        self._after, self._last_ids = after, dict[str, int]()

    def next_id(self, kind: str) -> int:
        # Message ids are shared by all accounts of an installation, so one account sees holes.
        step = self.rng.choice((1, 1, 1, 2, 3, 7)) if kind == "message" else 1
        self._last_ids[kind] = self._last_ids.get(kind, self._after) + step
        return self._last_ids[kind]

    def team(self, team_id: int) -> Json:
        return {"id": team_id, "name": self.teams.get(team_id, "support")}

    def emit(self, event: Event) -> None:
        self.outbox.put(event)

    def user_by_token(self, token: str) -> User | None:
        if token == self.bot.token:
            return self.bot
        return next((user for user in self.users.values() if user.token == token), None)

    def machine_of(self, conversation: Conversation) -> User | None:
        """The bot or the assistant that the conversation is assigned to."""
        if conversation.with_captain:
            return self.captain
        return self.bot if conversation.with_bot else None

    def conversation(self, conversation_id: int) -> Conversation:
        return _found(self.conversations, conversation_id)

    def message(self, message_id: int) -> Message:
        return _found(self.messages, message_id)

    def messages_of(self, conversation_id: int) -> list[Message]:
        """Oldest first; the id breaks ties, as the dashboard shows them."""
        with self.lock:
            mine = list(self._by_conversation.get(conversation_id, ()))
        return sorted(mine, key=lambda message: (message.created_at, message.id))

    def keep_message(self, message: Message) -> None:
        self.messages[message.id] = message
        self._by_conversation.setdefault(message.conversation_id, []).append(message)

    def last_public_message(self, conversation_id: int) -> Message | None:
        public = [
            message
            for message in self.messages_of(conversation_id)
            if not message.private and message.message_type != "activity"
        ]
        return public[-1] if public else None

    @locked
    def register_webhook(
        self, url: str, subscriptions: list[str] | None = None, name: str | None = None
    ) -> Webhook:
        self._check_webhook_url(url)
        events = list(SUBSCRIBABLE if subscriptions is None else subscriptions)
        _check_subscriptions(events)
        webhook = Webhook(self.next_id("webhook"), url, new_secret(), name, events)
        self.webhooks[webhook.id] = webhook
        return webhook

    @locked
    def change_webhook(self, webhook_id: int, **changes: Any) -> Webhook:
        webhook = _found(self.webhooks, webhook_id)
        if changes.get("url", webhook.url) != webhook.url:
            self._check_webhook_url(changes["url"])
        _check_subscriptions(changes.get("subscriptions", []))
        for name in ("url", "name", "subscriptions"):
            setattr(webhook, name, changes.get(name, getattr(webhook, name)))
        return webhook

    @locked
    def reset_secret(self, webhook_id: int) -> str:
        webhook = _found(self.webhooks, webhook_id)
        webhook.secret = new_secret()
        return webhook.secret

    @locked
    def delete_webhook(self, webhook_id: int) -> None:
        _found(self.webhooks, webhook_id)
        del self.webhooks[webhook_id]

    def _check_webhook_url(self, url: str) -> None:
        if not url.startswith(("http://", "https://")):
            raise Invalid("Url is invalid", "url")
        if any(webhook.url == url for webhook in self.webhooks.values()):
            raise Invalid("Url has already been taken", "url")


def new_secret() -> str:
    """24 characters, as Rails' has_secure_token makes them."""
    return "".join(secrets.choice(string.ascii_letters + string.digits) for _ in range(24))


def _found(records: dict[int, R], key: int) -> R:
    try:
        return records[key]
    except KeyError:
        raise NotFound(str(key)) from None


def _check_subscriptions(events: list[str]) -> None:
    if not set(events) <= set(SUBSCRIBABLE):
        raise Invalid("Subscriptions Invalid events", "subscriptions")


def _users() -> list[User]:
    return [
        User(1, "Support Desk", "desk@acme.example", ADMIN_TOKEN, role="administrator"),
        User(2, "Maria Keller", "maria@acme.example", AGENT_TOKEN, inbox_ids=[1, 2]),
        User(3, "Tom Berger", "tom@acme.example", "sim-agent-token-2", inbox_ids=[2, 3]),
    ]


def _inboxes() -> list[Inbox]:
    return [
        Inbox(1, "Support email", "Channel::Email", email="support@acme.example"),
        Inbox(2, "Website chat", "Channel::WebWidget"),
        Inbox(3, "WhatsApp", "Channel::Whatsapp", phone_number="+4915112345678"),
    ]
