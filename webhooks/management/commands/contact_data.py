"""A person's data, to a file or out of every table. Exits non-zero with one line that says what to do."""

import os
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from webhooks.database import clock
from webhooks.models import Source
from webhooks.privacy import erasure, merged_contacts
from webhooks.privacy.customer_data import Person


class Command(BaseCommand):
    help = (
        "What is kept of a contact, contacts merged with it included: counted, exported to a file, or erased. What Chatwoot has "
        "stays there: erase it there, too."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug")
        parser.add_argument("contact_id", type=int, help="the contact's number in Chatwoot")
        parser.add_argument(
            "--also", type=int, action="append", default=[], metavar="CONTACT_ID",
            help="another number of the same person, where Chatwoot merged them and the site does not know",
        )  # fmt: skip
        what = parser.add_mutually_exclusive_group()
        what.add_argument("--export", metavar="FILE", help="write all of it to a new file, as JSON")
        what.add_argument("--erase", action="store_true", help="erase all of it; needs --reason")
        parser.add_argument("--reason", default="", help="why, for whoever reads the log; without names")

    def handle(self, *args: Any, **options: Any) -> None:
        person = self._person(options)
        who = f"Contact {', '.join(map(str, person.numbers))} of {person.source}"
        if options["export"]:
            self._export(person, Path(options["export"]), options["reason"])
            self.stdout.write(f"{who}: written to {options['export']}.")
        elif options["erase"]:
            counts = self._erase(person, options["reason"])
            self.stdout.write(f"{who}: erased. {_said(counts)}")
        else:
            self.stdout.write(f"{who}: {_said(erasure.held(person))}")

    def _person(self, options: dict[str, Any]) -> Person:
        source = Source.objects.filter(slug=options["slug"]).first()
        if source is None:
            slugs = ", ".join(Source.objects.order_by("slug").values_list("slug", flat=True))
            raise CommandError(
                f"There is no source {options['slug']!r}. This site has {slugs or 'none yet'}."
            )
        person = merged_contacts.person(source, options["contact_id"], also=options["also"])
        if person is None:
            raise CommandError(
                f"Contact {options['contact_id']} of {source} is not known here: its number stands in the address of its"
                " page in Chatwoot. Was it merged into another? Then name that one."
            )
        return person

    def _export(self, person: Person, path: Path, reason: str) -> None:
        """For its owner alone, and never over what is there."""
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except OSError as error:
            raise CommandError(f"{path} cannot be written ({error.strerror}): name a new file.") from error
        with os.fdopen(handle, "w") as file:
            file.write(erasure.export(person, by=None, reason=reason, now=clock.now()))

    def _erase(self, person: Person, reason: str) -> dict[str, int]:
        try:
            return dict(erasure.erase(person, by=None, reason=reason, now=clock.now()).counts)
        except erasure.CannotErase as error:
            raise CommandError(str(error)) from error


def _said(counts: dict[str, int]) -> str:
    said = [f"{count:,} {erasure.name(label, count)}" for label, count in counts.items()]
    return f"{', '.join(said)}." if said else "nothing is kept."
