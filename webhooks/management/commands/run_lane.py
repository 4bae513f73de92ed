"""One lane's django-q2 cluster. run_workers starts, monitors and stops it."""

import ctypes
import os
import signal
import sys
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django_q.management.commands import qcluster

from webhooks.workers import liveness


class Command(qcluster.Command):
    help = "One lane's cluster, for run_workers."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("lane")

    def handle(self, *args: Any, lane: str, **options: Any) -> None:
        # django-q2 reads its settings on import, so setting the variable here would be too late.
        if os.environ.get("Q_CLUSTER_NAME") != lane:
            raise CommandError(f"Use run_workers, or Q_CLUSTER_NAME={lane} manage.py qcluster.")
        _die_with_parent()
        liveness.adopt()
        if liveness.is_closed():
            return  # the parent died before prctl was in effect
        super().handle()
        liveness.beat()


def _die_with_parent() -> None:
    """Linux: when run_workers is killed outright, its clusters get a SIGTERM instead of running on without a tick."""
    if sys.platform == "linux":
        PR_SET_PDEATHSIG = 1
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
