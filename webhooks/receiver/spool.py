"""Webhooks on disk while the database is down: stored before they are answered, imported when it is back.

One file for each request: a line of JSON with its metadata, then the body's bytes. The host that wrote it imports it. Files
are written aside, synced and renamed, so every file here is complete; its request was answered 200 or not at all.
"""

import contextlib
import fcntl
import json
import logging
import os
import threading
import time
import uuid
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import DataError, Error, IntegrityError, close_old_connections, connection
from django.utils import timezone

from ..alerts import alerts
from ..database import clock, deadline, outage
from . import requests, signatures, source_cache
from .requests import Arrival

logger = logging.getLogger(__name__)
SUFFIX, WRITING, BAD = ".webhook", ".writing", "bad"
# Why a webhook is here: the database was away, or too busy to write; we failed on it; we have no key for the secret.
AWAY, BUSY, FAILED, UNREADABLE = "away", "busy", "failed", "unreadable"
COUNTED_FOR_S = 1.0
WATCH_S = 1.0
ALERT_S = 60.0  # how long the alert stays open after the last file


class Full(Exception):
    """SPOOL_MAX_MB is used up, or the disk cannot be written."""


class Unreadable(Exception):
    """A file that no version of this site wrote, or that is damaged."""


@dataclass(frozen=True)
class Held:
    """The files that wait on this host, and how many could not be imported."""

    files: int
    size: int
    oldest: datetime | None
    bad: int


def folder() -> Path:
    return Path(settings.SPOOL_DIR)


class NotYet(Exception):
    """It cannot be judged or stored now, though the database is there: it stays on the disk."""


