"""Digests of the customer's messages that a draft answers: an edit or a deletion counts as a newer message does.

A draft keeps one of each message; the mirror's rows, and what the send reads from Chatwoot, are compared with them.
"""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_noop

from webhooks.mirror import fold, mail_parts, message_parts
from webhooks.models import Conversation, Message

from ..learning import customer_turn
from ..models import Draft
from . import chatwoot_messages

EDITED = gettext_noop("The customer edited what this answers.")
DELETED = gettext_noop("The customer deleted what this answers.")
ANSWERED = gettext_noop("The customer chose or filled in something since.")
TRANSCRIBED = gettext_noop("A voice message that this answers was transcribed since.")
FORM_STAYS_OPEN = timedelta(days=7)  # the send reads Chatwoot's messages from the oldest such form on
DECIDED = (Draft.Status.APPROVED, Draft.Status.SENDING, Draft.Status.SENT, Draft.Status.PARKED)
Digests = dict[str, str]  # by the message's number in Chatwoot, as JSON keeps it


def of(conversation: Conversation, message: Message) -> Digests:
    """Of everything that waits for this answer. Our form may stand after the message that the draft is bound to.

    Forms that are still open, too: the customer may fill them in although we have answered since.
    """
    waiting = [*_open_forms(conversation, message), *customer_turn.messages(message, and_since=True), message]
    return {str(row.message_id): _digest(row) for row in waiting}


def _open_forms(conversation: Conversation, message: Message) -> QuerySet[Message]:
    return conversation.messages.filter(
        kind=Message.Kind.OUTGOING, content_type__in=message_parts.FORMS, submitted_at=None, deleted=False,
        created_at__gte=message.said_at - FORM_STAYS_OPEN,
    )  # fmt: skip


def change(draft: Draft) -> str:
    """What the customer did to these messages since, by the mirror. Empty: nothing."""
    numbers = list(map(int, draft.message_digests))
    since = Q(content_type__in=message_parts.FORMS, message_id__gt=max(numbers, default=0))
    rows = Message.objects.filter(Q(message_id__in=numbers) | since, conversation=draft.conversation_id)
    found = {str(row.message_id): row for row in rows}
    return _change(draft.message_digests, found) or (
        _transcribed(draft, found) if _by_a_machine(draft) else ""
    )


def change_in(draft: Draft, rows: Iterable[dict[str, Any]]) -> str:
    """The same in what Chatwoot's API lists. What it does not list is taken as unchanged."""
    return _change(draft.message_digests, {str(row["id"]): _listed(row) for row in rows})


def oldest(draft: Draft) -> int:
    """The number of the oldest of them."""
    return min([draft.in_reply_to.message_id, *map(int, draft.message_digests)])


def _change(digests: Digests, now: dict[str, Message]) -> str:
    known = {number: row for number, row in now.items() if number in digests}
    if any(row.deleted for row in known.values()):
        return DELETED
    written = [row for number, row in known.items() if _written(digests[number]) != _written(_digest(row))]
    if written:
        return ANSWERED if all(row.content_type in message_parts.FORMS for row in written) else EDITED
    newest = max(map(int, digests), default=0)
    unread = (
        row for number, row in now.items() if int(number) > newest and row.content_type in message_parts.FORMS
    )
    return ANSWERED if digests and any(map(message_parts.words, unread)) else ""


def _by_a_machine(draft: Draft) -> bool:
    """A person who decided, or wrote the reply, could listen to it; a drafter could not."""
    by_person = draft.author_kind == Draft.AuthorKind.PERSON or draft.changed_by
    return not by_person and draft.status not in DECIDED


def _transcribed(draft: Draft, now: dict[str, Message]) -> str:
    known = ((digest, now[number]) for number, digest in draft.message_digests.items() if number in now)
    return TRANSCRIBED if any(digest != _digest(row) for digest, row in known) else ""


def _written(digest: str) -> str:
    """The part of a digest that is of the text."""
    return digest.partition(":")[0]


def _digest(message: Message) -> str:
    """Of a form: the customer's answer, not our question. Of a customer's message: its text as Chatwoot has it, and
    after a colon what its attachments say in words.
    """
    if message.content_type in message_parts.FORMS:
        return fold.digest(message_parts.words(message))
    said = "\n".join(part.text for part in message_parts.parts(message) if part.words)
    return fold.digest(message.content) + (f":{fold.digest(said)}" if said else "")


def _listed(row: dict[str, Any]) -> Message:
    """A message of the API's list in the mirror's form."""
    attributes = chatwoot_messages.attributes(row)
    return Message(
        message_id=row["id"], content=mail_parts.content(row), content_type=row.get("content_type") or "",
        content_attributes=attributes, deleted=bool(attributes.get("deleted")),
    )  # fmt: skip
