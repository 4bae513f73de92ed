"""What follows a reply or an escalation in the simulated Chatwoot."""

from knowledge.models import Draft
from tests.factories import make_draft
from webhooks.models import Conversation, Delivery

POST = {"method": "POST"}


def ran(desk, event: str, *, until: float = 3600) -> Delivery:
    """Every delivery of this desk, until that one rests."""
    desk.work(until)
    return Delivery.objects.get(event=event)


def drafted(desk, conversation: Conversation, text: str = "Choose Forgot password.") -> Draft:
    conversation.refresh_from_db()
    return make_draft(conversation.waiting_message, text=text, now=desk.now)
