"""Runs a drill on the running demo: what happens, what a person should see, and whether it was seen."""

import signal
import time
from types import ModuleType
from typing import Any
from urllib.parse import urlsplit

import requests
from django.conf import settings
from django.core.management import CommandError, CommandParser
from django.core.management.base import BaseCommand

from support_site.drills import bad_deploy, chatwoot_outage, database_outage
from support_site.drills.stage import Demo, Drill, DrillFailed
from support_site.web import server
from webhooks.models import Source

DRILLS: dict[str, ModuleType] = {
    "chatwoot-outage": chatwoot_outage,
    "database-outage": database_outage,
    "bad-deploy": bad_deploy,
}


class Command(BaseCommand):
    help = "Simulate a failure on the running demo (make demo) and check what a person should see. Fails if it is not seen."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("drill", choices=DRILLS)
        parser.add_argument("--slug", default="demo", help="the source of the simulated Chatwoot")

    def handle(self, *args: Any, drill: str, slug: str, **options: Any) -> None:
        began, play = time.monotonic(), DRILLS[drill]
        try:
            with _demo(slug).signed_in() as demo:
                self.say(f"Drill {drill}. {(play.__doc__ or '').strip()}\nWatch along: {demo.url}/admin/")
                # Also clean up when the drill is stopped from outside.
                signal.signal(signal.SIGTERM, signal.default_int_handler)
                played = Drill(demo, self.say)
                play.run(played)
        except (DrillFailed, requests.RequestException) as error:
            raise CommandError(f"The drill {drill} failed. {error}") from error
        self.say(f"\nAll {played.seen} checks passed in {time.monotonic() - began:.0f} s.")

    def say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()


def _demo(slug: str) -> Demo:
    """Drills run only on a demo: its Chatwoot must be the simulated one, on this machine."""
    source = Source.objects.filter(slug=slug).first()
    if source is None:
        raise DrillFailed(f"There is no source {slug!r}. Start `make demo` in another terminal first.")
    demo = Demo(f"http://127.0.0.1:{server.PORT}", source)
    if urlsplit(source.base_url).hostname not in ("127.0.0.1", "localhost"):
        raise DrillFailed(f"{slug} is not connected to a simulated Chatwoot. Drills run only on the demo.")
    looks = {
        "The simulated Chatwoot": lambda: demo.chatwoot("GET", "log"),
        "The site": lambda: demo.get("/healthz"),
    }
    for who, look in looks.items():
        try:
            look()
        except requests.RequestException as error:
            raise DrillFailed(
                f"{who} does not answer. Start `make demo` first ({settings.PUBLIC_URL})."
            ) from error
    return demo
