"""What each address of the API does, and the table of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from . import dashboard_apps, forms, help_centre, shapes
from .calls import Call, may_see
from .records import Conversation, Json, Message
from .world import NotFound

Handler = Callable[[Call], Any]
_A = r"/api/v1/accounts/(?P<account>\d+)"
_C = _A + r"/conversations/(?P<conversation>\d+)"
PAGE = 25


# --- account


def _profile(call: Call) -> Json:
    return shapes.profile(call.world, call.user)


def _inboxes(call: Call) -> Json:
    allowed = call.user.inbox_ids
    visible = [i for i in call.world.inboxes.values() if allowed is None or i.id in allowed]
    return {"payload": [shapes.inbox(inbox) for inbox in visible]}


def _webhooks(call: Call) -> Json:
    hooks = [shapes.webhook(call.world, hook) for hook in call.world.webhooks.values()]
    return {"payload": {"webhooks": hooks}}


def _create_webhook(call: Call) -> Json:
    given = call.request.body.get("webhook", call.request.body)
    hook = call.world.register_webhook(given.get("url") or "", given.get("subscriptions"), given.get("name"))
    return {"payload": {"webhook": shapes.webhook(call.world, hook)}}


def _change_webhook(call: Call) -> Json:
    given = call.request.body.get("webhook", call.request.body)
    changes = {name: given[name] for name in ("url", "name", "subscriptions") if name in given}
    hook = call.world.change_webhook(call.ids["webhook"], **changes)
    return {"payload": {"webhook": shapes.webhook(call.world, hook)}}


def _delete_webhook(call: Call) -> None:
    call.world.delete_webhook(call.ids["webhook"])


def _csat_responses(call: Call) -> list[Json]:
    newest_first = sorted(call.world.csat_responses.values(), key=lambda r: r.id, reverse=True)
    since, until = call.number("since", 0), call.number("until", 2**40)
    wanted = [r for r in newest_first if since <= r.created_at <= until]
    page = max(call.number("page", 1), 1)
    return [shapes.csat_response(call.world, r) for r in wanted[(page - 1) * PAGE : page * PAGE]]


def _report_summary(call: Call) -> Json:
    since, until = call.number("since", 0), call.number("until", 2**40)
    return shapes.report_summary(call.world, since, until)


# --- conversations


def _conversations(call: Call) -> Json:
    query = call.request.query
    status = query.get("status", "open")
    found = [
        c
        for c in call.world.conversations.values()
        if may_see(call.user, c)
        and status in ("all", c.status)
        and query.get("inbox_id") in (None, str(c.inbox_id))
    ]
    ascending = query.get("sort_by", "").endswith("_asc")
    found.sort(key=_sort_key(query.get("sort_by", "")), reverse=not ascending)
    count = len(found)
    if "updated_within" in query:
        after = call.world.now() - call.number("updated_within", 0)
        found = [c for c in found if c.updated_at > after]
    else:
        page = max(call.number("page", 1), 1)
        found = found[(page - 1) * PAGE : page * PAGE]
    meta = {"mine_count": 0, "assigned_count": 0, "unassigned_count": count, "all_count": count}
    payload = [shapes.conversation(call.world, c) for c in found]
    return {"data": {"meta": meta, "payload": payload}}


def _sort_key(sort_by: str) -> Callable[[Conversation], float]:
    if sort_by.startswith("created_at"):
        return lambda conversation: conversation.created_at
    return lambda conversation: conversation.last_activity_at


def _conversation(call: Call) -> Json:
    return shapes.conversation(call.world, call.conversation())


def _toggle_status(call: Call) -> Json:
    conversation, body = call.conversation(), call.request.body
    opposite = "resolved" if conversation.status == "open" else "open"
    status = body.get("status") or opposite
    call.world.set_status(
        conversation.id,
        status,
        user_id=None if call.user.is_bot else call.user.id,
        snoozed_until=body.get("snoozed_until"),
    )
    payload = {"success": True, "current_status": status, "conversation_id": conversation.id}
    return {"meta": {}, "payload": {**payload, "snoozed_until": body.get("snoozed_until")}}


def _toggle_priority(call: Call) -> None:
    call.world.set_priority(call.conversation().id, call.request.body.get("priority") or None)


def _assign(call: Call) -> Json | None:
    conversation, body = call.conversation(), call.request.body
    if "team_id" in body:
        call.world.assign(conversation.id, None, team_id=body["team_id"])
        return call.world.team(body["team_id"])
    assignee = body.get("assignee_id")
    # 0 takes the assignee away, as the dashboard sends it.
    call.world.assign(conversation.id, int(assignee) if assignee else None)
    return shapes.agent(call.world, call.world.users[int(assignee)]) if assignee else None


def _labels(call: Call) -> Json:
    return {"payload": list(call.conversation().label_list)}


def _set_labels(call: Call) -> Json:
    labels = call.world.set_labels(call.conversation().id, call.request.body.get("labels") or [])
    return {"payload": list(labels)}


# --- messages


def _messages(call: Call) -> Json:
    conversation, query = call.conversation(), call.request.query
    items = call.world.messages_of(conversation.id)
    if query.get("filter_internal_messages"):
        items = [m for m in items if not m.private and m.message_type != "activity"]
    return shapes.messages(call.world, conversation, _window(call, items))


def _window(call: Call, items: list[Message]) -> list[Message]:
    after, before = call.number("after", 0), call.number("before", 0)
    if after and before:
        return [m for m in items if after <= m.id < before][:1000]
    if before:
        return [m for m in items if m.id < before][-20:]
    if after:
        return [m for m in items if m.id > after][:100]
    return items[-20:]


def _create_message(call: Call) -> Json:
    conversation, body = call.conversation(), call.request.body
    recipients = {name: body.get(name) for name in ("to_emails", "cc_emails", "bcc_emails")}
    message = call.world.post_message(
        conversation_id=conversation.id,
        sender=call.user,
        content=body.get("content"),
        private=str(body.get("private")).lower() in ("true", "1"),
        message_type=body.get("message_type") or "outgoing",
        content_type=body.get("content_type") or "text",
        source_id=body.get("source_id"),
        content_attributes=dict(body.get("content_attributes") or {}),
        recipients=recipients,
        attachments=[forms.keep(call.world, file) for file in call.request.files],
    )
    answer = shapes.message(message)
    # Comes back in this one answer only; it is not stored.
    return {**answer, "echo_id": body["echo_id"]} if body.get("echo_id") else answer


def _delete_message(call: Call) -> Json:
    conversation = call.conversation()
    message = call.world.message(call.ids["message"])
    if message.conversation_id != conversation.id:
        raise NotFound(str(message.id))
    return shapes.message(call.world.delete_message(message.id))


ROUTES: list[tuple[str, str, Handler, str]] = [
    ("GET", "/api/v1/profile", _profile, "users"),
    ("GET", _A + "/inboxes", _inboxes, "users"),
    ("GET", _A + "/webhooks", _webhooks, "administrators"),
    ("POST", _A + "/webhooks", _create_webhook, "administrators"),
    ("PATCH", _A + r"/webhooks/(?P<webhook>\d+)", _change_webhook, "administrators"),
    ("PUT", _A + r"/webhooks/(?P<webhook>\d+)", _change_webhook, "administrators"),
    ("DELETE", _A + r"/webhooks/(?P<webhook>\d+)", _delete_webhook, "administrators"),
    ("GET", _A + "/dashboard_apps", dashboard_apps.listed, "users"),
    ("POST", _A + "/dashboard_apps", dashboard_apps.create, "administrators"),
    ("GET", _A + "/csat_survey_responses", _csat_responses, "users"),
    ("GET", _A.replace("v1", "v2") + "/reports/summary", _report_summary, "administrators"),
    ("GET", _A + r"/portals/(?P<portal>[\w-]+)/articles", help_centre.articles, "administrators"),
    (
        "GET",
        _A + r"/portals/(?P<portal>[\w-]+)/articles/(?P<article>\d+)",
        help_centre.article,
        "administrators",
    ),
    ("GET", _A + "/canned_responses", help_centre.canned_responses, "users"),
    ("GET", _A + "/conversations", _conversations, "users"),
    ("GET", _C, _conversation, "bots"),
    ("POST", _C + "/toggle_status", _toggle_status, "bots"),
    ("POST", _C + "/toggle_priority", _toggle_priority, "bots"),
    ("POST", _C + "/assignments", _assign, "bots"),
    ("GET", _C + "/labels", _labels, "bots"),
    ("POST", _C + "/labels", _set_labels, "bots"),
    ("GET", _C + "/messages", _messages, "users"),
    ("POST", _C + "/messages", _create_message, "bots"),
    ("DELETE", _C + r"/messages/(?P<message>\d+)", _delete_message, "users"),
]
