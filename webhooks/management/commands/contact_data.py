"""Count, export or erase a person's data. Exits non-zero with one line that says what to do."""

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
        "Count, export to a file, or erase the stored data of a contact, including contacts merged with it. Chatwoot's own "
        "copy is not touched: erase it there too."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug")
        parser.add_argument("contact_id", type=int, help="the contact's ID in Chatwoot")
        parser.add_argument(
            "--also", type=int, action="append", default=[], metavar="CONTACT_ID",
            help="another contact ID of the same person, if Chatwoot merged them and this site does not know",
        )  # fmt: skip
        what = parser.add_mutually_exclusive_group()
        what.add_argument("--export", metavar="FILE", help="write all data to a new file, as JSON")
        what.add_argument("--erase", action="store_true", help="erase all data; needs --reason")
        parser.add_argument("--reason", default="", help="reason for the log, without names")

    def handle(self, *args: Any, **options: Any) -> None:
        person = self._person(options)
        who = f"Contact {', '.join(map(str, person.numbers))} ({person.source})"
        if options["export"]:
            self._export(person, Path(options["export"]), options["reason"])
            self.stdout.write(f"{who}: written to {options['export']}.")
        elif options["erase"]:
            counts = self._erase(person, options["reason"])
            self.stdout.write(f"{who}: erased. {_counts_text(counts)}")
        else:
            self.stdout.write(f"{who}: {_counts_text(erasure.held(person))}")

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
                f"Contact {options['contact_id']} ({source}) is not known here. Its ID is in the URL of its page in Chatwoot."
                " If it was merged into another contact, use that one's ID."
            )
        return person

    def _export(self, person: Person, path: Path, reason: str) -> None:
        """Readable by its owner only, and never overwrites a file."""
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


def _counts_text(counts: dict[str, int]) -> str:
    parts = [f"{count:,} {erasure.name(label, count)}" for label, count in counts.items()]
    return f"{', '.join(parts)}." if parts else "no stored data."
