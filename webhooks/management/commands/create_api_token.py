"""Create an API token for a user. The last line is the token alone: it is stored hashed and never shown again."""

from datetime import timedelta
from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError, CommandParser
from knox.models import get_token_model

from webhooks.models import Membership

MOST_DAYS = 3660


class Command(BaseCommand):
    help = "Print a new API token for USERNAME. With --service, the token is for a program: it can propose but never decide."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username")
        parser.add_argument("--service", action="store_true")
        parser.add_argument("--days", type=int, help="days until it expires; without this it never expires")

    def handle(self, *args: Any, username: str, service: bool, days: int | None, **options: Any) -> None:
        if days is not None and not 1 <= days <= MOST_DAYS:
            raise CommandError(f"--days {days}: use a number between 1 and {MOST_DAYS}.")
        user = User.objects.filter(username=username).first()
        if user is None and not service:
            raise CommandError(
                f"There is no user {username!r}: create one in the admin, or add --service for a program."
            )
        if user is None:
            user = User.objects.create(username=username)
            user.set_unusable_password()
            user.save()
            Membership.objects.create(user=user, all_inboxes=True)
            self.stdout.write(f"Created the service account {username}, which sees all inboxes.")
        if not user.is_active:
            raise CommandError(f"The user {username!r} is not active.")
        expiry = timedelta(days=days) if days else None
        _, token = get_token_model().objects.create(user=user, expiry=expiry, service=service)
        self.stdout.write(token)
