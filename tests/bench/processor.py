"""Processor time of processes: a busy machine disturbs it less than a rate, and it is what machines are bought for. Linux."""

import os
from pathlib import Path

import psycopg

from tests.site import children

TICK = os.sysconf("SC_CLK_TCK")


def of_site(root: int, database_url: str) -> dict[int, float]:
    """Seconds so far by process: `root` and all below it, with children that have ended, and its PostgreSQL sessions."""
    found, left = {}, [root]
    while left:
        pid = left.pop()
        found[pid] = _seconds(pid)
        left += children(pid)
    return found | {pid: _seconds(pid) for pid in _sessions(database_url)}


def between(before: dict[int, float], after: dict[int, float]) -> float:
    """Seconds used by what lives at the end. What has ended in between counts with its parent."""
    return sum(max(0.0, seconds - before.get(pid, 0.0)) for pid, seconds in after.items())


def _seconds(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return sum(map(int, fields[11:15])) / TICK  # utime, stime, and both of its children


def _sessions(database_url: str) -> list[int]:
    """None where the server is elsewhere: its process numbers mean nothing here."""
    if not database_url.startswith("postgres"):
        return []
    with psycopg.connect(database_url) as connection:
        own = (
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        found = [pid for (pid,) in connection.execute(own)]
    return [pid for pid in found if _is_postgres(pid)]


def _is_postgres(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/comm").read_text().startswith("postgres")
    except OSError:
        return False
