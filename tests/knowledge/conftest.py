"""A desk beside a simulated Chatwoot: customers write there, its webhooks reach us when the test says so."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from knowledge.models import Draft
from knowledge.search import embedders
from tests.factories import NOW, deliver, make_approved, make_lead, make_source, run_due
from tests.knowledge.search.making import FakeEmbedder
from webhooks.models import Conversation, Delivery, Inbox
from webhooks.simulator import payloads
from webhooks.simulator.server import SimulatedChatwoot
from webhooks.simulator.world import World


class Desk:
    """One clock for both sides; `tick` moves it."""

    def __init__(self) -> None:
        self.now: datetime = NOW
        self.chatwoot = SimulatedChatwoot(World(now=lambda: self.now.timestamp()), deliver=False)
        self.world = self.chatwoot.world
        self.world.outbox.hold()

    def start(self) -> None:
        self.chatwoot.start()
        self.source = make_source(base_url=self.chatwoot.url, api_token=self.chatwoot.admin_token)
        for inbox_id, channel in ((1, "Channel::Email"), (2, "Channel::WebWidget"), (3, "Channel::Whatsapp")):
            Inbox.objects.create(source=self.source, inbox_id=inbox_id, name=channel[9:], channel=channel)
        self.world.register_webhook("http://support.test/webhooks/chatwoot/acme/")
        self.lead = make_lead()

    def tick(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    def webhooks(self) -> None:
        """Everything Chatwoot has to say reaches us and is processed."""
        for event in self.world.outbox.take_all():
            payload = payloads.build(self.world, event)
            if payload is not None:
                deliver(payload, source=self.source, now=self.now)

    def customer_writes(self, text: str = "How do I reset my password?", **details: object) -> Conversation:
        message = self.world.customer_writes(content=text, **({"inbox_id": 2} | details))
        self.webhooks()
        return Conversation.objects.get(display_id=message.conversation_id)

    def approved(self, conversation: Conversation, text: str = "Choose Forgot password.") -> Draft:
        from tests.factories import make_draft

        conversation.refresh_from_db()
        return make_approved(
            make_draft(conversation.waiting_message, text=text, now=self.now), by=self.lead, now=self.now
        )

    def send(self, seconds: float = 3600) -> Delivery:
        self.work(seconds)
        return Delivery.objects.filter(event="reply.send").latest("pk")

    def work(self, seconds: float = 3600, *, most: int = 60) -> None:
        """Run the send lane at each moment something is due, until nothing is pending or `seconds` have passed."""
        ends = self.now + timedelta(seconds=seconds)
        for _ in range(most):
            row = Delivery.objects.filter(lane="send", status="PENDING").order_by("next_attempt_at").first()
            if row is None or row.next_attempt_at > ends:
                break
            self.now = max(self.now, row.next_attempt_at)
            run_due("send", now=self.now)

    def replies_in_chatwoot(self, conversation: Conversation) -> list[str]:
        """What stands there publicly from our user."""
        return [
            message.content
            for message in self.world.messages_of(conversation.display_id)
            if payloads.message_body(self.world, message)["message_type"] in (1, "outgoing")
            and not message.private
            and payloads.message_body(self.world, message)["sender"]["id"] == 1
        ]


@pytest.fixture
def desk(db, settings, seeded) -> Iterator[Desk]:
    settings.OUT_CALL_S = 1
    settings.UNDO_SECONDS = 10
    desk = Desk()
    desk.start()
    yield desk
    desk.chatwoot.stop()


@pytest.fixture
def fake(monkeypatch) -> FakeEmbedder:
    """In the place of the process's embedder."""
    made = FakeEmbedder()
    monkeypatch.setattr(embedders, "current", lambda: made)
    monkeypatch.setattr(embedders, "wanted", lambda: made.name)
    monkeypatch.setattr(embedders, "trouble", lambda: "")
    return made
