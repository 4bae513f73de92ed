"""A site under traffic whose processes are killed, and what can be said of it afterwards."""

import contextlib
import json
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import redis

from tests.bench.chaos_effects import TABLE
from tests.machine import slowed_down
from tests.site import Site, a_database, alive, children, look_into
from tests.waiting import eventually
from webhooks.simulator.server import SimulatedChatwoot

QUESTION = "How do I reset my password?"
RECOVERS_S = 30  # the rule, on a machine that does nothing else
RECOVERS_WITHIN_S = 120  # by then the campaign itself fails


class Traffic:
    """Customers who write, some a second, each in a conversation of their own."""

    def __init__(self, chatwoot: SimulatedChatwoot, *, each_s: float) -> None:
        self.chatwoot, self.each_s = chatwoot, each_s
        self.flows, self.stopping = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def _run(self) -> None:
        while not self.stopping.wait(self.each_s):
            if self.flows.is_set():
                self.act()

    def act(self) -> None:
        self.write()

    def write(self) -> int:
        return self.chatwoot.world.customer_writes(content=QUESTION, inbox_id=2).id

    def __enter__(self) -> "Traffic":
        self.flows.set()
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.stopping.set()
        self._thread.join()
        self.chatwoot.wait_idle(30)

    @contextlib.contextmanager
    def paused(self) -> Iterator[None]:
        self.flows.clear()
        try:
            yield
        finally:
            self.flows.set()

    def answered(self) -> list[str]:
        """The delivery ids that were answered 2xx."""
        return [one.delivery_id for one in list(self.chatwoot.sender.log) if one.status and one.status < 300]

    def was_answered(self, message_id: int) -> bool:
        return any(
            one.status == 200 and one.event == "message_created" and json.loads(one.body)["id"] == message_id
            for one in reversed(list(self.chatwoot.sender.log))
        )


@dataclass
class Tally:
    name: str
    kills: dict[str, list[float]] = field(default_factory=dict)
    answered: int = 0
    done: int = 0
    lost: int = 0
    twice: int = 0
    restarts: int = 0
    slowed_down: float = 1.0  # the machine, at its slowest

    @property
    def slowest(self) -> float:
        return max((took for all_ in self.kills.values() for took in all_), default=0)

    @property
    def recovered_in_time(self) -> bool:
        return self.slowest < RECOVERS_S * self.slowed_down


