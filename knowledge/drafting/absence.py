"""Why a waiting customer has no draft, in words for the person who opens the conversation."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from webhooks.mirror import message_parts
from webhooks.models import Conversation, Delivery

from ..learning import customer_turn
from ..models import Draft, NoDraft
from . import drafting_texts

FOUND = {
    NoDraft.Reason.NO_REPLY_NEEDED: gettext_lazy("The customer only says thanks, so no reply is needed."),
    NoDraft.Reason.MAY_FIT: gettext_lazy("No approved article is sure to fit. Some may."),
    NoDraft.Reason.NO_ARTICLE: gettext_lazy("No approved article fits what the customer wrote."),
    NoDraft.Reason.NO_TEXT: gettext_lazy("The customer's message has no text."),
}


@dataclass(frozen=True)
class Absence:
    """under_way: a draft is being written, or will be."""

    text: str
    under_way: bool = False


def of(conversation: Conversation, *, now: datetime) -> Absence:
    """For a conversation that waits and has no draft to decide."""
    if not (conversation.inbox and conversation.inbox.drafting):
        return Absence(_("Drafting is switched off for this inbox."))
    message = conversation.waiting_message
    requests = Delivery.objects.filter(
        source=conversation.source_id, conversation_id=conversation.display_id, event="draft.request", direction="OUT",
        message_id=message.message_id if message else None,
    )  # fmt: skip
    newest = requests.order_by("-pk").first()
    if newest and newest.status == "PENDING":
        return _pending(newest, now=now)
    rejected = conversation.drafts.filter(in_reply_to=message, status=Draft.Status.REJECTED).order_by("-pk")
    if draft := rejected.select_related("decided_by").first():
        return Absence(
            _("%(decided_by)s rejected the last draft: %(note)s")
            % {"decided_by": draft.decided_by or _("Somebody"), "note": draft.note or _("no reason given")}
        )
    return Absence(_result(newest) if newest else _("No draft was requested for this message."))


def _pending(row: Delivery, *, now: datetime) -> Absence:
    if row.last_error:
        return Absence(_("The drafter does not answer. The site tries again."), under_way=True)
    waits = row.next_attempt_at and row.next_attempt_at > now and not row.running_since
    return Absence(
        _("A draft will be written in a moment.") if waits else _("A draft is being written."), under_way=True
    )


def _result(row: Delivery) -> str:
    """What the request ended with: its note says why no draft came of it."""
    if row.status == Delivery.Status.DEAD:
        return _("The drafter failed, so there is no draft.")
    if row.status == Delivery.Status.HELD:
        return _("Drafting waits, because this source is paused.")
    found = (
        NoDraft.objects.select_related("message")
        .filter(message__conversation__source=row.source_id, message__message_id=row.message_id or 0)
        .first()
    )
    if found:
        return _found(found)
    done = row.attempt_log.filter(outcome="ok").order_by("-number").first()
    said = drafting_texts.shown(done.message if done else "").strip()
    return said[:1].upper() + said[1:] if said else _("The last draft was withdrawn.")


def _found(row: NoDraft) -> str:
    """With what the customer sent in place of words: what the person who answers listens to or looks at."""
    things = customer_turn.things(row.message) if row.reason == NoDraft.Reason.NO_TEXT else []
    named = [thing for thing in things if thing != message_parts.UNSUPPORTED]
    if named:
        return _("The customer sent no text, only this: %(what)s.") % {"what": ", ".join(named)}
    return str(message_parts.UNSUPPORTED) if things else str(FOUND[NoDraft.Reason(row.reason)])
