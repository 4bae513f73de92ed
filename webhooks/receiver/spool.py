"""Webhooks on disk while the database is down: stored before they are answered. spool_import.py turns them into rows.

One file for each request: a line of JSON with its metadata, then the body's bytes. The host that wrote it imports it. Files
are written aside, synced and renamed, so every file here is complete; its request was answered 200 or not at all.
"""

import contextlib
import json
import logging
import os
import threading
import time
import uuid
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from .requests import Arrival

logger = logging.getLogger(__name__)
SUFFIX, WRITING, BAD = ".webhook", ".writing", "bad"
# Why a webhook is here: the database was away, or too busy to write; we failed on it; we have no key for the secret.
AWAY, BUSY, FAILED, UNREADABLE = "away", "busy", "failed", "unreadable"
COUNTED_FOR_S = 1.0


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


def unpack(data: bytes) -> tuple[Arrival, bool, str]:
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


def waiting() -> list[Path]:
    """Files to import, oldest first."""
    return [
        folder() / name for name in sorted(name for name, _ in _entries(folder())) if name.endswith(SUFFIX)
    ]


def set_aside(*, before: datetime | None = None) -> list[Path]:
    """Files of this host that could not be imported; before: only those set aside before then."""
    return [
        folder() / BAD / name
        for name, stat in _entries(folder() / BAD)
        if before is None or stat.st_mtime < before.timestamp()
    ]


def put_aside(path: Path, why: str) -> None:
    """One that cannot be imported: kept for a person to look at."""
    (folder() / BAD).mkdir(mode=0o700, exist_ok=True)
    path.rename(folder() / BAD / path.name)
    logger.error("spool.bad_file", extra={"file": path.name, "why": why})


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

    def size(self) -> int:
        """Bytes in the spool, cached: walking it for each request would slow the site down more the longer an outage lasts."""
        with self.lock:
            if time.monotonic() - self.counted_at > COUNTED_FOR_S:
                self.bytes, self.counted_at = held().size, time.monotonic()
            return self.bytes

    def add(self, size: int) -> None:
        with self.lock:
            self.bytes += size


_memory = _Memory()


def forget() -> None:
    """As after a start."""
    _memory.__init__()  # type: ignore[misc]
