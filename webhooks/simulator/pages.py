"""Plain pages for a person: all conversations at /, one at the address the dashboard would have.

They show that an approved reply really stands in Chatwoot, and who received it.
"""

from __future__ import annotations

import re
from html import escape
from urllib.parse import unquote

from . import dashboard_apps, forms, help_centre
from .payloads import iso
from .records import Conversation, Json, Message
from .world import NotFound, World

_STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 46rem; margin: 2rem auto; padding: 0 1rem; }
article { border: 1px solid #ccc; border-radius: 6px; padding: .6rem .9rem; margin: .8rem 0; }
.outgoing { background: #eef5ff; margin-left: 3rem; } .private { background: #fff6d8; }
.activity { border: 0; color: #555; } header, footer { color: #555; font-size: .85rem; }
p { white-space: pre-wrap; overflow-wrap: anywhere; margin: .3rem 0; }
table { border-collapse: collapse; width: 100%; } td, th { text-align: left; padding: .3rem .6rem; }
"""


def render(world: World, path: str) -> tuple[int, str]:
    """(status, HTML) for a page's path."""
    if path in ("/", f"/app/accounts/{world.account_id}/dashboard"):
        return 200, _page("Simulated Chatwoot", _overview(world))
    if help_page := help_centre.page(world, path):
        return 200, help_page
    found = re.fullmatch(rf"/app/accounts/{world.account_id}/conversations/(\d+)", path)
    try:
        if found:
            conversation = world.conversation(int(found[1]))
            return 200, _page(f"Conversation {conversation.id}", _conversation(world, conversation))
    except NotFound:
        pass
    return 404, _page("Not found", "<p>There is no such page in this simulated Chatwoot.</p>")


def _overview(world: World) -> str:
    with world.lock:
        newest_first = sorted(world.conversations.values(), key=lambda c: c.last_activity_at, reverse=True)
        rows = "".join(_row(world, conversation) for conversation in newest_first)
    head = "<tr><th>No.</th><th>Customer</th><th>Inbox</th><th>Status</th><th>Last message</th></tr>"
    return f"<p>{len(newest_first)} conversations.</p><table>{head}{rows}</table>"


def _row(world: World, conversation: Conversation) -> str:
    last = world.last_public_message(conversation.id)
    cells = (
        world.contacts[conversation.contact_id].name,
        world.inboxes[conversation.inbox_id].name,
        conversation.status,
        ((last.content or "(attachment)") if last else "")[:80],
    )
    link = f"/app/accounts/{world.account_id}/conversations/{conversation.id}"
    first = f'<td><a href="{link}">{conversation.id}</a></td>'
    return f"<tr>{first}{''.join(f'<td>{escape(cell)}</td>' for cell in cells)}</tr>"


def _conversation(world: World, conversation: Conversation) -> str:
    contact = world.contacts[conversation.contact_id]
    labels = ", ".join(conversation.label_list) or "no labels"
    facts = (
        f"{contact.name} <{contact.email or contact.phone_number or '-'}> in "
        f"{world.inboxes[conversation.inbox_id].name}: {conversation.status}, {labels}"
    )
    messages = "".join(_message(message) for message in world.messages_of(conversation.id))
    apps = dashboard_apps.frames(world, conversation)
    return f'<p>{escape(facts)}</p>{messages}<p><a href="/">All conversations</a></p>{apps}'


def _message(message: Message) -> str:
    kind = "private" if message.private else message.message_type
    who = message.sender.name if message.sender else "Chatwoot"
    label = {"private": "private note", "incoming": "customer", "outgoing": "reply"}.get(kind, kind)
    files = "".join(map(_file, message.attachments))
    return (
        f'<article class="{kind}" data-message-id="{message.id}">'
        f"<header>{escape(who)}, {label}, {iso(message.created_at)[:19].replace('T', ' ')}</header>"
        f"<p>{escape(message.content or '')}</p>{files}"
        f"<footer>{escape(_fate(message))}</footer></article>"
    )


def _file(attachment: Json) -> str:
    name, address = attachment["file_type"], str(attachment["data_url"])
    if forms.ADDRESS not in address:
        return f"<p>[{escape(str(name))} attached]</p>"
    said = unquote(address.rpartition("/")[2])
    return f'<p><a href="{escape(address)}">{escape(said)}</a> ({attachment["file_size"]} bytes, {escape(str(name))})</p>'


def _fate(message: Message) -> str:
    error = message.content_attributes.get("external_error")
    if error:
        return f"failed: {error}"
    if message.delivered_to:
        return f"{message.status}, to {', '.join(message.delivered_to)}"
    return ""


def _page(title: str, body: str) -> str:
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f'<link rel="icon" href="data:,"><style>{_STYLE}</style></head><body><h1>{escape(title)}</h1>{body}</body></html>'
    )
