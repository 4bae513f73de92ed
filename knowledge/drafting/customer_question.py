"""What a customer asks: the messages since the last answer, without thanks and bare follow-ups.

A bare follow-up ("any news?") asks what was asked before it, even before an answer.
"""

from dataclasses import dataclass

from webhooks.mirror import message_parts
from webhooks.models import Message

from ..learning import customer_turn
from ..text.courtesies import Courtesy, courtesy

LOOKED_BACK = 20  # messages


@dataclass(frozen=True)
class Asked:
    """texts: oldest first; empty if nothing is asked. is_thanks: the customer only says thanks."""

    texts: tuple[str, ...]
    is_thanks: bool = False

    @property
    def text(self) -> str:
        return " ".join(self.texts)


def asked(message: Message) -> Asked:
    written = customer_turn.texts(message, and_since=True)
    kinds = [courtesy(text) for text in written]
    if questions := [text for text, kind in zip(written, kinds, strict=True) if kind is None]:
        return Asked(tuple(questions))
    if not written:
        return Asked(())
    if Courtesy.THANKS in kinds:
        return Asked((), is_thanks=True)
    return Asked(_asked_before(message))


def _asked_before(message: Message) -> tuple[str, ...]:
    """The newest earlier message of the customer that is a question."""
    earlier = message.conversation.messages.filter(
        is_customer_message=True, deleted=False, created_at__lte=message.created_at
    ).order_by("-created_at", "-message_id")[:LOOKED_BACK]
    texts = (message_parts.words(row) for row in earlier)
    return tuple(text for text in texts if text and courtesy(text) is None)[:1]
