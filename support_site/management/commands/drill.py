"""A drill on the running demo: what happens, what a person should see then, and whether it was seen."""

import signal
import time
from types import ModuleType
from typing import Any
from urllib.parse import urlsplit

import requests
from django.conf import settings
from django.core.management import CommandError, CommandParser
from django.core.management.base import BaseCommand

from support_site import web_server
from support_site.drills import bad_deploy, chatwoot_outage, database_outage
from support_site.drills.stage import Broken, Demo, Drill
from webhooks.models import Source

DRILLS: dict[str, ModuleType] = {
    "chatwoot-outage": chatwoot_outage,
    "database-outage": database_outage,
    "bad-deploy": bad_deploy,
}


class Command(BaseCommand):
    help = "Play a failure on the running demo (make demo) and say what a person should have seen. Fails when it was not seen."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("drill", choices=DRILLS)
        parser.add_argument(
            "--slug", default="demo", help="the source behind which a simulated Chatwoot stands"
        )

    def handle(self, *args: Any, drill: str, slug: str, **options: Any) -> None:
        began, play = time.monotonic(), DRILLS[drill]
        try:
            with _demo(slug).signed_in() as demo:
                self.say(f"Drill {drill}. {(play.__doc__ or '').strip()}\nWatch along: {demo.url}/admin/")
                # A stop from outside puts right what it broke, too.
                signal.signal(signal.SIGTERM, signal.default_int_handler)
                played = Drill(demo, self.say)
                play.run(played)
        except (Broken, requests.RequestException) as error:
            raise CommandError(f"The drill {drill} did not hold. {error}") from error
        self.say(f"\nAll {played.seen} things were seen, in {time.monotonic() - began:.0f} s.")

    def say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()


def _demo(slug: str) -> Demo:
    """Nothing but a demo is ever played on: its Chatwoot must be the simulated one, on this machine."""
    source = Source.objects.filter(slug=slug).first()
    if source is None:
        raise Broken(f"There is no source {slug!r} here: start `make demo` first, in another terminal.")
    demo = Demo(f"http://127.0.0.1:{web_server.PORT}", source)
    if urlsplit(source.base_url).hostname not in ("127.0.0.1", "localhost"):
        raise Broken(f"The Chatwoot of {slug} is not a simulated one: a drill is for the demo alone.")
    looks = {
        "The simulated Chatwoot": lambda: demo.chatwoot("GET", "log"),
        "The site": lambda: demo.get("/healthz"),
    }
    for who, look in looks.items():
        try:
            look()
        except requests.RequestException as error:
            raise Broken(
                f"{who} does not answer: start `make demo` first ({settings.PUBLIC_URL})."
            ) from error
    return demo
