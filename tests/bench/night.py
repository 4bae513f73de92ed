"""A bad night: a site on PostgreSQL and Redis, each behind a cutter, with customers, agents and an approver all through it."""

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from urllib.parse import urlsplit

import requests

from tests.bench.chaos import Campaign, Traffic, campaign
from tests.cutter import Cutter, Mode
from tests.site import POSTGRES, REDIS, ROOT, WEB, Site
from tests.waiting import eventually
from webhooks.simulator.server import SimulatedChatwoot

BIG = "long " * 20_000  # a hundred thousand letters: a spool of a megabyte takes a few such webhooks
AHEAD_S = 240  # within the five minutes that a signature may be old
CLOCK_OFF = str(ROOT / "tests" / "bench" / "clock_off")


class Life(Traffic):
    """Not only first messages: people write again, agents answer, note, resolve and delete, surveys are answered."""

    def __init__(self, chatwoot: SimulatedChatwoot, *, each_s: float) -> None:
        super().__init__(chatwoot, each_s=each_s)
        self.chance = Random(7)

    def act(self) -> None:
        world, known = self.chatwoot.world, list(self.chatwoot.world.conversations)
        if len(known) < 5:
            self.write()
            return
        one = self.chance.choice(known)
        acts: tuple[Callable[[], object], ...] = (
            self.write,
            lambda: world.customer_writes(content="And another thing.", conversation_id=one),
            lambda: world.agent_writes(conversation_id=one, content="Here you are."),
            lambda: world.note(conversation_id=one, content="A known bug."),
            lambda: world.set_status(one, self.chance.choice(["resolved", "open", "snoozed"])),
            lambda: world.csat_answer(world.csat_request(one).id, self.chance.randint(1, 5)),
            lambda: world.delete_message(world.agent_writes(conversation_id=one, content="Oops.").id),
        )
        self.chance.choices(acts, (4, 5, 3, 1, 2, 1, 1))[0]()


@dataclass
class Result:
    found: int
    missing: int
    differing: int
    sent: int
    twice: int
    parked: list[tuple[str, int]] = field(default_factory=list)
    recovered: str = ""

    def __str__(self) -> str:
        parked = "; ".join(f"{count} × {why}" for why, count in self.parked) or "none"
        return (
            f"  found by searches {self.found}; after them messages missing from the mirror {self.missing}, "
            f"conversations that differ {self.differing}\n"
            f"  replies sent {self.sent}, customer messages twice {self.twice}; parked: {parked}\n  {self.recovered}"
        )


