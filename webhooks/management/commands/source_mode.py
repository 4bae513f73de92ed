"""Switch a source's mode from a terminal, with the web away. Exits non-zero with one line that says how to mend it."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from webhooks.database import clock
from webhooks.models import ModeChange, Source
from webhooks.sources import modes


class Command(BaseCommand):
    help = (
        "active: all goes on. paused: what arrives is kept, nothing is drafted, no reply leaves. legacy: as paused, and what "
        "arrives goes on to the previous handler."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug")
        parser.add_argument("mode", choices=Source.Mode.values)
        parser.add_argument("--reason", required=True, help="why, for whoever reads the log")
        parser.add_argument(
            "--forward-to", metavar="URL", help="the previous handler's URL, kept for legacy mode"
        )
        parser.add_argument(
            "--end-kept",
            action="store_true",
            help="back to active: do not process what was kept, end it as cancelled",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        source = self._source(options["slug"])
        then = ModeChange.Kept.END if options["end_kept"] else ModeChange.Kept.PROCESS
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
            self.stdout.write(f"{source} is {change.mode}, it was {change.before}. {modes.said(change)}")

    def _source(self, slug: str) -> Source:
        source = Source.objects.filter(slug=slug).first()
        if source is None:
            slugs = ", ".join(Source.objects.order_by("slug").values_list("slug", flat=True))
            raise CommandError(f"There is no source {slug!r}. This site has {slugs or 'none yet'}.")
        return source
