"""A year of support on PostgreSQL, made in minutes: DATABASE_URL=postgres://… python -m tests.bench.year

100,000 conversations with 1,000,000 messages, as their mirror, clocks, drafts, escalations, ratings and deliveries would
be. Not for a database that anybody needs: run `manage.py migrate` and `manage.py seed` on an empty one first.
"""

import argparse
import os
import sys
import time
from typing import Any

AGENTS = tuple((number, f"Agent {number}") for number in range(1, 13))
TEAMS = tuple((number, f"Team {number}") for number in range(1, 5))
OPEN_SHARE = 0.3


def fill(
    *, conversations: int = 100_000, messages: int = 1_000_000, deliveries: int = 0, said: Any = sys.stderr
) -> None:
    """deliveries: how many there are in the end, at least; those of the last two weeks belong to messages."""
    from django.contrib.auth.models import User
    from django.utils import timezone

    from reports.attainment import daily_rollup
    from support_site.demo import fill as demo_fill
    from support_site.demo.history import Cast, History
    from tests.bench import work
    from tests.factories import make_inbox, make_source

    now, began = timezone.now(), time.monotonic()
    source = make_source()
    inboxes = tuple(
        (make_inbox(source, inbox_id=number, name=f"Inbox {number}").pk, number) for number in range(1, 6)
    )
    reviewers = tuple(User.objects.order_by("pk").values_list("pk", flat=True)[:1])
    history = History(
        Cast(source.pk, inboxes, AGENTS, TEAMS, reviewers), until=now, days=365, conversations=conversations,
        messages=messages, open_share=OPEN_SHARE,
    )  # fmt: skip

    def done(count: int) -> None:
        if count % 10_000 == 0:
            print(f"{count:,} conversations, {time.monotonic() - began:.0f} s", file=said, flush=True)

    demo_fill.fill(history, now=now, done=done)
    daily_rollup.keep_up(now=now, most=1000)  # as the chore has by then
    work.grow(deliveries)
    print(
        f"{history.next_message - 1:,} messages, {time.monotonic() - began:.0f} s in all",
        file=said,
        flush=True,
    )


def sizes() -> tuple[int, int]:
    """Messages and deliveries."""
    from webhooks.models import Delivery, Message

    return Message.objects.count(), Delivery.objects.count()


def main() -> None:
    asked = argparse.ArgumentParser(
        description="Fill an empty, seeded PostgreSQL database with a year of support."
    )
    asked.add_argument("--conversations", type=int, default=100_000)
    asked.add_argument("--messages", type=int, default=1_000_000)
    asked.add_argument("--deliveries", type=int, default=5_000_000)
    found = asked.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "support_site.settings")
    import django

    django.setup()
    fill(conversations=found.conversations, messages=found.messages, deliveries=found.deliveries)


if __name__ == "__main__":
    main()