def store(arrival: Arrival, *, verified: bool, why: str = AWAY) -> None:
    """On the disk when this returns. why: AWAY and so on. Raises Full."""
    name = f"{time.time_ns():020d}-{uuid.uuid4().hex[:8]}"
    data = _pack(arrival, verified=verified, why=why)
    try:
        if _memory.size() + len(data) > settings.SPOOL_MAX_MB * 2**20:
            raise Full(f"The limit of {settings.SPOOL_MAX_MB} MB is used up (SPOOL_MAX_MB).")
        folder().mkdir(mode=0o700, parents=True, exist_ok=True)
        aside = folder() / (name + WRITING)
        with os.fdopen(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        aside.rename(folder() / (name + SUFFIX))
        _sync_folder()
    except OSError as error:
        with contextlib.suppress(OSError):
            (folder() / (name + WRITING)).unlink()
        raise Full(f"The disk cannot be written: {error.strerror}.") from error
    _memory.add(len(data))


def _pack(arrival: Arrival, *, verified: bool, why: str) -> bytes:
    facts = {
        "slug": arrival.slug, "token": arrival.token, "headers": arrival.headers, "key": arrival.key,
        "remote": arrival.remote, "at": arrival.at.isoformat(), "verified": verified, "size": len(arrival.body),
        "why": why,
    }  # fmt: skip
    return json.dumps(facts).encode() + b"\n" + arrival.body


def _unpack(data: bytes) -> tuple[Arrival, bool, str]:
    """(what came, whether it is verified, why it is here)"""
    line, _, body = data.partition(b"\n")
    try:
        facts = json.loads(line)
        if facts.pop("size") != len(body):
            raise Unreadable("Its length differs from what was written.")
        verified, at = facts.pop("verified"), datetime.fromisoformat(facts.pop("at"))
        why = facts.pop("why")
        return Arrival(body=body, at=at, **facts), verified, why
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise Unreadable(f"Its first line cannot be read: {type(error).__name__}.") from error


def _sync_folder() -> None:
    """The file's name must survive a power cut as well as its content."""
    handle = os.open(folder(), os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def held() -> Held:
    files = [stat for name, stat in _entries(folder()) if name.endswith(SUFFIX)]
    bad = [stat for _, stat in _entries(folder() / BAD)]
    oldest = min((stat.st_mtime for stat in files), default=None)
    return Held(
        files=len(files),
        size=sum(stat.st_size for stat in [*files, *bad]),
        oldest=datetime.fromtimestamp(oldest, tz=timezone.get_default_timezone()) if oldest else None,
        bad=len(bad),
    )


def set_aside(*, before: datetime | None = None) -> list[Path]:
    """Files of this host that could not be imported; before: only those set aside before then."""
    return [
        folder() / BAD / name
        for name, stat in _entries(folder() / BAD)
        if before is None or stat.st_mtime < before.timestamp()
    ]


def has_room() -> bool:
    """Whether the next webhook could be stored here."""
    try:
        folder().mkdir(mode=0o700, parents=True, exist_ok=True)
        probe = folder() / f"probe-{uuid.uuid4().hex}{WRITING}"
        probe.write_bytes(b"?")
        probe.unlink()
        return _memory.size() < settings.SPOOL_MAX_MB * 2**20
    except OSError:
        return False


def _entries(path: Path) -> list[tuple[str, os.stat_result]]:
    found = []
    with contextlib.suppress(FileNotFoundError, NotADirectoryError), os.scandir(path) as entries:
        for entry in entries:
            with contextlib.suppress(FileNotFoundError):  # imported at this very moment
                found.append((entry.name, entry.stat()))
    return found


class _Memory:
    def __init__(self) -> None:
        self.lock, self.bytes, self.counted_at = threading.Lock(), 0, float("-inf")
        self.stuck: set[str] = set()
        # One that an earlier process opened ends, too.
        self.alert_ends: float | None = time.monotonic() + ALERT_S

    def size(self) -> int:
        """Bytes in the spool, cached: walking it for each request would slow the site down more the longer an outage lasts."""
        with self.lock:
            if time.monotonic() - self.counted_at > COUNTED_FOR_S:
                self.bytes, self.counted_at = held().size, time.monotonic()
            return self.bytes

    def say_once(self, name: str) -> None:
        """One line a file, not one a second."""
        if name not in self.stuck:
            self.stuck.add(name)
            logger.exception("spool.stuck", extra={"file": name})

    def add(self, size: int) -> None:
        with self.lock:
            self.bytes += size


_memory = _Memory()


def forget() -> None:
    """As after a start."""
    _memory.__init__()  # type: ignore[misc]


def import_waiting() -> int:
    """Turn files into rows, oldest first, while the database takes them. Returns how many. One process at a time."""
    names = sorted(name for name, _ in _entries(folder()) if name.endswith(SUFFIX))
    if outage.is_known():
        return 0
    if not names:
        _end_alert()
        return 0
    imported: Counter[str] = Counter()
    left = 0
    with _import_lock() as locked, deadline.each(settings.PAGE_DATABASE_S):
        for name in names if locked else []:
            try:
                imported[_import_file(folder() / name)] += 1
            except NotYet:
                left += 1
            except Exception as error:
                if outage.is_one(error):
                    _drop_connection()
                    facts = {"error": type(error).__name__, "left": len(names) - imported.total()}
                    logger.info("spool.waits", extra=facts)
                    break
                left += 1  # continue with the others: one that no version can store must not hold them back
                _memory.say_once(name)
    del imported[""]
    done = imported.total()
    if done:
        logger.warning("spool.imported", extra={"files": done, "while_away": imported[AWAY]})
    _notify(imported, stuck=left, waiting=len(names) - done)
    return done


def _import_file(path: Path) -> str:
    """Why it had been kept here; empty where there is nothing to import. Raises NotYet."""
    try:
        arrival, verified, why = _unpack(path.read_bytes())
        _process(arrival, verified=verified)
    except FileNotFoundError:
        return ""  # another process was faster
    except (Unreadable, DataError, IntegrityError) as error:
        _set_aside(path, str(error) if isinstance(error, Unreadable) else type(error).__name__)
        return ""
    except Error as error:
        if outage.is_one(error):
            raise
        # A table that a migration has yet to create: retried later.
        logger.error("spool.refused", extra={"file": path.name, "error": type(error).__name__})
        return ""
    path.unlink(missing_ok=True)
    return why


def _process(arrival: Arrival, *, verified: bool) -> None:
    """Does what the receiver would have done on arrival."""
    source = source_cache.find(arrival.slug, fresh=not verified)
    if source is None:
        logger.error("spool.unknown_source", extra={"source": arrival.slug})
        return
    secret = None
    if not verified:
        try:
            secret = requests.verify(arrival, source)
        except signatures.Rejected as error:
            if error.code == requests.UNKNOWN_SECRET and source.unreadable:
                raise NotYet from error
            requests.refuse(arrival, source, error)
            return
    requests.record(arrival, source, secret, spooled=True)


def _set_aside(path: Path, why: str) -> None:
    (folder() / BAD).mkdir(mode=0o700, exist_ok=True)
    path.rename(folder() / BAD / path.name)
    logger.error("spool.bad_file", extra={"file": path.name, "why": why})


def _notify(imported: Mapping[str, int], *, stuck: int, waiting: int) -> None:
    """Nobody can be notified while the database is away, so the alert reports an outage that is over.

    A database that was busy for a moment is no trouble, and is not reported.
    """
    stored = {
        "The database was down": imported[AWAY],
        "The receiver failed (webhook.failed in its log)": imported[FAILED],
        "A signing secret could not be read (ENCRYPTION_KEYS)": imported[UNREADABLE],
    }
    sentences = [
        f"{why}: {count} webhook{'s were' if count > 1 else ' was'} stored on disk and imported later."
        for why, count in stored.items()
        if count
    ]
    if stuck:
        sentences.append(
            f"{stuck} webhook{'s' if stuck > 1 else ''} on the disk cannot be stored: see spool.stuck in the log, "
            "and whether ENCRYPTION_KEYS holds every key."
        )
    elif sentences and waiting:
        sentences.append(f"{waiting} still waiting.")
    if not sentences:
        return
    with contextlib.suppress(Error):
        alerts.open_("spool", key="spool", text=" ".join(sentences), now=timezone.now())
        _memory.alert_ends = time.monotonic() + ALERT_S


def _end_alert() -> None:
    if _memory.alert_ends is not None and time.monotonic() > _memory.alert_ends:
        _memory.alert_ends = None
        alerts.close("spool", now=timezone.now())


@contextlib.contextmanager
def _import_lock() -> Iterator[bool]:
    """Whether this process may import, as the only one on this host. The operating system frees the lock with the process."""
    with (folder() / "importing").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True


def _drop_connection() -> None:
    if not connection.in_atomic_block:
        connection.close()


def watch() -> None:
    """In each web process: notices an outage before a request does, notices its end, and imports what was spooled."""
    threading.Thread(target=_watch, name="spool", daemon=True).start()


def _watch() -> None:
    while True:
        time.sleep(WATCH_S)
        try:
            outage.ping()
            clock.measure_offset()
            import_waiting()
        except outage.DatabaseUnavailable:
            pass
        except Exception:
            logger.exception("spool.watch_failed")
        finally:
            close_old_connections()
