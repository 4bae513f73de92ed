"""`make run` and `make demo`: the web process and the workers (and a simulated Chatwoot) under one supervisor."""

import errno
import http.client
import os
import socket
import sys
from typing import Any

from django.conf import settings
from django.core.management import CommandError, CommandParser, call_command
from django.core.management.base import BaseCommand
from django.db import connections
from django.db.models import Max

from knowledge.calendars import inbox_calendars
from knowledge.models import Draft
from support_site.demo import people, simulator, start
from support_site.operations.supervisor import ChildExited, Stopped, Supervisor
from support_site.web import server
from webhooks.database import clock
from webhooks.models import Contact, Conversation, Delivery, Message, Source
from webhooks.simulator import model
from webhooks.simulator.state import ADMIN_TOKEN

# Where to knock; 0.0.0.0 is an address to listen on only.
LOCAL = "127.0.0.1" if server.HOST in ("", "0.0.0.0") else server.HOST  # noqa: S104
GUNICORN = ("gunicorn", "-c", "python:support_site.web.server", "support_site.wsgi:application")
SIMULATOR_OFFSET = 900
CHATWOOT = f"http://127.0.0.1:{server.PORT + SIMULATOR_OFFSET}"
START_S = 60
SETTLE_S = "4"  # until a question is drafted in the demo: its visitors add nothing to it
FIRST_DRAFT_S = 30  # without one the guide would lead to a queue where nothing can be approved yet


class Command(BaseCommand):
    help = "Runs the site on this machine: web and workers, stopped together by Ctrl-C."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--demo", action="store_true", help="with a simulated Chatwoot and its traffic")

    def handle(self, *args: Any, demo: bool, **options: Any) -> None:
        port, goal = server.PORT, "demo" if demo else "run"
        _require_free(server.HOST, port, goal)
        if demo:
            _require_free("127.0.0.1", port + SIMULATOR_OFFSET, goal)
            os.environ["DEMO"] = "1"  # for the processes that are started below
            os.environ.setdefault("DRAFT_SETTLE_SECONDS", SETTLE_S)
        try:
            self.prepare_database(demo=demo)
            with Supervisor() as site:
                self.run_everything(site, demo=demo)
        except (Stopped, KeyboardInterrupt):
            self.say("Stopped.")
        except ChildExited as error:
            raise CommandError(f"{error}; the others were stopped.") from None

    def prepare_database(self, *, demo: bool) -> None:
        self.say("Bringing the database up to date.")
        call_command("migrate", verbosity=0, interactive=False)
        if demo:
            self.prepare_demo()
        else:
            call_command("seed")
        connections.close_all()

    def prepare_demo(self) -> None:
        try:
            start.refuse_real_site()
        except start.RealSite as error:
            raise CommandError(str(error)) from None
        inbox_calendars.seed(always_open=True)
        call_command("seed", samples=True, password=people.ADMIN.password)
        people.create()

    def run_everything(self, site: Supervisor, *, demo: bool) -> None:
        admin = f"{settings.PUBLIC_URL}/admin/"
        self.say(f"Starting {admin} (Ctrl-C stops everything)")
        if demo:
            _use_simulated_model()
        site.start("web", [sys.executable, "-m", *GUNICORN])
        if demo:  # before the workers, which would raise an alert about the webhook of an earlier start
            self.start_simulator(site)
            self.connect_simulator()
        site.start("workers", _manage("run_workers"))
        _wait_for_answer(site, "the web process", LOCAL, server.PORT, "/healthz")
        if demo:
            site.wait(_has_a_ready_draft, within_s=FIRST_DRAFT_S)
        self.say(f"Ready: {admin}")
        self.say_what_next(demo=demo)
        site.wait()

    def start_simulator(self, site: Supervisor) -> None:
        """The web process starts meanwhile: its first page need not wait for the history."""
        if start.has_no_history():
            self.say(f"Inventing {start.WEEKS} weeks of conversations; this takes a few seconds.")
            start.write_history(chatwoot=CHATWOOT, now=clock.now())
        port = server.PORT + SIMULATOR_OFFSET
        arguments = ["--port", str(port), "--traffic", "--flaky", "0.1", "--wait-for-webhook"]
        arguments += ["--after", str(highest_number())]
        site.start("chatwoot", _manage("simulate_chatwoot", *arguments))
        _wait_for_answer(site, "the simulated Chatwoot", "127.0.0.1", port, "/api")
        simulator.remember(CHATWOOT)
        connections.close_all()

    def connect_simulator(self) -> None:
        """In this process: another one would take as long to start as the history to be written."""
        try:
            call_command(
                "connect_chatwoot", slug=simulator.SLUG, base_url=CHATWOOT, account_id=1, api_token=ADMIN_TOKEN, register=True,
                moved=True, public_url=f"http://{LOCAL}:{server.PORT}", stdout=self.stdout,
            )  # fmt: skip
        except CommandError as error:
            raise CommandError(f"The simulated Chatwoot could not be connected: {error}") from None
        finally:
            connections.close_all()

    def say_what_next(self, *, demo: bool) -> None:
        if demo:
            self.say(
                "Customers of a simulated Chatwoot write every few seconds. Open the queue and approve a reply."
            )
            self.say(
                "To see an outage, open Break Chatwoot in the banner, or run make drill in another terminal."
            )
            for person in people.PEOPLE:
                self.say(f"{person.role}: name {person.username}, password {person.password}")
        elif not Source.objects.exists():
            self.say("The site is empty. Its first page lists what to set up.")

    def say(self, sentence: str) -> None:
        self.stdout.write(sentence)
        self.stdout.flush()


def highest_number() -> int:
    """The stand-in forgets everything when it stops: what it would then number again from 1 would look like known messages."""
    known = (
        Message.objects.aggregate(most=Max("message_id")), Conversation.objects.aggregate(most=Max("display_id")),
        Contact.objects.aggregate(most=Max("contact_id")), Delivery.objects.aggregate(most=Max("message_id")),
    )  # fmt: skip
    return max(one["most"] or 0 for one in known)


def _has_a_ready_draft() -> bool:
    return Draft.objects.filter(status=Draft.Status.PROPOSED).exists()


def _use_simulated_model() -> None:
    """For web and workers. DRAFTER_URL set but empty: the built-in drafter."""
    if "DRAFTER_URL" not in os.environ:
        os.environ["DRAFTER_URL"] = f"http://127.0.0.1:{server.PORT + SIMULATOR_OFFSET}/v1"
        os.environ["DRAFTER_MODEL"] = model.NAME


def _manage(*words: str) -> list[str]:
    return [sys.executable, str(settings.BASE_DIR / "manage.py"), *words]


def _require_free(host: str, port: int, goal: str) -> None:
    with socket.socket() as probe:
        # As gunicorn does: a socket still closing after the last stop does not count.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise CommandError(f"Cannot listen on {host}:{port}: {error.strerror}.") from None
            raise CommandError(
                f"Port {port} is taken; stop what uses it or choose another: PORT={server.PORT + 1} make {goal}"
            ) from None


def _wait_for_answer(site: Supervisor, who: str, host: str, port: int, path: str) -> None:
    if not site.wait(lambda: _answers(host, port, path), within_s=START_S):
        raise CommandError(f"After {START_S} s {who} does not answer on {host}:{port}; see the lines above.")


def _answers(host: str, port: int, path: str) -> bool:
    """Any HTTP answer will do: a 400 for an unlisted host still comes from a running process."""
    connection = http.client.HTTPConnection(host, port, timeout=2)
    try:
        connection.request("GET", path)
        connection.getresponse()
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
    return True
