"""The other side of test_crashes.py: forks workers that end where they are told to, and says what is left.

One process with Django on a database of its own. It reads a line of JSON a scenario and answers with one.
"""

import json
import os
import select
import signal
import socket
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import connection
from django.utils import timezone

from tests.factories import make_delivery, make_source, message_event
from webhooks import deliveries
from webhooks.errors import Permanent
from webhooks.models import Attempt, Conversation, Delivery, DeliveryAudit, Message, RetryPolicy
from webhooks.workers import drain

HERE = "tests.integration.crashing"
CRASHED = 9
LEASE_S = 1.5
Hook = Callable[[], None]

hooks: dict[str, Hook] = {}
at_hand: list[str] = []


def die() -> None:
    os._exit(CRASHED)


def before(delivery: Delivery, payload: dict[str, Any], *, now: Any) -> None:
    at_hand[:] = [payload["content"]]
    _meet("before the handler")


def effect(delivery: Delivery, payload: dict[str, Any], *, now: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO crash_effect VALUES (%s)", [delivery.pk])
    if payload["content"] == "fails for good":
        raise Permanent("It can never work.")
    _meet("after its effects")


def _meet(point: str) -> None:
    """Only the marked row's hooks act."""
    if at_hand[:1] == ["marked"] and point in hooks:
        hooks[point]()


def _commits() -> None:
    """The commit of the marked row's transaction has a hook on both sides."""
    commit = connection._commit

    def hooked() -> None:
        _meet("before the commit")
        commit()
        _meet("after the commit")

    connection._commit = hooked  # type: ignore[method-assign]


def _claims() -> None:
    claim = deliveries.claim

    def hooked(*args: Any, **options: Any) -> list[Delivery]:
        rows = claim(*args, **options)
        if rows and "between claim and start" in hooks:
            hooks["between claim and start"]()
        return rows

    drain.deliveries.claim = hooked  # type: ignore[assignment]


class Worker:
    """A forked process that drains once; `hooks` say what happens at which point."""

    def __init__(self, **at: Hook) -> None:
        connection.close()
        self.pid = os.fork()
        if not self.pid:
            hooks.update({point.replace("_", " "): hook for point, hook in at.items()})
            _commits()
            _claims()
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            drain.drain("in", slice_s=10)
            os._exit(0)

    def end(self) -> int:
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


class Gate:
    """Where a worker waits until it is let go on."""

    def __init__(self) -> None:
        self.arrived, self.go = os.pipe(), os.pipe()

    def wait_here(self) -> None:
        os.write(self.arrived[1], b".")
        os.read(self.go[0], 1)

    def somebody_waits(self) -> None:
        assert select.select([self.arrived[0]], [], [], 20)[0], "nobody came to the gate"

    def open(self) -> None:
        os.write(self.go[1], b".")


def recover() -> None:
    """What the next workers make of it: until nothing is left to do."""
    ends = time.monotonic() + 20
    while Delivery.objects.filter(status="PENDING").exists() and time.monotonic() < ends:
        drain.reclaim(now=timezone.now())
        Worker(before_the_handler=die if poisoned else lambda: None).end()


poisoned: list[bool] = []


def crash(point: str) -> dict[str, Any]:
    exit_status = Worker(**{point.replace(" ", "_"): die}).end()
    recover()
    return {"exit": exit_status}


def overrun(point: str) -> dict[str, Any]:
    """The first worker is still at it when its lease has ended; a second one takes the row meanwhile."""
    gate = Gate()
    late = Worker(**{point.replace(" ", "_"): gate.wait_here})
    gate.somebody_waits()
    time.sleep(LEASE_S + 0.1)
    second = Worker()
    time.sleep(0.5)
    gate.open()
    exits = [late.end(), second.end()]
    recover()
    return {"exit": exits}


def two_workers() -> dict[str, Any]:
    both = [Worker(), Worker()]
    return {"exit": [worker.end() for worker in both]}


def poison() -> dict[str, Any]:
    poisoned.append(True)
    recover()
    poisoned.clear()
    return {}


def clean_stop() -> dict[str, Any]:
    gate = Gate()
    worker = Worker(before_the_handler=gate.wait_here)
    gate.somebody_waits()
    os.kill(worker.pid, signal.SIGTERM)
    time.sleep(0.1)
    gate.open()
    return {"exit": worker.end()}


def replay_during_an_overrun() -> dict[str, Any]:
    """1. One overruns its lease. 2. Another makes the row DEAD. 3. A person replays it. 4. The first comes back."""
    gate = Gate()
    late = Worker(between_claim_and_start=gate.wait_here)
    gate.somebody_waits()
    time.sleep(LEASE_S + 0.1)
    Delivery.objects.update(body=json.dumps(_message(0, "fails for good")).encode())
    connection.close()
    Worker().end()
    row = Delivery.objects.get()
    died = row.status
    Delivery.objects.update(body=json.dumps(_message(0, "fine")).encode())
    deliveries.replay(row, by=None, reason="it is fixed", now=timezone.now())
    third = Worker()
    exits = [third.end()]
    gate.open()
    exits.append(late.end())
    return {"exit": exits, "died": died}


SCENARIOS: dict[str, Callable[..., dict[str, Any]]] = {
    scenario.__name__: scenario
    for scenario in (crash, overrun, two_workers, poison, clean_stop, replay_during_an_overrun)
}


def _message(number: int, content: str) -> dict[str, Any]:
    conversation = {"id": number + 1, "inbox_id": 2, "status": "open"}
    return message_event(100 + number, content=content, conversation=conversation)


def _prepare(contents: list[str]) -> None:
    for model in (DeliveryAudit, Attempt, Message, Conversation, Delivery):
        model.objects.all().delete()
    connection.cursor().execute("DELETE FROM crash_effect")
    start = timezone.now() - timedelta(seconds=60)
    for number, content in enumerate(contents):
        make_delivery(_message(number, content), source=make_source(), now=start + timedelta(seconds=number))


def _facts() -> list[dict[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT delivery FROM crash_effect")
        effects = [pk for (pk,) in cursor.fetchall()]
    return [
        {
            "status": row.status,
            "attempts": row.attempts,
            "outcomes": list(row.attempt_log.order_by("number").values_list("outcome", flat=True)),
            "effects": effects.count(row.pk),
            "messages": Message.objects.filter(message_id=row.message_id).count(),
        }
        for row in Delivery.objects.filter(direction="IN").order_by("received_at")
    ]


def main() -> None:
    settings.IN_HANDLERS = {
        "message_created": [f"{HERE}.before", "webhooks.mirror.handlers.apply_message", f"{HERE}.effect"]
    }
    settings.LANE_TIMEOUT_S = settings.LANE_TIMEOUT_S | {"in": 1}
    settings.LEASE_MARGIN_S = LEASE_S - 1
    connection.cursor().execute("CREATE TABLE crash_effect (delivery bigint NOT NULL)")
    RetryPolicy.objects.update_or_create(
        is_default=True, defaults={"name": "default", "delays": [1], "jitter": 0, "max_attempts": 3}
    )
    print(socket.gethostname(), flush=True)
    for line in sys.stdin:
        wanted = json.loads(line)
        _prepare(wanted["rows"])
        answer = SCENARIOS[wanted["scenario"]](*wanted["arguments"])
        print(json.dumps(answer | {"rows": _facts()}), flush=True)
