"""A handler that says on which host it ran, and is slow enough to be killed at it."""

import socket
import time
from datetime import datetime
from typing import Any

from django.db import connection

from webhooks.models import Delivery

# No constraint keeps a second one out.
TABLE = "CREATE TABLE host_effect (delivery bigint NOT NULL, host text NOT NULL)"
WORKS_S = 0.01


def leave_trace(delivery: Delivery, payload: dict[str, Any], *, now: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO host_effect VALUES (%s, %s)", [delivery.pk, socket.gethostname()])
    time.sleep(WORKS_S)
