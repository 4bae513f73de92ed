"""What happens around a draft that leaves a signal, and the one signal that it left."""

from knowledge.models import LearningSignal
from tests.factories import deliver, later, message_event


def answer(message_id: int = 101, *, text: str = "Choose it yourself.", seconds: float = 60, **facts) -> None:
    """Maria answers in Chatwoot."""
    at = later(seconds)
    deliver(message_event(message_id, content=text, kind="outgoing", at=at, **facts), now=at)


def customer_writes(message_id: int, *, seconds: float) -> None:
    deliver(message_event(message_id, content="And?", at=later(seconds)), now=later(seconds))


def only() -> LearningSignal:
    return LearningSignal.objects.get()
