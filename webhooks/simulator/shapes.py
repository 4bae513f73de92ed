"""The API's shapes, which differ from the webhooks': whole-second integers, no account, raw content."""

from __future__ import annotations

from . import payloads
from .payloads import seconds
from .records import MESSAGE_TYPES, Contact, Conversation, CsatResponse, Inbox, Json, Message, User, Webhook
from .world import World


def message(item: Message) -> Json:
    """A status, but no `updated_at`."""
    body: Json = {
        "id": item.id,
        "content": item.content,
        "inbox_id": item.inbox_id,
        "conversation_id": item.conversation_id,
        "message_type": MESSAGE_TYPES[item.message_type],
        "content_type": item.content_type,
        "status": item.status,
        "content_attributes": item.content_attributes,
        "created_at": seconds(item.created_at),
        "private": item.private,
        "source_id": item.source_id,
    }
    if item.sender:
        body["sender"] = payloads.card(item.sender)
    if item.attachments:
        body["attachments"] = item.attachments
    return body


def messages(world: World, conversation: Conversation, items: list[Message]) -> Json:
    assignee = world.users.get(conversation.assignee_id or 0)
    meta: Json = {
        "labels": conversation.label_list,
        "additional_attributes": conversation.additional_attributes,
        "contact": contact(world.contacts[conversation.contact_id]),
        "agent_last_seen_at": None,
        "assignee_last_seen_at": None,
    }
    if assignee:
        meta["assignee"] = agent(world, assignee)
    return {"meta": meta, "payload": [message(item) for item in items]}


def conversation(world: World, item: Conversation) -> Json:
    sender = contact(world.contacts[item.contact_id])
    channel = world.inboxes[item.inbox_id].channel_type
    meta: Json = {"sender": sender, "channel": channel, "hmac_verified": False}
    if machine := world.machine_of(item):
        meta |= {"assignee": payloads.user_card(machine), "assignee_type": payloads.sender_type(machine)}
    elif item.assignee_id is not None:
        meta["assignee"] = agent(world, world.users[item.assignee_id])
    if item.team_id is not None:
        meta["team"] = world.team(item.team_id)
    everything = world.messages_of(item.id)
    last = everything[-1:]
    spoken = [m for m in everything if m.message_type != "activity"][-1:]
    return {
        "meta": meta,
        "id": item.id,
        "messages": [payloads.nested_message(world, m) for m in last],
        "account_id": world.account_id,
        "uuid": item.uuid,
        "additional_attributes": item.additional_attributes,
        "agent_last_seen_at": seconds(item.agent_last_seen_at),
        "assignee_last_seen_at": 0,
        "can_reply": world.can_reply(item),
        "contact_last_seen_at": seconds(item.contact_last_seen_at),
        "custom_attributes": item.custom_attributes,
        "inbox_id": item.inbox_id,
        "labels": list(item.label_list),
        "muted": False,
        "snoozed_until": None if item.snoozed_until is None else seconds(item.snoozed_until),
        "status": item.status,
        "created_at": seconds(item.created_at),
        "updated_at": round(item.updated_at, 6),
        "timestamp": seconds(item.last_activity_at),
        "first_reply_created_at": seconds(item.first_reply_created_at),
        "unread_count": world.unread_count(item),
        "last_non_activity_message": payloads.nested_message(world, spoken[0]) if spoken else None,
        "last_activity_at": seconds(item.last_activity_at),
        "priority": item.priority,
        "waiting_since": seconds(item.waiting_since),
        "sla_policy_id": None,
    }


def contact(item: Contact) -> Json:
    return {
        "additional_attributes": item.additional_attributes,
        "availability_status": "offline",
        "email": item.email,
        "id": item.id,
        "name": item.name,
        "phone_number": item.phone_number,
        "blocked": False,
        "identifier": item.identifier,
        "thumbnail": "",
        "custom_attributes": item.custom_attributes,
        "created_at": seconds(item.created_at),
    }


def agent(world: World, user: User) -> Json:
    return {
        "id": user.id,
        "account_id": world.account_id,
        "availability_status": "online",
        "auto_offline": True,
        "confirmed": True,
        "email": user.email,
        "provider": "email",
        "available_name": user.name,
        "name": user.name,
        "role": user.role,
        "thumbnail": "",
    }


def profile(world: World, user: User) -> Json:
    membership = {
        "id": world.account_id,
        "name": world.account_name,
        "status": "active",
        "active_at": None,
        "role": user.role,
        "permissions": [user.role],
        "availability": "online",
        "availability_status": "online",
        "auto_offline": True,
    }
    return {
        "access_token": user.token,
        "account_id": world.account_id,
        "available_name": user.name,
        "avatar_url": "",
        "confirmed": True,
        "display_name": None,
        "message_signature": None,
        "email": user.email,
        "id": user.id,
        "inviter_id": None,
        "name": user.name,
        "provider": "email",
        "role": user.role,
        "ui_settings": {},
        "uid": user.email,
        "type": None,
        "accounts": [membership],
    }


def inbox(item: Inbox) -> Json:
    body: Json = {
        "id": item.id,
        "channel_id": item.id,
        "name": item.name,
        "channel_type": item.channel_type,
        "avatar_url": "",
        "greeting_enabled": False,
        "working_hours_enabled": False,
        "csat_survey_enabled": True,
        "enable_auto_assignment": True,
        "timezone": "Europe/Berlin",
        "phone_number": item.phone_number,
        "provider": "whatsapp_cloud" if item.phone_number else None,
    }
    return {**body, "email": item.email} if item.email else body


def webhook(world: World, item: Webhook) -> Json:
    return {
        "id": item.id,
        "name": item.name,
        "url": item.url,
        "account_id": world.account_id,
        "subscriptions": item.subscriptions,
        "secret": item.secret,
    }


def csat_response(world: World, item: CsatResponse) -> Json:
    body = {
        "id": item.id,
        "rating": item.rating,
        "feedback_message": item.feedback_message,
        "csat_review_notes": None,
        "account_id": world.account_id,
        "message_id": item.message_id,
        "contact": contact(world.contacts[item.contact_id]),
        "conversation_id": item.conversation_id,
        "created_at": seconds(item.created_at),
    }
    if item.assigned_agent_id is not None:
        body["assigned_agent"] = agent(world, world.users[item.assigned_agent_id])
    return body


def report_summary(world: World, since: int, until: int) -> Json:
    """An average that has nothing to say is null."""
    conversations, messages = world.conversations.values(), world.messages.values()
    taken = [
        c.first_reply_created_at - c.created_at
        for c in conversations
        if c.first_reply_created_at and since <= c.first_reply_created_at < until
    ]
    said = [m for m in messages if since <= m.created_at < until]
    resolved = [m for m in said if m.message_type == "activity" and "marked resolved" in (m.content or "")]
    return {
        "conversations_count": sum(since <= c.created_at < until for c in conversations),
        "incoming_messages_count": sum(m.message_type == "incoming" for m in said),
        "outgoing_messages_count": sum(m.message_type == "outgoing" for m in said),
        "avg_first_response_time": str(sum(taken) / len(taken)) if taken else None,
        "avg_resolution_time": None,
        "resolutions_count": len(resolved),
    }
