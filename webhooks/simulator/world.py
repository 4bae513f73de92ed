"""What people do in a Chatwoot account, as verbs: each changes the state and emits its events.

Everything is in memory and thread-safe; the wire shapes are in `payloads`.
"""

from __future__ import annotations

import uuid
from typing import Any

from . import liquid
from .records import (
    PRIORITIES,
    STATUSES,
    WINDOWED_CHANNELS,
    Contact,
    Conversation,
    CsatResponse,
    Event,
    Json,
    Message,
    User,
)
from .state import Invalid, NotFound, State, locked

__all__ = ["Invalid", "NotFound", "World"]

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


class World(State):
    """`World(now=clock)`: one account, id 1, with its verbs."""

    # --- customers

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
        if conversation.status in ("resolved", "snoozed"):
            self._update(conversation, status="open", snoozed_until=None)
        message = self._add_message(
            conversation,
            "incoming",
            content=content,
            sender=self.contacts[conversation.contact_id],
            attachments=attachments or [],
            **self._channel_details(conversation, content, email),
        )
        if conversation.waiting_since is None:
            self._update(conversation, waiting_since=message.created_at)
        return message

    @locked
    def customer_reads(self, conversation_id: int) -> None:
        """The contact saw the conversation: a bare column, no event."""
        self.conversation(conversation_id).contact_last_seen_at = self.now()

    # --- the desk

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
            content = liquid.render(content, self._liquid_variables(conversation, sender))
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
            message.delivered_to = self._deliver(conversation, message, recipients or {})
        if not private and not sender.is_bot:
            self._note_human_reply(conversation, message)
        return message

    @locked
    def agent_writes(
        self, *, conversation_id: int, content: str, user_id: int = 2, **details: Any
    ) -> Message:
        sender = self.users[user_id]
        return self.post_message(
            conversation_id=conversation_id, sender=sender, content=content, **details
        )

    @locked
    def note(
        self, *, conversation_id: int, content: str, user_id: int = 2, **details: Any
    ) -> Message:
        return self.agent_writes(
            conversation_id=conversation_id,
            content=content,
            user_id=user_id,
            private=True,
            **details,
        )

    @locked
    def set_status(
        self,
        conversation_id: int,
        status: str,
        *,
        user_id: int | None = 1,
        snoozed_until: float | None = None,
        settle: bool = True,
    ) -> None:
        """`settle=False` stops where Chatwoot is for a moment: resolved, still waiting (see below)."""
        if status not in STATUSES:
            raise Invalid(f"'{status}' is not a valid status")
        conversation = self.conversation(conversation_id)
        if conversation.status == status:
            return
        until = snoozed_until if status == "snoozed" else None
        self._update(conversation, status=status, snoozed_until=until)
        self._add_activity(conversation, f"Conversation was marked {status}", user_id)
        if status == "resolved" and settle:
            self.clear_waiting(conversation_id)

    @locked
    def clear_waiting(self, conversation_id: int) -> None:
        # A bare column update after the commit: no event, and `updated_at` stays as it was.
        self.conversation(conversation_id).waiting_since = None

    @locked
    def mark_seen(self, conversation_id: int) -> None:
        """An agent opened the conversation: unread falls to 0 with no event and no new version."""
        self.conversation(conversation_id).agent_last_seen_at = self.now()

    @locked
    def set_labels(self, conversation_id: int, labels: list[str]) -> list[str]:
        """Replaces them, as the API does."""
        conversation = self.conversation(conversation_id)
        if labels != conversation.label_list:
            self._update(conversation, label_list=list(dict.fromkeys(labels)))
        return conversation.label_list

    @locked
    def add_labels(self, conversation_id: int, labels: list[str]) -> list[str]:
        return self.set_labels(
            conversation_id, self.conversation(conversation_id).label_list + labels
        )

    @locked
    def set_priority(self, conversation_id: int, priority: str | None) -> None:
        if priority not in (None, *PRIORITIES):
            raise Invalid(f"'{priority}' is not a valid priority")
        conversation = self.conversation(conversation_id)
        if conversation.priority != priority:
            self._update(conversation, priority=priority)

    @locked
    def assign(self, conversation_id: int, user_id: int | None, team_id: int | None = None) -> None:
        conversation = self.conversation(conversation_id)
        if user_id is not None and user_id not in self.users:
            raise NotFound(str(user_id))
        changes = {"assignee_id": user_id} if team_id is None else {"team_id": team_id}
        self._update(conversation, **changes)

    @locked
    def set_custom_attributes(self, conversation_id: int, attributes: Json) -> None:
        self._update(self.conversation(conversation_id), custom_attributes=attributes)

    @locked
    def typing(self, conversation_id: int, *, on: bool = True, user_id: int = 2) -> None:
        name = "conversation_typing_on" if on else "conversation_typing_off"
        self.emit(Event(name, conversation_id, user_id=user_id))

    # --- what later happens to a message; none of it gives the conversation a new version

    @locked
    def edit_message(self, message_id: int, content: str) -> None:
        self._update_message(self.message(message_id), content=content)

    @locked
    def delete_message(self, message_id: int) -> Message:
        message = self.message(message_id)
        message.attachments = []
        self._update_message(
            message,
            content="This message was deleted",
            content_type="text",
            content_attributes={"deleted": True},
        )
        return message

    @locked
    def update_status(self, message_id: int, status: str) -> None:
        """sent, delivered, read: what the channel reports."""
        self._update_message(self.message(message_id), status=status)

    @locked
    def fail_message(self, message_id: int, error: str = "Recipient address rejected") -> None:
        message = self.message(message_id)
        attributes = {**message.content_attributes, "external_error": error}
        self._update_message(message, status="failed", content_attributes=attributes)

    @locked
    def retry_message(self, message_id: int) -> None:
        """The dashboard's retry button; it erases whatever marker the message carried."""
        self._update_message(self.message(message_id), status="sent", content_attributes={})

    @locked
    def csat_request(self, conversation_id: int) -> Message:
        return self._add_message(
            self.conversation(conversation_id),
            "template",
            content="Please rate this conversation",
            content_type="input_csat",
            content_attributes={"display_type": "emoji"},
        )

    @locked
    def csat_answer(self, message_id: int, rating: int, feedback: str = "") -> CsatResponse:
        message = self.message(message_id)
        conversation = self.conversation(message.conversation_id)
        answer = {"csat_survey_response": {"rating": rating, "feedback_message": feedback}}
        response = CsatResponse(
            id=self.next_id("csat"),
            message_id=message_id,
            conversation_id=conversation.id,
            contact_id=conversation.contact_id,
            rating=rating,
            feedback_message=feedback,
            created_at=self.now(),
            assigned_agent_id=conversation.assignee_id,
        )
        self.csat_responses[response.id] = response
        attributes = {**message.content_attributes, "submitted_values": answer}
        self._update_message(message, content_attributes=attributes)
        return response

    @locked
    def delete_conversation(self, conversation_id: int) -> None:
        """Gone without any event: a later 404 is the only sign."""
        del self.conversations[self.conversation(conversation_id).id]
        for message in self.messages_of(conversation_id):
            del self.messages[message.id]

    # --- inside

    def _contact(self, contact: Contact | str | Json | None) -> Contact:
        if isinstance(contact, Contact):
            return contact
        details = {"name": contact} if isinstance(contact, str) else dict(contact or {})
        name = details.pop("name", None) or "Jamie Doe"
        email = details.setdefault("email", name.lower().replace(" ", ".") + "@customer.example")
        known = (c for c in self.contacts.values() if c.email == email and c.name == name)
        return next(known, None) or self.add_contact(name, **details)

    def _channel_details(
        self, conversation: Conversation, content: str | None, email: Json | None
    ) -> Json:
        inbox, contact = self.inboxes[conversation.inbox_id], self.contacts[conversation.contact_id]
        if inbox.channel_type == "Channel::Whatsapp":
            return {"source_id": f"wamid.{self.rng.getrandbits(96):024x}"}
        if inbox.channel_type != "Channel::Email":
            return {}
        message_id = f"{self.rng.getrandbits(64):016x}@mail.customer.example"
        body = {"full": content, "reply": content, "quoted": content}
        mail = {
            "subject": "Question to support",
            "from": [contact.email],
            "to": [inbox.email],
            "cc": None,
            "bcc": None,
            "message_id": message_id,
            "multipart": True,
            "text_content": body,
            "html_content": dict.fromkeys(body, f"<p>{content}</p>"),
            **(email or {}),
        }
        attributes = {"email": mail, "cc_email": mail["cc"], "bcc_email": mail["bcc"]}
        return {
            "content_type": "incoming_email",
            "source_id": message_id,
            "content_attributes": attributes,
        }

    def _add_message(
        self, conversation: Conversation, message_type: str, **details: Any
    ) -> Message:
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
        message.attachments = [self._attachment(message, a) for a in message.attachments]
        self.messages[message.id] = message
        conversation.updated_at = conversation.last_activity_at = now
        if message_type != "activity":
            self.emit(Event("message_created", conversation.id, message.id))
        return message

    def _attachment(self, message: Message, details: Json) -> Json:
        number = self.next_id("attachment")
        url = f"https://chatwoot.example/rails/active_storage/blobs/{number}/file"
        return {
            "id": number,
            "message_id": message.id,
            "file_type": "file",
            "account_id": self.account_id,
            "extension": None,
            "data_url": url,
            "thumb_url": "",
            "file_size": 48_213,
            "width": None,
            "height": None,
            **details,
        }

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
        recent = self.now() - 60
        sent = [m for m in self.messages_of(conversation.id) if m.created_at >= recent]
        if len(sent) >= _MAX_PER_MINUTE:
            raise Invalid("Validation failed: Too many messages")

    def _liquid_variables(self, conversation: Conversation, sender: User) -> dict[str, str]:
        contact = self.contacts[conversation.contact_id]
        return {
            "contact.name": contact.name,
            "contact.first_name": contact.name.split()[0],
            "contact.last_name": contact.name.split()[-1],
            "contact.email": contact.email or "",
            "contact.phone_number": contact.phone_number or "",
            "agent.name": sender.name,
            "agent.email": sender.email,
            "inbox.name": self.inboxes[conversation.inbox_id].name,
            "conversation.display_id": str(conversation.id),
            "account.name": self.account_name,
        }

    def _deliver(
        self, conversation: Conversation, message: Message, recipients: dict[str, str | None]
    ) -> list[str]:
        contact = self.contacts[conversation.contact_id]
        if self.inboxes[conversation.inbox_id].channel_type != "Channel::Email":
            return [contact.phone_number or contact.name]
        message.content_attributes = {
            **message.content_attributes,
            **{name: _addresses(value) for name, value in recipients.items() if value},
        }
        # Without recipients the contact alone gets the mail: every CC is dropped, silently.
        given = [a for value in recipients.values() for a in _addresses(value)]
        return given if recipients.get("to_emails") else [contact.email or "", *given]

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

    def can_reply(self, conversation: Conversation) -> bool:
        """Computed from the clock: it turns false with no event."""
        window = WINDOWED_CHANNELS.get(self.inboxes[conversation.inbox_id].channel_type)
        if window is None:
            return True
        incoming = [
            m.created_at for m in self.messages_of(conversation.id) if m.message_type == "incoming"
        ]
        return bool(incoming) and self.now() - incoming[-1] < window

    def unread_count(self, conversation: Conversation) -> int:
        seen = conversation.agent_last_seen_at or 0.0
        unread = [
            m
            for m in self.messages_of(conversation.id)
            if m.message_type == "incoming" and m.created_at > seen
        ]
        return min(len(unread), 10)


def _addresses(value: str | None) -> list[str]:
    return [address.strip() for address in (value or "").split(",") if address.strip()]
