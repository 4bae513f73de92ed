"""Webhook bodies, built from the state at the moment the job runs, as Chatwoot builds them.

Two events of one conversation can therefore carry the same, newest state.
"""

from __future__ import annotations

import copy
import html
import re
from datetime import UTC, datetime
from typing import Any

from .records import MESSAGE_TYPES, Contact, Conversation, Event, Inbox, Json, Message, User
from .world import NotFound, World

_TIMES = {
    "updated_at",
    "waiting_since",
    "first_reply_created_at",
    "snoozed_until",
    "created_at",
}


def build(world: World, event: Event) -> Json | None:
    """The body for one event; None when its subject is gone or is never told of."""
    with world.lock:
        try:
            # A copy: a payload must not change with the world.
            return copy.deepcopy(_build(world, event))
        except (NotFound, KeyError):
            return None


def _build(world: World, event: Event) -> Json:
    if event.name.startswith("message_"):
        message = world.message(event.message_id or 0)
        return {**message_body(world, message), "event": event.name}
    if event.name.startswith("contact_"):
        contact = world.contacts[event.contact_id or 0]
        body = {**contact_data(contact), "account": account(world), "event": event.name}
        return body if event.changed is None else {**body, "changed_attributes": _changed(event)}
    conversation = world.conversation(event.conversation_id or 0)
    if "typing" in event.name:
        return _typing(world, event, conversation)
    body = {**conversation_body(world, conversation), "event": event.name}
    # Only since 4.x does the account stand at the top of conversation events.
    body["account"] = account(world)
    if event.name != "conversation_created":
        body["changed_attributes"] = _changed(event)
    return body


def message_body(world: World, message: Message) -> Json:
    """The top level of message events: the type is a string and there is no version."""
    body: Json = {
        "account": account(world),
        "additional_attributes": message.additional_attributes,
        "content_attributes": message.content_attributes,
        "content_type": message.content_type,
        "content": _told(world, message),
        "conversation": conversation_body(world, world.conversation(message.conversation_id)),
        "created_at": iso(message.created_at),
        "id": message.id,
        "inbox": inbox_name(world.inboxes[message.inbox_id]),
        "message_type": message.message_type,
        "private": message.private,
        "sender": sender_of_message(message.sender),
        "source_id": message.source_id,
    }
    if message.attachments:
        body["attachments"] = message.attachments
    return body


def conversation_body(world: World, conversation: Conversation) -> Json:
    last = world.last_public_message(conversation.id)
    contact = world.contacts[conversation.contact_id]
    assignee = world.users.get(conversation.assignee_id or 0)
    inbox = world.inboxes[conversation.inbox_id]
    assigned = world.machine_of(conversation) or assignee
    body: Json = {
        "additional_attributes": conversation.additional_attributes,
        "can_reply": world.can_reply(conversation),
        "channel": inbox.channel_type,
        "contact_inbox": contact_inbox(world, conversation),
        "id": conversation.id,
        "inbox_id": conversation.inbox_id,
        "messages": [nested_message(world, last)] if last else [],
        "labels": list(conversation.label_list),
        "meta": {
            "sender": contact_card(contact),
            "assignee": user_card(assigned) if assigned else None,
            "assignee_type": sender_type(assigned),
            "team": world.team(conversation.team_id) if conversation.team_id else None,
            "hmac_verified": False,
        },
        "status": conversation.status,
        "custom_attributes": conversation.custom_attributes,
        "snoozed_until": _iso_or_none(conversation.snoozed_until),
        "unread_count": world.unread_count(conversation),
        "first_reply_created_at": _iso_or_none(conversation.first_reply_created_at),
        "priority": conversation.priority,
        "waiting_since": seconds(conversation.waiting_since),
        "agent_last_seen_at": seconds(conversation.agent_last_seen_at),
        "contact_last_seen_at": seconds(conversation.contact_last_seen_at),
        "last_activity_at": seconds(conversation.last_activity_at),
        "timestamp": seconds(conversation.last_activity_at),
        "created_at": seconds(conversation.created_at),
        "updated_at": round(conversation.updated_at, 6),
    }
    if not world.versions:
        del body["updated_at"], body["last_activity_at"]
    return body


