"""A handler whose effects can be counted, and that takes long enough to be killed at it."""

import os
import random
import time
from datetime import datetime
from typing import Any

from django.db import connection

from webhooks.models import Delivery

# No constraint keeps a second one out.
TABLE = "CREATE TABLE chaos_effect (delivery bigint NOT NULL, pid bigint NOT NULL)"


def leave_trace(delivery: Delivery, payload: dict[str, Any], *, now: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO chaos_effect (delivery, pid) VALUES (%s, %s)", [delivery.pk, os.getpid()])
    time.sleep(random.uniform(0, 0.01))
