"""How a conversation grows: customers write, the desk answers, each message brings its events.

`world` builds the other verbs on this; what is special to a channel is in `channels`.
"""

from __future__ import annotations

import copy
import uuid
from typing import Any

from . import channels, liquid
from .records import OUTSIDE, WINDOWED_CHANNELS, Contact, Conversation, Event, Json, Message, User
from .state import Invalid, State, locked

# A change to anything else in a conversation sends no conversation_updated.
_ANNOUNCED = {
    "status",
    "priority",
    "label_list",
    "assignee_id",
    "team_id",
    "snoozed_until",
    "custom_attributes",
    "waiting_since",
    "first_reply_created_at",
}
_MAX_CONTENT = 150_000
_MAX_PER_MINUTE = 200
_MAX_FILES = 15


class Writing(State):
    """The verbs that make contacts, conversations and messages."""

    @locked
    def add_contact(self, name: str, **details: Any) -> Contact:
        contact = Contact(self.next_id("contact"), name, self.now(), **details)
        self.contacts[contact.id] = contact
        self.emit(Event("contact_created", contact_id=contact.id))
        return contact

    @locked
    def change_contact(self, contact_id: int, **changes: Any) -> None:
        contact = self.contacts[contact_id]
        changed = {name: (getattr(contact, name), value) for name, value in changes.items()}
        for name, value in changes.items():
            setattr(contact, name, value)
        self.emit(Event("contact_updated", contact_id=contact_id, changed=changed))

    @locked
    def start_conversation(self, *, inbox_id: int, contact: Contact) -> Conversation:
        now = self.now()
        conversation = Conversation(
            id=self.next_id("conversation"),
            uuid=str(uuid.UUID(int=self.rng.getrandbits(128), version=4)),
            inbox_id=self.inboxes[inbox_id].id,
            contact_id=contact.id,
            created_at=now,
            updated_at=now,
            last_activity_at=now,
            waiting_since=now,
            status="pending" if inbox_id in self.bot_inboxes else "open",
        )
        self.conversations[conversation.id] = conversation
        self.emit(Event("conversation_created", conversation.id))
        return conversation

    @locked
    def customer_writes(
        self,
        *,
        content: str | None,
        inbox_id: int = 1,
        contact: Contact | str | Json | None = None,
        conversation_id: int | None = None,
        attachments: list[Json] | None = None,
        email: Json | None = None,
    ) -> Message:
        """A new conversation unless `conversation_id` names one; `email` fills in from/to/cc/subject."""
        if conversation_id is None:
            conversation = self.start_conversation(inbox_id=inbox_id, contact=self._contact(contact))
        else:
            conversation = self.conversation(conversation_id)
        if conversation.status in ("resolved", "snoozed"):  # never a pending one
            to_bot = conversation.status == "resolved" and conversation.inbox_id in self.bot_inboxes
            self._update(conversation, status="pending" if to_bot else "open", snoozed_until=None)
        message = self._add_message(
            conversation,
            "incoming",
            content=content,
            sender=self.contacts[conversation.contact_id],
            attachments=attachments or [],
            **self._arrival(conversation, content, email),
        )
        if conversation.waiting_since is None:
            self._update(conversation, waiting_since=message.created_at)
        return message

    @locked
    def post_message(
        self,
        *,
        conversation_id: int,
        sender: User,
        content: str | None,
        private: bool = False,
        message_type: str = "outgoing",
        source_id: str | None = None,
        content_type: str = "text",
        recipients: dict[str, str | None] | None = None,
        **details: Any,
    ) -> Message:
        """What the dashboard and the API do to write; the other verbs of the desk rest on it."""
        conversation = self.conversation(conversation_id)
        self._check_new_message(conversation, content, message_type, details)
        if content:
            content = liquid.render(content, channels.variables(self, conversation, sender))
        message = self._add_message(
            conversation,
            "outgoing",
            content=content,
            sender=sender,
            private=private,
            source_id=source_id,
            content_type=content_type,
            **details,
        )
        # A message that already has a source id is taken as coming from the channel: nobody gets it.
        if not private and source_id is None:
            self._deliver(conversation, message, recipients or {})
        if not private and not sender.is_bot:
            self._note_human_reply(conversation, message)
        return message

    @locked
    def agent_writes(
        self, *, conversation_id: int, content: str, user_id: int = 2, **details: Any
    ) -> Message:
        sender = self.users[user_id]
        return self.post_message(conversation_id=conversation_id, sender=sender, content=content, **details)

    @locked
    def answer_outside(self, *, conversation_id: int, content: str, where: str = "app") -> Message:
        """By a colleague in the channel's own app, behind a bridge or in Slack: Chatwoot knows no sender of it."""
        conversation = self.conversation(conversation_id)
        marks = copy.deepcopy(OUTSIDE[where])
        message = self._add_message(conversation, "outgoing", content=content, status="delivered", **marks)
        self._note_human_reply(conversation, message)
        return message

    @locked
    def call_back(self, *, conversation_id: int, status: str = "no-answer", user_id: int = 2) -> Message:
        """An agent telephones; status says whether anybody took the call."""
        data = {"status": status, "call_direction": "outbound"}
        return self._add_message(
            self.conversation(conversation_id), "outgoing", content="Voice Call", content_type="voice_call",
            sender=self.users[user_id], content_attributes={"data": data},
        )  # fmt: skip

    @locked
    def automation_writes(self, *, conversation_id: int, content: str) -> Message:
        """A rule, at once or much later: no sender either."""
        attributes = {"automation_rule_id": 1}
        return self._add_message(
            self.conversation(conversation_id), "outgoing", content=content, content_attributes=attributes
        )

    @locked
    def merge_contacts(self, kept_id: int, gone_id: int) -> None:
        """Tells nobody: the conversations' next events name the other contact."""
        kept, gone = self.contacts[kept_id], self.contacts.pop(gone_id)
        for conversation in self.conversations.values():
            if conversation.contact_id == gone.id:
                conversation.contact_id = kept.id

    @locked
    def note(self, *, conversation_id: int, content: str, user_id: int = 2, **details: Any) -> Message:
        return self.agent_writes(
            conversation_id=conversation_id,
            content=content,
            user_id=user_id,
            private=True,
            **details,
        )

    def can_reply(self, conversation: Conversation) -> bool:
        """Computed from the clock: it turns false with no event."""
        window = WINDOWED_CHANNELS.get(self.inboxes[conversation.inbox_id].channel_type)
        if window is None:
            return True
        incoming = [m.created_at for m in self.messages_of(conversation.id) if m.message_type == "incoming"]
        return bool(incoming) and self.now() - incoming[-1] < window

    def unread_count(self, conversation: Conversation) -> int:
        seen = conversation.agent_last_seen_at or 0.0
        unread = [
            m
            for m in self.messages_of(conversation.id)
            if m.message_type == "incoming" and m.created_at > seen
        ]
        return min(len(unread), 10)

    def _contact(self, contact: Contact | str | Json | None) -> Contact:
        if isinstance(contact, Contact):
            return contact
        details = {"name": contact} if isinstance(contact, str) else dict(contact or {})
        name = details.pop("name", None) or "Jamie Doe"
        email = details.setdefault("email", name.lower().replace(" ", ".") + "@customer.example")
        known = (c for c in self.contacts.values() if c.email == email and c.name == name)
        return next(known, None) or self.add_contact(name, **details)

    def _add_message(self, conversation: Conversation, message_type: str, **details: Any) -> Message:
        now = self.now()
        message = Message(
            id=self.next_id("message"),
            conversation_id=conversation.id,
            inbox_id=conversation.inbox_id,
            message_type=message_type,
            created_at=now,
            updated_at=now,
            **details,
        )
        message.attachments = [
            channels.attachment(message, self.next_id("attachment"), a) for a in message.attachments
        ]
        self.keep_message(message)
        conversation.updated_at = conversation.last_activity_at = now
        if message_type != "activity":
            self.emit(Event("message_created", conversation.id, message.id))
        return message

    def _note_human_reply(self, conversation: Conversation, message: Message) -> None:
        changes: dict[str, Any] = {}
        if conversation.first_reply_created_at is None:
            changes["first_reply_created_at"] = message.created_at
        if conversation.waiting_since is not None:
            changes["waiting_since"] = None
        if changes:
            self._update(conversation, **changes)

    def _update(self, conversation: Conversation, **changes: Any) -> None:
        changes["updated_at"] = self.now()
        changed = {
            name: (getattr(conversation, name), value)
            for name, value in changes.items()
            if getattr(conversation, name) != value
            or name == "updated_at"  # a change always says when it was
        }
        for name, value in changes.items():
            setattr(conversation, name, value)
        if "status" in changed:
            only_status = {"status": changed["status"]}
            self.emit(Event("conversation_status_changed", conversation.id, changed=only_status))
        if _ANNOUNCED & changed.keys():
            self.emit(Event("conversation_updated", conversation.id, changed=changed))

    def _update_message(self, message: Message, **changes: Any) -> None:
        for name, value in changes.items():
            setattr(message, name, value)
        message.updated_at = self.now()
        if message.message_type != "activity":
            self.emit(Event("message_updated", message.conversation_id, message.id))

    def _add_activity(self, conversation: Conversation, what: str, user_id: int | None) -> None:
        by = f" by {self.users[user_id].name}" if user_id else ""
        self._add_message(conversation, "activity", content=what + by)

    def _check_new_message(
        self, conversation: Conversation, content: str | None, message_type: str, details: Json
    ) -> None:
        if message_type == "incoming":
            raise Invalid("Incoming messages are only allowed in Api inboxes")
        if content and len(content) > _MAX_CONTENT:
            raise Invalid("Validation failed: Content is too long (maximum is 150000 characters)")
        if len(details.get("attachments") or []) > _MAX_FILES:
            raise Invalid("Validation failed: Attachments exceeded maximum allowed", "attachments")
        recent = self.now() - 60
        sent = [m for m in self.messages_of(conversation.id) if m.created_at >= recent]
        if len(sent) >= _MAX_PER_MINUTE:
            raise Invalid("Validation failed: Too many messages")

    def _arrival(self, conversation: Conversation, content: str | None, email: Json | None) -> Json:
        inbox, contact = self.inboxes[conversation.inbox_id], self.contacts[conversation.contact_id]
        number = f"{self.rng.getrandbits(96):024x}"
        if inbox.channel_type == "Channel::Whatsapp":
            return {"source_id": f"wamid.{number}"}
        if inbox.channel_type != "Channel::Email":
            return {}
        return channels.mail(inbox, contact, content or "", number, email or {})

    def _deliver(self, conversation: Conversation, message: Message, given: dict[str, str | None]) -> None:
        """Hand it to the channel, which may refuse it: a closed window fails after saving."""
        contact = self.contacts[conversation.contact_id]
        if self.inboxes[conversation.inbox_id].channel_type != "Channel::Email":
            if self.can_reply(conversation):
                message.delivered_to = [contact.phone_number or contact.name]
            else:
                self._fail(message, "131047: Re-engagement message")
            return
        named = {name: channels.addresses(value) for name, value in given.items() if value}
        message.content_attributes = {**message.content_attributes, **named}
        message.delivered_to = channels.mail_recipients(contact, named)

    def _fail(self, message: Message, error: str) -> None:
        attributes = {**message.content_attributes, "external_error": error}
        self._update_message(message, status="failed", content_attributes=attributes)
