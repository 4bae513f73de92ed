"""What the customer's messages said that a draft answers: an edit or a deletion counts as a newer message does.

A draft keeps a digest of each of those messages; the mirror's rows, and what the send reads of Chatwoot, are compared with it.
"""

from collections.abc import Iterable
from typing import Any

from webhooks.mirror import fold
from webhooks.models import Conversation, Message

from ..models import Draft
from . import chatwoot_messages

EDITED = "The customer edited what this answers."
DELETED = "The customer deleted what this answers."
Digests = dict[str, str]  # by the message's number in Chatwoot, as JSON keeps it


def of(conversation: Conversation, message: Message) -> Digests:
    """Everything that waits for this answer, up to the message that it binds to."""
    since = conversation.waiting_since or message.created_at
    waiting = conversation.messages.filter(
        is_customer_message=True, created_at__gte=since, created_at__lte=message.created_at
    ).values_list("message_id", "content")
    found = {str(number): fold.digest(content) for number, content in waiting}
    return found | {str(message.message_id): fold.digest(message.content)}


def change(draft: Draft) -> str:
    """What the customer did to these messages since, as the mirror has it; nothing where all stand as they did."""
    rows = Message.objects.filter(
        conversation=draft.conversation_id, message_id__in=list(map(int, draft.asked))
    )
    return _change(draft.asked, rows.values_list("message_id", "content", "deleted"))


def change_in(draft: Draft, rows: Iterable[dict[str, Any]]) -> str:
    """The same in what Chatwoot's API lists. What it does not list is taken as unchanged."""
    return _change(
        draft.asked,
        (
            (row["id"], row.get("content") or "", bool(chatwoot_messages.attributes(row).get("deleted")))
            for row in rows
        ),
    )


def first(draft: Draft) -> int:
    """The number of the oldest of them."""
    return min([draft.in_reply_to.message_id, *map(int, draft.asked)])


def _change(asked: Digests, now: Iterable[tuple[int, str, bool]]) -> str:
    known = {str(number): (content, deleted) for number, content, deleted in now if str(number) in asked}
    if any(deleted for _, deleted in known.values()):
        return DELETED
    same = all(asked[number] == fold.digest(content) for number, (content, _) in known.items())
    return "" if same else EDITED
