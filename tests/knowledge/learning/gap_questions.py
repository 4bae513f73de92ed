"""Customers who ask for one thing and get no draft: the topic of a gap."""

from datetime import timedelta

from knowledge.learning import gap_rows
from knowledge.models import Gap, NoDraft
from tests.knowledge.learning.learnt import NOW, make_conversation
from webhooks.models import Contact, Message

ASKED = (
    "Do you have a student discount?", "Is there a student discount?", "Student discount please, how do I get it?",
    "How do I get a student discount?", "I am a student, do I get a discount?", "Do you give a student discount?",
)  # fmt: skip
ANSWER = "Students get 10 % off. Send us a photo of your student card."


def asks(
    text: str, number: int, *, inbox=None, answer: str = "", by: str = "", customer: int | None = None, days: float = 1
) -> Message:  # fmt: skip
    """A customer's message that got no draft, and what a person answered."""
    conversation = make_conversation(number, inbox)
    contact, _ = Contact.objects.get_or_create(
        source=conversation.source,
        contact_id=number if customer is None else customer,
        defaults={"name": "Zoe Quist"},
    )
    type(conversation).objects.filter(pk=conversation.pk).update(contact=contact)
    at = NOW - timedelta(days=days)
    message = Message.objects.create(
        conversation=conversation,
        message_id=number * 10,
        kind="incoming",
        created_at=at,
        is_customer_message=True,
        content=text,
    )
    NoDraft.objects.create(message=message, reason="no_article", at=at)
    if answer:
        Message.objects.create(
            conversation=conversation, message_id=number * 10 + 1, kind="outgoing", created_at=at + timedelta(hours=1),
            is_person_answer=True, content=answer, sender_name=by,
        )  # fmt: skip
    return message


def topic(**facts) -> Gap:
    for number, text in enumerate(ASKED, start=1):
        asks(text, number, **facts)
    gap_rows.run(now=NOW)
    return Gap.objects.get()
