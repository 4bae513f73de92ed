"""Switch a source's mode from a terminal, even when the web site is down. Exits non-zero with one line that says what to do."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from webhooks.database import clock
from webhooks.models import ModeChange, Source
from webhooks.sources import modes


class Command(BaseCommand):
    help = (
        "Switch a source's mode. active: normal operation. paused: events are held, nothing is drafted, no reply is sent. "
        "legacy: like paused, and new events are forwarded to the previous handler."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug")
        parser.add_argument("mode", choices=Source.Mode.values)
        parser.add_argument("--reason", required=True, help="reason for the log")
        parser.add_argument(
            "--forward-to", metavar="URL", help="the previous handler's URL, stored for legacy mode"
        )
        parser.add_argument(
            "--end-kept",
            action="store_true",
            help="when switching to active: cancel held events instead of processing them",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        source = self._source(options["slug"])
        then = ModeChange.HeldAction.END if options["end_kept"] else ModeChange.HeldAction.PROCESS
        try:
            if options["forward_to"] is not None:
                modes.set_legacy_url(source, options["forward_to"])
            change = modes.switch(
                source, options["mode"], by=None, reason=options["reason"], now=clock.now(), then=then
            )
        except modes.AlreadySo as error:
            self.stdout.write(f"{error} Nothing changed.")
        except modes.CannotSwitch as error:
            raise CommandError(str(error)) from error
        else:
            self.stdout.write(f"{source} is {change.mode} (was {change.before}). {modes.summary(change)}")

    def _source(self, slug: str) -> Source:
        source = Source.objects.filter(slug=slug).first()
        if source is None:
            slugs = ", ".join(Source.objects.order_by("slug").values_list("slug", flat=True))
            raise CommandError(f"There is no source {slug!r}. This site has {slugs or 'none yet'}.")
        return source
