"""Connect one Chatwoot account. Idempotent; exits non-zero with one line that says how to fix it."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from webhooks.outbound import registration
from webhooks.sources import connecting

from ...database import clock


class Command(BaseCommand):
    help = "Check the token, register the webhook (or store its secret) and print the receiving URL."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--slug", required=True)
        parser.add_argument("--base-url", required=True)
        parser.add_argument("--account-id", required=True, type=int)
        parser.add_argument("--api-token", required=True)
        how = parser.add_mutually_exclusive_group()
        how.add_argument("--register", action="store_true", help="register the webhook in Chatwoot")
        how.add_argument("--secret", default="", help="the secret of a webhook created by hand")
        parser.add_argument(
            "--unsigned",
            action="store_true",
            help="for Chatwoot before 4.11.2, which does not sign webhooks: the URL ends in a token instead",
        )
        parser.add_argument(
            "--moved",
            action="store_true",
            help="the Chatwoot at the new base URL is the one that was connected before",
        )
        parser.add_argument(
            "--public-url", default="", help="the address at which Chatwoot reaches this site"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        wanted = connecting.Connection(
            slug=options["slug"], base_url=options["base_url"], account_id=options["account_id"],
            api_token=options["api_token"], register=options["register"], public_url=options["public_url"],
            secret=options["secret"], unsigned=options["unsigned"], internal=True, moved=options["moved"],
        )  # fmt: skip
        try:
            done = connecting.connect(wanted, now=clock.now())
        except connecting.CannotConnect as error:
            raise CommandError(str(error)) from error
        for note in done.notes:
            self.stdout.write(f"Note: {note}")
        source = done.source
        self.stdout.write(
            f"Connected {source} to {source.base_url}, account {source.account_id}, as {source.sender_name}."
        )
        if wanted.register:
            self.stdout.write(f"Chatwoot sends these events: {', '.join(registration.EVENTS)}.")
        self.stdout.write(f"Receiving URL: {done.receiving_url}")
