"""Each pytest process has a Redis database of its own.

A lane's queue has the same name on every site. Two sites on one database take each other's tasks, find nothing due in
their own, and the delivery that the task was for waits for the fallback schedule.
"""

import os
from urllib.parse import urlsplit

REDIS_DATABASES = 16


def own_queue(url: str) -> str:
    """The URL of this process's database: the named one, or in one of several processes the one that many further."""
    process = os.environ.get("PYTEST_XDIST_WORKER", "").removeprefix("gw")
    if not process or not url:
        return url
    named = urlsplit(url)
    number = (int(named.path.strip("/") or 0) + 1 + int(process)) % REDIS_DATABASES
    return named._replace(path=f"/{number}").geturl()