class Campaign:
    def __init__(self, site: Site, traffic: Traffic, name: str) -> None:
        self.site, self.traffic, self.tally = site, traffic, Tally(name)
        self.targets: dict[str, Callable[[], int | None]] = {
            "busy worker": self.busy_worker,
            "idle worker": self.idle_worker,
            "cluster": self.cluster,
            "web": self.web,
        }

    def kill(self, kind: str) -> float:
        """kill -9 one, and wait until the site is as good as before. Returns the seconds that took."""
        if kind == "idle worker":
            with self.traffic.paused():
                self.probe(
                    time.monotonic() + RECOVERS_WITHIN_S
                )  # the one that works last leaves a fresh trace
                eventually(lambda: not self.open_rows(), within_s=60, each_s=0.05)
                self._kill(kind)
        else:
            self._kill(kind)
        return self.recover(kind)

    def recover(self, kind: str) -> float:
        """From now until what comes next is done, and what had come before. Returns the seconds that took."""
        began, slowed = time.monotonic(), [slowed_down()]
        last = self.site.rows("SELECT coalesce(max(id), 0) FROM webhooks_delivery")[0][0]
        self.probe(began + RECOVERS_WITHIN_S)
        slowed.append(slowed_down())
        eventually(lambda: not self.open_rows(last), within_s=RECOVERS_WITHIN_S, each_s=0.1)
        took = time.monotonic() - began
        slowed.append(slowed_down())
        self.tally.kills.setdefault(kind, []).append(took)
        self.tally.slowed_down = max(self.tally.slowed_down, *slowed)
        print(f"{kind}: recovered in {took:.1f} s", flush=True)
        return took

    def _kill(self, kind: str) -> None:
        os.kill(eventually(self.targets[kind], within_s=30, each_s=0.01), signal.SIGKILL)

    def open_rows(self, last: int | None = None) -> int:
        """Deliveries in that are not processed yet."""
        until = f" AND id <= {last}" if last is not None else ""
        rows = self.site.rows(
            f"SELECT count(*) FROM webhooks_delivery WHERE direction = 'IN' AND status = 'PENDING'{until}"
        )
        return rows[0][0]

    def nothing_is_open(self) -> bool:
        """Neither of what came in nor of what it caused."""
        return not self.site.rows("SELECT 1 FROM webhooks_delivery WHERE status = 'PENDING' LIMIT 1")

    def probe(self, ends: float) -> None:
        """A delivery sent after the kill, as often as it takes to be answered, is done."""
        while time.monotonic() < ends:
            message = self.traffic.write()
            self.traffic.chatwoot.wait_idle(10)
            if self.traffic.was_answered(message):
                break
        eventually(
            lambda: self.site.rows(
                "SELECT 1 FROM webhooks_delivery WHERE event = 'message_created' AND status = 'DONE' "
                f"AND message_id = {message}"
            ),
            within_s=RECOVERS_WITHIN_S,
            each_s=0.1,
        )

    def busy_worker(self) -> int | None:
        rows = self.site.rows(
            "SELECT running_on FROM webhooks_delivery WHERE lane = 'in' AND running_on <> ''"
        )
        return next((int(on.rpartition(":")[2]) for (on,) in rows), None)

    def idle_worker(self) -> int | None:
        """One that has left a trace, and still lives."""
        rows = self.site.rows("SELECT pid FROM chaos_effect GROUP BY pid")
        family = {pid for lane in self.lanes() for sentinel in children(lane) for pid in children(sentinel)}
        return next((pid for (pid,) in rows if pid in family), None)

    def cluster(self) -> int | None:
        return next((pid for pid in self.lanes() if "run_lane\0in" in _command(pid)), None)

    def lanes(self) -> list[int]:
        return children(self.site.processes["workers"].pid)

    def web(self) -> int | None:
        return next(iter(children(self.site.processes["web"].pid)), None)

    def count(self) -> Tally:
        """Once everything has settled."""
        answered = self.traffic.answered()
        kept = dict(
            self.site.rows("SELECT delivery_key, status FROM webhooks_delivery WHERE direction = 'IN'")
        )
        tally = self.tally
        tally.answered = len(answered)
        tally.done = sum(kept.get(key) == "DONE" for key in answered)
        tally.lost = tally.answered - tally.done
        tally.twice = sum(self.site.rows(statement)[0][0] for statement in TWICE)
        for (clusters,) in self.site.rows("SELECT clusters FROM webhooks_workerhost"):
            facts = json.loads(clusters) if isinstance(clusters, str) else clusters
            tally.restarts += sum(lane["restarts"] for lane in facts.values())
        return tally


TWICE = (
    "SELECT count(*) FROM (SELECT delivery FROM chaos_effect GROUP BY delivery HAVING count(*) > 1) AS twice",
    "SELECT count(*) FROM (SELECT in_reply_to_id FROM knowledge_draft GROUP BY in_reply_to_id HAVING count(*) > 1) AS twice",
)


def _command(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text()
    except OSError:
        return ""


def _empty(queue: str) -> None:
    """What an earlier run left there is signed with a key that nobody has any more."""
    with redis.from_url(queue) as broker:
        for key in broker.keys("django_q:*:q"):
            broker.delete(key)


@contextlib.contextmanager
def campaign(
    folder: Path, *, server: str, queue: str, name: str, each_s: float, sort: type[Campaign] = Campaign,
    traffic_of: type[Traffic] = Traffic, before: Callable[[Site], None] = lambda site: None,
) -> Iterator[Campaign]:  # fmt: skip
    """before: what is done to the prepared site before it starts."""
    own = os.getpid()
    if queue:
        _empty(queue)
    environment = {
        "DJANGO_SETTINGS_MODULE": "tests.bench.chaos_settings",
        "WEB_WORKERS": "2",
        "QUEUE_URL": queue,
    }
    with (
        a_database(folder, server=server, name=f"support_chaos_{own}") as url,
        SimulatedChatwoot() as chatwoot,
    ):
        site = Site(folder, database_url=url, port=18000 + own % 900, **environment)
        site.prepare()
        with look_into(url) as connection:
            connection.execute(TABLE)
        before(site)
        try:
            site.start_all()
            site.connect(chatwoot)
            with traffic_of(chatwoot, each_s=each_s) as traffic:
                chaos = sort(site, traffic, name)
                chaos.probe(time.monotonic() + RECOVERS_WITHIN_S)
                yield chaos
        finally:
            site.stop()
            assert not [pid for pid in _left(site) if alive(pid)]


def _left(site: Site) -> list[int]:
    return [pid for process in site.processes.values() for pid in children(process.pid)]
