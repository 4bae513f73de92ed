"""One lane's django-q2 cluster. run_workers starts it, watches it and ends it."""

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
        # django-q2 reads its settings when it is imported.
        if os.environ.get("Q_CLUSTER_NAME") != lane:
            raise CommandError(f"Use run_workers, or Q_CLUSTER_NAME={lane} manage.py qcluster.")
        _die_with_parent()
        liveness.take()
        if liveness.is_cut():
            return  # it was gone before we could ask to be told
        super().handle()
        liveness.beat()


def _die_with_parent() -> None:
    """Linux: when run_workers is killed outright, its clusters get a SIGTERM instead of living on without a tick."""
    if sys.platform == "linux":
        PR_SET_PDEATHSIG = 1
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
