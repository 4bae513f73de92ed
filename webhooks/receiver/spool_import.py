"""Turns the files of the spool into rows while the database takes them, and notices when it is away and back."""

import contextlib
import fcntl
import logging
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

from django.conf import settings
from django.db import DataError, Error, IntegrityError, close_old_connections, connection
from django.utils import timezone

from ..alerts import alerts
from ..database import clock, deadline, outage
from . import requests, signatures, source_cache, spool
from .requests import Arrival

logger = logging.getLogger(__name__)
WATCH_S = 1.0
ALERT_S = 60.0  # how long the alert stays open after the last file


class NotYet(Exception):
    """It cannot be judged or stored now, though the database is there: it stays on the disk."""


class _State:
    """What this process has said. Its alert ends even if an earlier process opened it."""

    def __init__(self) -> None:
        self.stuck: set[str] = set()
        self.alert_ends: float | None = time.monotonic() + ALERT_S

    def say_once(self, name: str) -> None:
        """One line a file, not one a second."""
        if name not in self.stuck:
            self.stuck.add(name)
            logger.exception("spool.stuck", extra={"file": name})


_state = _State()


def forget() -> None:
    """As after a start."""
    _state.__init__()  # type: ignore[misc]


def import_waiting() -> int:
    """Turn files into rows, oldest first, while the database takes them. Returns how many. One process at a time."""
    files = spool.waiting()
    if outage.is_known():
        return 0
    if not files:
        _end_alert()
        return 0
    imported: Counter[str] = Counter()
    left = 0
    with _import_lock() as locked, deadline.each(settings.PAGE_DATABASE_S):
        for file in files if locked else []:
            try:
                imported[_import_file(file)] += 1
            except NotYet:
                left += 1
            except Exception as error:
                if outage.is_one(error):
                    _drop_connection()
                    facts = {"error": type(error).__name__, "left": len(files) - imported.total()}
                    logger.info("spool.waits", extra=facts)
                    break
                left += 1  # continue with the others: one that no version can store must not hold them back
                _state.say_once(file.name)
    del imported[""]
    done = imported.total()
    if done:
        logger.warning("spool.imported", extra={"files": done, "while_away": imported[spool.AWAY]})
    _notify(imported, stuck=left, waiting=len(files) - done)
    return done


def _import_file(path: Path) -> str:
    """Why it had been kept here; empty where there is nothing to import. Raises NotYet."""
    try:
        arrival, verified, why = spool.unpack(path.read_bytes())
        _process(arrival, verified=verified)
    except FileNotFoundError:
        return ""  # another process was faster
    except (spool.Unreadable, DataError, IntegrityError) as error:
        spool.put_aside(path, str(error) if isinstance(error, spool.Unreadable) else type(error).__name__)
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


def _notify(imported: Mapping[str, int], *, stuck: int, waiting: int) -> None:
    """Nobody can be notified while the database is away, so the alert reports an outage that is over.

    A database that was busy for a moment is no trouble, and is not reported.
    """
    stored = {
        "The database was down": imported[spool.AWAY],
        "The receiver failed (webhook.failed in its log)": imported[spool.FAILED],
        "A signing secret could not be read (ENCRYPTION_KEYS)": imported[spool.UNREADABLE],
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
        _state.alert_ends = time.monotonic() + ALERT_S


def _end_alert() -> None:
    if _state.alert_ends is not None and time.monotonic() > _state.alert_ends:
        _state.alert_ends = None
        alerts.close("spool", now=timezone.now())


@contextlib.contextmanager
def _import_lock() -> Iterator[bool]:
    """Whether this process may import, as the only one on this host. The operating system frees the lock with the process."""
    with (spool.folder() / "importing").open("w") as file:
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
