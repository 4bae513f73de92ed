"""The database away under traffic, refused or hanging: every 2xx is in the table afterwards, at the time it arrived.

CHAOS_FULL=1 keeps it away for two minutes; the short form for seven seconds.
"""

import json
import os
import threading
import time
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlsplit

import pytest
import requests

from tests.cutter import Cutter
from tests.factories import NOW, message_event
from tests.site import POSTGRES, Site, a_database, need_postgres
from tests.waiting import eventually
from webhooks.simulator.sender import signed_headers

pytestmark = pytest.mark.slow
FULL = os.environ.get("CHAOS_FULL") == "1"
AWAY_S, EACH_S = (120, 0.2) if FULL else (7, 0.2)
SECRET = "secret-of-the-outage-test"  # pragma: allowlist secret
BACK_WITHIN_S = 30


@dataclass(frozen=True)
class Sent:
    key: str
    sent_at: float
    status: int | None
    word: str
    took: float


class Traffic:
    """Webhooks as Chatwoot sends them: once, with five seconds to answer, several at a time, to each host in turn."""

    def __init__(self, *urls: str, each_s: float, conversations: int = 1_000_000) -> None:
        self.urls, self.each_s, self.conversations = urls, each_s, conversations
        self.sent: list[Sent] = []
        self.stopping = threading.Event()
        self._numbers = iter(range(1000, 1_000_000))
        self._threads = [threading.Thread(target=self._run, daemon=True) for _ in range(3)]

    def _run(self) -> None:
        while not self.stopping.wait(self.each_s * len(self._threads)):
            self.send()

    def send(self) -> Sent:
        number = next(self._numbers)
        conversation = {
            "id": 1 + number % self.conversations,
            "inbox_id": 2,
            "status": "open",
            "updated_at": NOW.timestamp(),
        }
        body = json.dumps(message_event(number, conversation=conversation)).encode()
        key, began = str(uuid.uuid4()), time.time()
        headers = signed_headers(body, SECRET, key, int(began))
        status, word, url = None, "", f"{self.urls[number % len(self.urls)]}/webhooks/chatwoot/acme/"
        try:
            answer = requests.post(url, data=body, headers=headers, timeout=30)
            status, word = answer.status_code, answer.json().get("status", "")
        except requests.RequestException as error:
            word = type(error).__name__
        sent = Sent(key, began, status, word, time.time() - began)
        self.sent.append(sent)
        return sent

    def __enter__(self) -> "Traffic":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.stopping.set()
        for thread in self._threads:
            thread.join()


@pytest.fixture
def cutter():
    need_postgres()
    server = urlsplit(POSTGRES)
    with Cutter((server.hostname or "127.0.0.1", server.port or 5432)) as cutter:
        yield cutter


@pytest.fixture
def site(tmp_path, cutter):
    """Its database stands behind the cutter; the test itself looks past it."""
    with a_database(tmp_path, server=POSTGRES, name=f"support_outage_{os.getpid()}") as url:
        site = Site(tmp_path, database_url=url, port=18900 + os.getpid() % 90)
        site.prepare()
        site.manage("shell", "-c", SOURCE)
        parts = urlsplit(url)
        behind = parts._replace(netloc=parts.netloc.replace(f":{parts.port or 5432}", f":{cutter.port}"))
        site.environment["DATABASE_URL"] = behind.geturl()
        try:
            site.start_all()
            yield site
        finally:
            site.stop()


SOURCE = f"""
from webhooks.models import Source, SourceSecret
source = Source.objects.create(slug="acme", base_url="http://127.0.0.1:1", account_id=1, api_token="token", sender_id=1)
SourceSecret.objects.create(source=source, secret="{SECRET}")
"""


ONLY_FULL = pytest.mark.skipif(not FULL, reason="CHAOS_FULL=1 only: test_chaos_night.py meets it")


@pytest.mark.parametrize("mode", [pytest.param("refuse", marks=ONLY_FULL), "hang"])
def test_an_outage_loses_nothing_that_was_answered(site, cutter, mode):
    with Traffic(site.url, each_s=EACH_S) as traffic:
        time.sleep(3)
        cutter.cut(mode)
        time.sleep(AWAY_S)
        corrected = time.time()
        cutter.restore()
        worked = eventually(lambda: seconds_until_done(site, since=corrected), within_s=BACK_WITHIN_S * 2)
        time.sleep(3)
    eventually(lambda: not list((site.log_path.parent / "spool").glob("*.webhook")), within_s=BACK_WITHIN_S)

    answered = [one for one in traffic.sent if one.status == 200]
    kept = dict(site.rows("SELECT delivery_key, received_at FROM webhooks_delivery"))
    lost = [one for one in answered if one.key not in kept]
    late = max(abs(stamp(kept[one.key]) - one.sent_at - one.took / 2) - one.took / 2 for one in answered)
    print(table(mode, traffic.sent, lost=len(lost), late=late, worked=worked))
    assert not lost
    assert late < 1
    assert {one.status for one in traffic.sent} == {200}
    assert max(one.took for one in traffic.sent) < 5
    assert worked < BACK_WITHIN_S


def seconds_until_done(site: Site, *, since: float) -> float:
    """How long after the end of the outage the first row was processed; 0 as long as none is."""
    statement = f"SELECT min(finished_at) FROM webhooks_delivery WHERE finished_at > to_timestamp({since})"
    ((at,),) = site.rows(statement)
    return stamp(at) - since if at else 0


def stamp(at: datetime) -> float:
    return at.astimezone(UTC).timestamp()


def table(mode: str, sent: list[Sent], *, lost: int, late: float, worked: float) -> str:
    words = sorted({one.word for one in sent})
    counts = ", ".join(f"{word} {sum(one.word == word for one in sent)}" for word in words)
    took = sorted(one.took for one in sent)
    return (
        f"\ndatabase away {AWAY_S} s, {mode}: {len(sent)} sent; {counts}; lost {lost}; slowest answer {took[-1]:.2f} s, "
        f"99 of 100 within {took[int(len(took) * 0.99)]:.2f} s; received_at off by {max(late, 0):.2f} s at most; "
        f"working again {worked:.1f} s after the end"
    )
