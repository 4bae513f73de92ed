"""What tests of the learning figures share: a moment, signals decided before it, customers' turns."""

from datetime import datetime, timedelta

from django.utils import timezone

from knowledge.learning import figures
from knowledge.models import Draft, LearningSignal
from tests.factories import make_inbox, make_lead
from webhooks.models import Conversation, Message

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=timezone.get_default_timezone())  # Wednesday
MEASURES = {measure.name: measure for measure in figures.MEASURES}


def make_conversation(display_id: int, inbox=None) -> Conversation:
    inbox = inbox or make_inbox()
    row, _ = Conversation.objects.get_or_create(
        source=inbox.source, display_id=display_id, defaults={"inbox": inbox}
    )
    return row


def make_message(
    conversation: Conversation, message_id: int, *, at: datetime, answer: bool = False
) -> Message:
    return Message.objects.create(
        conversation=conversation, message_id=message_id, kind="outgoing" if answer else "incoming", created_at=at,
        is_person_answer=answer, is_customer_message=not answer, content="How?",
    )  # fmt: skip


def make_signal(*, ago: float = 1, inbox=None, grades=(5, 5, 5), **facts) -> LearningSignal:
    """A draft approved as it stood, `ago` days before now."""
    number, at = LearningSignal.objects.count() + 100, NOW - timedelta(days=ago)
    conversation = make_conversation(number, inbox)
    message = make_message(conversation, number, at=at - timedelta(minutes=5))
    draft = Draft.objects.create(
        conversation=conversation, in_reply_to=message, proposed_text="a", body="a", author="Built-in drafter",
        author_kind=facts.get("author_kind", "drafter"), created_at=at,
    )  # fmt: skip
    tone, accuracy, policy = grades or (None, None, None)
    facts = {
        "decision": "approved", "approval": 1, "kind": "template_refinement", "proposal": "a", "final_text": "a",
        "distance": 0, "ratio": 0.0, "author": "Built-in drafter", "author_kind": "drafter", "waited_s": 300,
        "opened_s": 60,
    } | facts  # fmt: skip
    return LearningSignal.objects.create(
        draft=draft, conversation=conversation, at=at, tone=tone, accuracy=accuracy, policy=policy, **facts
    )


def rejected(**facts) -> LearningSignal:
    return make_signal(**{"decision": "rejected", "final_text": "", "distance": None, "ratio": None} | facts)


def overtaken(**facts) -> LearningSignal:
    return make_signal(grades=None, decision="overtaken", kind="superseded", **facts)


def turn(conversation: int, *, at: float, answered: bool = True, drafted: str = "", before: int = 0) -> None:
    """A customer writes `before` + 1 times, `at` minutes before now, and is answered."""
    row, start = make_conversation(conversation), NOW - timedelta(minutes=at)
    number = Message.objects.count() + 1
    for place in range(before + 1):
        message = make_message(row, number + place, at=start + timedelta(seconds=place))
    if drafted:
        Draft.objects.create(
            conversation=row, in_reply_to=message, proposed_text="a", body="a", author="x", author_kind=drafted,
            created_at=start,
        )  # fmt: skip
    if answered:
        make_message(row, number + before + 1, at=start + timedelta(seconds=60), answer=True)


def total(user=None, *, mine: bool = False, weeks: int = 4) -> figures.Figures:
    return figures.report(user or make_lead(), weeks=weeks, mine=mine, now=NOW).total
