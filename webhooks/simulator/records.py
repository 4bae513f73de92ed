"""What one Chatwoot account consists of: plain records, no behaviour.

Times are unix seconds as floats; `payloads` turns them into the shapes Chatwoot shows.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]

STATUSES = ("open", "resolved", "pending", "snoozed")
PRIORITIES = ("low", "medium", "high", "urgent")
MESSAGE_TYPES = {"incoming": 0, "outgoing": 1, "activity": 2, "template": 3}
# What marks an answer that a colleague wrote outside Chatwoot: Chatwoot knows no sender.
OUTSIDE: dict[str, Json] = {
    "app": {"content_attributes": {"external_echo": True}},
    "bridge": {"content_attributes": {"external_sender_name": "WhatsApp"}},
    "slack": {"external_source_ids": {"slack": "1780000000.000100"}},
}
WINDOWED_CHANNELS = {"Channel::Whatsapp": 24 * 3600.0}


@dataclass
class User:
    """A person (administrator, agent), an agent bot or Captain; `inbox_ids` None means every inbox."""

    id: int
    name: str
    email: str
    token: str
    role: str = "agent"
    inbox_ids: list[int] | None = None

    @property
    def is_bot(self) -> bool:
        return self.role in ("agent_bot", "captain_assistant")


@dataclass
class Inbox:
    id: int
    name: str
    channel_type: str
    email: str | None = None
    phone_number: str | None = None


@dataclass
class Contact:
    id: int
    name: str
    created_at: float
    email: str | None = None
    phone_number: str | None = None
    identifier: str | None = None
    custom_attributes: Json = field(default_factory=dict)
    additional_attributes: Json = field(default_factory=dict)


@dataclass
class Message:
    id: int
    conversation_id: int
    inbox_id: int
    message_type: str
    created_at: float
    updated_at: float
    content: str | None = None
    content_type: str = "text"
    private: bool = False
    status: str = "sent"
    source_id: str | None = None
    sender: User | Contact | None = None
    content_attributes: Json = field(default_factory=dict)
    additional_attributes: Json = field(default_factory=dict)
    external_source_ids: Json = field(default_factory=dict)  # what Slack calls it
    attachments: list[Json] = field(default_factory=list)
    # What the customer's side saw: None until the channel took it.
    delivered_to: list[str] | None = None


@dataclass
class Conversation:
    id: int
    uuid: str
    inbox_id: int
    contact_id: int
    created_at: float
    updated_at: float
    last_activity_at: float
    status: str = "open"
    priority: str | None = None
    label_list: list[str] = field(default_factory=list)
    assignee_id: int | None = None
    with_bot: bool = False  # assigned to the account's bot
    with_captain: bool = False  # or to its AI assistant, as since 4.17
    team_id: int | None = None
    snoozed_until: float | None = None
    waiting_since: float | None = None
    first_reply_created_at: float | None = None
    agent_last_seen_at: float | None = None
    contact_last_seen_at: float | None = None
    custom_attributes: Json = field(default_factory=dict)
    additional_attributes: Json = field(default_factory=dict)


@dataclass
class Webhook:
    id: int
    url: str
    secret: str
    name: str | None = None
    subscriptions: list[str] = field(default_factory=list)


@dataclass
class CsatResponse:
    id: int
    message_id: int
    conversation_id: int
    contact_id: int
    rating: int
    feedback_message: str
    created_at: float
    assigned_agent_id: int | None = None


@dataclass
class HelpArticle:
    """An article of the help centre `portal`. content: Markdown."""

    id: int
    portal: str
    title: str
    content: str
    locale: str = "en"
    status: str = "published"
    slug: str = ""
    updated_at: float = 0.0


@dataclass
class CannedResponse:
    id: int
    short_code: str
    content: str


@dataclass(frozen=True)
class Event:
    """Something that happened; its payload is built later, from the state of that later moment."""

    name: str
    conversation_id: int | None = None
    message_id: int | None = None
    contact_id: int | None = None
    user_id: int | None = None
    # attribute -> (before, after), as Rails reports it
    changed: dict[str, tuple[Any, Any]] | None = None
