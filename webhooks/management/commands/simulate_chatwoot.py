"""Run the stand-in Chatwoot in the foreground, for the demo and for trying things by hand."""

from __future__ import annotations

import signal
import threading
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from webhooks.simulator.server import SimulatedChatwoot
from webhooks.simulator.traffic import Traffic


class Command(BaseCommand):
    help = "Run a simulated Chatwoot with one account; stops on Ctrl-C or SIGTERM."
    # It needs no database, so it may start before the first migration.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=8900)
        parser.add_argument("--traffic", action="store_true", help="let customers write")
        parser.add_argument(
            "--flaky",
            type=float,
            default=0.0,
            metavar="RATE",
            help="share of API reads that fail at random, 0 to 1",
        )
        parser.add_argument(
            "--wait-for-webhook",
            action="store_true",
            help="traffic begins when a webhook is registered",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            chatwoot = SimulatedChatwoot(host=options["host"], port=options["port"])
        except OSError as error:
            raise CommandError(f"Cannot listen on port {options['port']}: {error}") from error
        stopping = _stop_on_signals()
        with chatwoot:
            chatwoot.world.faults.flaky(options["flaky"])
            self._introduce(chatwoot)
            traffic = Traffic(chatwoot.world) if options["traffic"] else None
            if traffic and self._may_begin(chatwoot, stopping, options["wait_for_webhook"]):
                self.stdout.write("Customers begin to write.")
                traffic.start()
            stopping.wait()
            if traffic:
                traffic.stop()
        self.stdout.write("Simulated Chatwoot stopped.")

    def _introduce(self, chatwoot: SimulatedChatwoot) -> None:
        self.stdout.write(f"Simulated Chatwoot at {chatwoot.url}")
        self.stdout.write(f"Account id: {chatwoot.account_id}")
        self.stdout.write(f"Administrator token: {chatwoot.admin_token}")
        self.stdout.write(
            "Connect: python manage.py connect_chatwoot --slug demo "
            f"--base-url {chatwoot.url} --account-id {chatwoot.account_id} "
            f"--api-token {chatwoot.admin_token} --register --public-url http://127.0.0.1:8000"
        )
        self.stdout.flush()

    def _may_begin(self, chatwoot: SimulatedChatwoot, stopping: threading.Event, wait: bool) -> bool:
        while wait and not chatwoot.world.webhooks:
            if stopping.wait(0.3):
                return False
        return True


def _stop_on_signals() -> threading.Event:
    stopping = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopping.set())
    return stopping
