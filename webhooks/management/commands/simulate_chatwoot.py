"""Run the simulated Chatwoot in the foreground, for the demo and for manual testing."""

from __future__ import annotations

import signal
import threading
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from webhooks.simulator import help_centre, model
from webhooks.simulator.server import SimulatedChatwoot
from webhooks.simulator.traffic import Traffic
from webhooks.simulator.world import World


class Command(BaseCommand):
    help = "Run a simulated Chatwoot with one account; stops on Ctrl-C or SIGTERM."
    # It uses none of the site's tables, so it may start before the rest is set up.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=8900)
        parser.add_argument("--traffic", action="store_true", help="let simulated customers write")
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
            help="start traffic and failures once a webhook is registered",
        )

        parser.add_argument(
            "--after",
            type=int,
            default=0,
            metavar="N",
            help="start IDs above N, when the site already knows lower ones",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        world = World(after=options["after"])
        help_centre.add_samples(world)
        try:
            chatwoot = SimulatedChatwoot(world, host=options["host"], port=options["port"])
        except OSError as error:
            raise CommandError(f"Cannot listen on port {options['port']}: {error}") from error
        stopping = _stop_on_signals()
        with chatwoot:
            self._say(f"Simulated Chatwoot at {chatwoot.url}")
            if options["wait_for_webhook"]:
                _wait_for_webhook(chatwoot, stopping)
            else:
                self._say_how_to_connect(chatwoot)
            chatwoot.world.faults.flaky(options["flaky"])
            self._run(chatwoot, stopping, traffic=options["traffic"])
        self._say("Simulated Chatwoot stopped.")

    def _say_how_to_connect(self, chatwoot: SimulatedChatwoot) -> None:
        self._say(f"Account id: {chatwoot.account_id}")
        self._say(f"Administrator token: {chatwoot.admin_token}")
        self._say(f"Language model: DRAFTER_URL={chatwoot.url}/v1 DRAFTER_MODEL={model.NAME}")
        self._say(
            "Connect: python manage.py connect_chatwoot --slug demo "
            f"--base-url {chatwoot.url} --account-id {chatwoot.account_id} "
            f"--api-token {chatwoot.admin_token} --register --public-url {settings.PUBLIC_URL}"
        )

    def _run(self, chatwoot: SimulatedChatwoot, stopping: threading.Event, *, traffic: bool) -> None:
        customers = Traffic(chatwoot.world)
        if traffic and not stopping.is_set():
            self._say("Simulated customers start to write.")
            customers.start()
        stopping.wait()
        customers.stop()

    def _say(self, sentence: str) -> None:
        # Flushed: under a supervisor the output is a pipe, and the URL is needed at once.
        self.stdout.write(sentence)
        self.stdout.flush()


def _wait_for_webhook(chatwoot: SimulatedChatwoot, stopping: threading.Event) -> None:
    while not chatwoot.world.webhooks and not stopping.wait(0.3):
        pass
    # The site that registered it still reads a few pages, which must not run into the simulated failures.
    stopping.wait(2.0)


def _stop_on_signals() -> threading.Event:
    stopping = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopping.set())
    return stopping
