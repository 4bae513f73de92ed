"""The site's settings, with two events more: the handler of one is a single UPDATE, so that what is left is the engine's own
cost; that of the other only waits.

BENCH_Q is for comparison: django-q2 as it comes, or tuned, one task a row.
"""

import os

from support_site.settings import *  # noqa: F403
from support_site.settings import IN_HANDLERS, Q_CLUSTER, QUEUE_URL

IN_HANDLERS = IN_HANDLERS | {
    "bench.update": ["tests.bench.work.update_one"],
    "bench.wait": ["tests.bench.work.wait"],
}
_broker = {"redis": QUEUE_URL} if QUEUE_URL else {"orm": "default"}
_stock = {"name": "bench", "workers": 2, "timeout": 60, "retry": 120} | _broker
BENCH_Q = {"stock": _stock, "tuned": _stock | {"save_limit": -1, "bulk": 20, "queue_limit": 100}}
Q_CLUSTER = BENCH_Q.get(os.environ.get("BENCH_Q", ""), Q_CLUSTER)
