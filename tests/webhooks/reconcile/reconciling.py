"""A Chatwoot whose webhooks reach us when the test says so, and what our mirror makes of it."""

from datetime import datetime
from typing import Any

from tests.factories import run_due
from tests.knowledge.conftest import Desk
from webhooks.models import Conversation, Delivery, Message, ReconcileRun
from webhooks.outbound import chatwoot
from webhooks.reconcile import runs
from webhooks.simulator import payloads


class Wire(Desk):
    def lose(self) -> int:
        """Webhooks that nobody took: how many."""
        return len(self.world.outbox.take_all())

    def write(self, text: str = "Hello?", *, to: int | None = None, **details: Any) -> int:
        """A customer's message; the conversation's number."""
        message = self.world.customer_writes(content=text, conversation_id=to, **({"inbox_id": 2} | details))
        return message.conversation_id

    def begin(self, *, since: datetime | None = None, cause: str = "command") -> ReconcileRun:
        return runs.start(self.source, cause=cause, since=since, now=self.now)

    def search(self, *, since: datetime | None = None) -> ReconcileRun:
        """A whole search, and what it recorded processed."""
        run = self.begin(since=since)
        runs.go_on(run, now=self.now, seconds=60)
        run_due("in", now=self.now)
        run.refresh_from_db()
        return run

    def chatwoots(self) -> dict[int, Any]:
        """Every conversation as Chatwoot's API has it."""
        client, told = chatwoot.client(self.source), {}
        for number in self.world.conversations:
            state, rows = client.conversation(number), client.messages_after(number, 0)
            assignee = (state["meta"].get("assignee") or {}).get("name", "")
            said = [
                (row["id"], _fate(row["content_attributes"], row["status"]))
                for row in rows
                if row["message_type"] != 2
            ]
            told[number] = (state["status"], sorted(state["labels"]), assignee, state["priority"] or "", said)
        return told

    def ours(self) -> dict[int, Any]:
        told = {}
        for row in Conversation.objects.filter(deleted_at=None):
            messages = Message.objects.filter(conversation=row).order_by("message_id")
            said = [(one.message_id, _fate(one.content_attributes, one.status)) for one in messages]
            told[row.display_id] = (row.status, sorted(row.labels), row.assignee, row.priority, said)
        return told


def _fate(attributes: dict[str, Any], status: str) -> tuple[dict[str, Any], bool]:
    return attributes, status == "failed"


def reconciled() -> int:
    return Delivery.objects.filter(origin="reconciled").count()


def reads(wire: Wire, ending: str = "") -> int:
    return sum(seen.request.path.endswith(ending) for seen in wire.chatwoot.requests)


def build(wire: Wire) -> list[dict[str, Any]]:
    """The webhooks that wait, as they would be posted now."""
    told = (payloads.build(wire.world, event) for event in wire.world.outbox.take_all())
    return [payload for payload in told if payload is not None]


def gap(wire: Wire) -> tuple[int, int]:
    """Two conversations are known; then, for half an hour, no webhook comes. What happened meanwhile: everything."""
    known, other = wire.write("I wait.", contact="Ada"), wire.write("Me too.", contact="Bo")
    wire.webhooks()
    wire.tick(600)
    wire.world.agent_writes(conversation_id=known, content="Here you are.")
    wire.tick(300)
    wire.write("And another thing.", to=known)
    wire.world.note(conversation_id=other, content="A known bug.")
    wire.world.assign(other, 2)
    wire.world.add_labels(other, ["vip"])
    wire.world.set_status(other, "resolved")
    wire.write("I am new.", contact="Cy")
    wire.lose()
    wire.tick(900)
    return known, other
