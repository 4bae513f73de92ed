"""For a person who has lost app and recovery codes, when no superuser can sign in to remove the factor under Users."""

from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError, CommandParser

from webhooks.accounts import second_factor


class Command(BaseCommand):
    help = "Remove USERNAME's second factor, so that the password alone signs in. Also works without ENCRYPTION_KEYS."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username")

    def handle(self, *args: Any, username: str, **options: Any) -> None:
        user = User.objects.filter(username=username).first()
        if user is None:
            raise CommandError(f"There is no user {username!r}.")
        if not second_factor.is_on(user):
            raise CommandError(f"{username} has no second factor.")
        second_factor.remove(user)
        self.stdout.write(f"Removed: {username} can sign in with the password alone.")