def nested_message(world: World, message: Message) -> Json:
    """`messages[0]`: the one place where a message's own version and status can be seen."""
    conversation = world.conversation(message.conversation_id)
    content = _normalized(message.content)
    body: Json = {
        "id": message.id,
        "content": content,
        "account_id": world.account_id,
        "inbox_id": message.inbox_id,
        "conversation_id": message.conversation_id,
        "message_type": MESSAGE_TYPES[message.message_type],
        "created_at": seconds(message.created_at),
        "updated_at": iso(message.updated_at),
        "private": message.private,
        "status": message.status,
        "source_id": message.source_id,
        "content_type": message.content_type,
        "content_attributes": message.content_attributes,
        "sender_type": sender_type(message.sender),
        "sender_id": message.sender.id if message.sender else None,
        "external_source_ids": message.external_source_ids,
        "additional_attributes": message.additional_attributes,
        "processed_message_content": content,
        "sentiment": {},
        "conversation": {
            "assignee_id": conversation.assignee_id,
            "unread_count": world.unread_count(conversation),
            "last_activity_at": seconds(conversation.last_activity_at),
            "contact_inbox": {"source_id": contact_inbox(world, conversation)["source_id"]},
        },
    }
    if message.attachments:
        body["attachments"] = message.attachments
    if message.sender:
        body["sender"] = card(message.sender)
    return body


def sender_of_message(sender: User | Contact | None) -> Json | None:
    """At the top of a message event a contact has no `type`; a user and a bot do."""
    if sender is None:
        return None
    if isinstance(sender, Contact):
        return contact_data(sender)
    if sender.is_bot:
        return {"id": sender.id, "name": sender.name, "type": sender.role}
    return {"id": sender.id, "name": sender.name, "email": sender.email, "type": "user"}


def contact_data(contact: Contact) -> Json:
    return {
        "additional_attributes": contact.additional_attributes,
        "avatar": "",
        "blocked": False,
        "custom_attributes": contact.custom_attributes,
        "email": contact.email,
        "id": contact.id,
        "identifier": contact.identifier,
        "name": contact.name,
        "phone_number": contact.phone_number,
        "thumbnail": "",
    }


def card(who: User | Contact) -> Json:
    return contact_card(who) if isinstance(who, Contact) else user_card(who)


def contact_card(contact: Contact) -> Json:
    """A contact wherever else it is shown: here with its `type`."""
    return {**contact_data(contact), "type": "contact"}


def user_card(user: User) -> Json:
    if user.is_bot:
        return {"id": user.id, "name": user.name, "avatar_url": "", "type": user.role}
    return {
        "id": user.id,
        "name": user.name,
        "available_name": user.name,
        "avatar_url": "",
        "type": "user",
        "availability_status": "online",
        "thumbnail": "",
    }


def sender_type(sender: User | Contact | None) -> str | None:
    if sender is None:
        return None
    if isinstance(sender, Contact):
        return "Contact"
    return {"agent_bot": "AgentBot", "captain_assistant": "Captain::Assistant"}.get(sender.role, "User")


def account(world: World) -> Json:
    return {"id": world.account_id, "name": world.account_name}


def inbox_name(inbox: Inbox) -> Json:
    return {"id": inbox.id, "name": inbox.name}


def contact_inbox(world: World, conversation: Conversation) -> Json:
    contact = world.contacts[conversation.contact_id]
    return {
        "id": conversation.contact_id,
        "contact_id": conversation.contact_id,
        "inbox_id": conversation.inbox_id,
        "source_id": contact.email or contact.phone_number or str(contact.id),
        "created_at": iso(contact.created_at),
        "updated_at": iso(contact.created_at),
        "hmac_verified": False,
    }


def seconds(time: float | None) -> int:
    """Unix seconds; 0 means never."""
    return int(time or 0)


def iso(time: float) -> str:
    """ISO 8601 with milliseconds, cut off as Rails does."""
    moment = datetime.fromtimestamp(time, UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


def _iso_or_none(time: float | None) -> str | None:
    return None if time is None else iso(time)


def _normalized(content: str | None) -> str | None:
    # Chatwoot strips what its editor leaves: backslash line breaks and trailing newlines.
    if content is None:
        return None
    return re.sub(r"\\+\n", "\n", content).rstrip("\n")


def _told(world: World, message: Message) -> str | None:
    """The text at the top of a message event. Within the conversation it always stands as it was written."""
    content = _normalized(message.content)
    in_html = world.inboxes[message.inbox_id].channel_type in ("Channel::Email", "Channel::WebWidget")
    if content is None or not (world.renders and in_html):
        return content
    return "".join(f"<p>{html.escape(part, quote=False)}</p>\n" for part in content.split("\n\n"))


def _changed(event: Event) -> list[Json] | None:
    if not event.changed:
        return None
    return [
        {name: {"previous_value": _value(name, before), "current_value": _value(name, after)}}
        for name, (before, after) in event.changed.items()
    ]


def _value(name: str, value: Any) -> Any:
    return iso(value) if name in _TIMES and value is not None else value


def _typing(world: World, event: Event, conversation: Conversation) -> Json:
    user = world.users[event.user_id or 2]
    return {
        "event": event.name,
        "user": user_card(user),
        "conversation": conversation_body(world, conversation),
        "is_private": False,
    }