class Night(Campaign):
    database: Cutter
    broker: Cutter

    def cut(self, which: str, mode: Mode, *, seconds: float) -> None:
        """One of the connections is gone for a while."""
        cutter = getattr(self, which)
        cutter.cut(mode)
        time.sleep(seconds)
        cutter.restore()
        self.recover(f"{which}, {mode}")

    def fill_spool(self) -> None:
        """The database is away for so long that the disk's share is used up: then the answer is 503."""
        self.database.cut("refuse")
        eventually(self._is_refused, within_s=60, each_s=0.05)
        self.database.restore()
        self.recover("spool full")

    def _is_refused(self) -> bool:
        self.traffic.chatwoot.world.customer_writes(content=BIG, inbox_id=2)
        self.traffic.chatwoot.wait_idle(10)
        return any(one.status == 503 for one in self.traffic.chatwoot.sender.log[-3:])

    def nobody_home(self, *, seconds: float) -> None:
        """No web process at all: what Chatwoot posts now is lost to it."""
        self.site.end("web")
        time.sleep(seconds)
        self.site.start("web", *WEB)
        self.recover("web stopped")

    def set_clock_ahead(self, *, seconds: float) -> None:
        """The web host's clock is minutes ahead of everybody's."""
        self.site.end("web")
        self.site.start("web", *WEB, PYTHONPATH=CLOCK_OFF, CLOCK_OFF_S=str(AHEAD_S))
        self.recover("web host's clock ahead")
        time.sleep(seconds)
        self.site.end("web")
        self.site.start("web", *WEB)

    def spoil_api(self, kind: str, *, times: int) -> None:
        """Of Chatwoot's answers, to reads and to replies."""
        for method in ("GET", "POST"):
            self.traffic.chatwoot.world.faults.add(
                kind, method, "/conversations/", times=times, seconds=2, retry_after=1
            )
        self.recover(f"Chatwoot: {kind}")

    def approve(self, stopping: threading.Event) -> None:
        """A person who approves what is proposed, whenever the site answers."""
        while not stopping.wait(1):
            with contextlib.suppress(requests.RequestException, ValueError):
                for draft in self.site.api("drafts/?status=PROPOSED")["results"][:3]:
                    with contextlib.suppress(requests.HTTPError):  # stale by now
                        self.site.api(
                            f"drafts/{draft['id']}/approve/",
                            revision=draft["revision"], tone=5, accuracy=5, policy=5,
                        )  # fmt: skip

    def reconcile(self, since: str) -> str:
        """As an operator does in the morning; one that runs by itself is waited for."""

        def searched() -> str:
            try:
                return self.site.manage("reconcile_chatwoot", "--since", since, within_s=600)
            except AssertionError as error:
                if "Wait until it is finished" not in str(error):
                    raise
                return ""

        said = eventually(searched, within_s=600, each_s=2)
        eventually(self.nothing_is_open, within_s=120)
        return said.strip().splitlines()[-1]

    def compare(self, recovered: str) -> Result:
        world = self.traffic.chatwoot.world
        mirrored = {number for (number,) in self.site.rows("SELECT message_id FROM webhooks_message")}
        there = {one.id: one for one in world.messages.values() if one.conversation_id in world.conversations}
        told = {number for number, one in there.items() if one.message_type != "activity"}
        states = dict(self.site.rows("SELECT display_id, status FROM webhooks_conversation"))
        markers = [
            str(one.content_attributes.get("support_reply", "")).partition(":")[0] for one in there.values()
        ]
        replies = [draft for draft in markers if draft]
        ((found,),) = self.site.rows("SELECT count(*) FROM webhooks_delivery WHERE origin = 'reconciled'")
        parked = self.site.rows(
            "SELECT why, count(*) FROM knowledge_draft WHERE status = 'PARKED' GROUP BY why"
        )
        return Result(
            found=found, missing=len(told - mirrored), sent=len(set(replies)), twice=len(replies) - len(set(replies)),
            differing=sum(states.get(number) != one.status for number, one in world.conversations.items()),
            parked=parked, recovered=recovered,
        )  # fmt: skip


@contextlib.contextmanager
def night(folder: Path, *, each_s: float) -> Iterator[Night]:
    """Beside the first host a second one with workers, whose clock is minutes behind."""
    with _cutter(POSTGRES, 5432) as database, _cutter(REDIS, 6379) as broker:

        def before(site: Site) -> None:
            site.environment["DATABASE_URL"] = _behind(database, site.database_url)
            site.environment["QUEUE_URL"] = _behind(broker, REDIS)
            site.environment["SPOOL_MAX_MB"] = "1"
            site.start(
                "other host", "manage.py", "run_workers",
                PYTHONPATH=CLOCK_OFF, CLOCK_OFF_S=str(-AHEAD_S), HOST_NAME="other-host",
                SPOOL_DIR=str(folder / "other-spool"),
            )  # fmt: skip

        with campaign(
            folder, server=POSTGRES, queue=REDIS, name="PostgreSQL, Redis, a bad night", each_s=each_s,
            sort=Night, traffic_of=Life, before=before,
        ) as chaos:  # fmt: skip
            assert isinstance(chaos, Night)
            chaos.database, chaos.broker = database, broker
            stopping = threading.Event()
            approver = threading.Thread(target=chaos.approve, args=[stopping], daemon=True)
            approver.start()
            try:
                yield chaos
            finally:
                stopping.set()
                approver.join()


def _cutter(url: str, port: int) -> Cutter:
    parts = urlsplit(url)
    return Cutter((parts.hostname or "127.0.0.1", parts.port or port))


def _behind(cutter: Cutter, url: str) -> str:
    parts = urlsplit(url)
    user = f"{parts.username}@" if parts.username else ""
    return parts._replace(netloc=f"{user}127.0.0.1:{cutter.port}").geturl()
