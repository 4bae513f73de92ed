"""What every installation starts with. Safe to run again: it adds what is missing and changes nothing."""

import secrets
from argparse import ArgumentParser
from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand
from django_q.models import Schedule

from knowledge.articles.seeds import seed_samples
from knowledge.calendars import inbox_calendars
from knowledge.replies import escalations
from knowledge.risk import seeds
from reports.policies import versions
from support_site.configuration.schedules import SCHEDULES
from webhooks.accounts.access import may, seed_groups
from webhooks.alerts import rules
from webhooks.database import clock
from webhooks.deliveries import policies
from webhooks.models import SendingSwitch
from webhooks.privacy import retention


class Command(BaseCommand):
    help = "Seed groups, policies, alert rules, a calendar, risk rules, schedules and, the first time, one account."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--samples", action="store_true", help="with the sample articles of the demo")
        parser.add_argument("--password", default="", help="of the first account, instead of a random one")

    def handle(self, *args: Any, samples: bool = False, password: str = "", **options: Any) -> None:
        seed_groups()
        policies.seed()
        retention.seed()
        rules.seed()
        inbox_calendars.seed()
        seeds.seed()
        versions.seed()
        escalations.seed()
        SendingSwitch.objects.get_or_create(pk=1)
        for row in SCHEDULES:
            Schedule.objects.get_or_create(name=row["name"], defaults=row)
        if not User.objects.exists():
            password = password or secrets.token_urlsafe(12)
            User.objects.create_superuser("admin", password=password)
            self.stdout.write(f"First account: name admin, password {password} (change it after signing in).")
        if samples:
            people = User.objects.filter(is_active=True).order_by("-is_superuser", "pk")
            if first := next((user for user in people if may(user, "edit_articles")), None):
                seed_samples(by=first, now=clock.now())
