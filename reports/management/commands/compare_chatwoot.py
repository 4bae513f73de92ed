"""Our figures beside Chatwoot's own report. Exits non-zero with one line that says what to do."""

from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from reports.attainment import chatwoot_comparison
from reports.attainment.chatwoot_comparison import Comparison, Row
from reports.periods import Period
from webhooks.display import formats
from webhooks.errors import DeliveryError
from webhooks.models import Source
from webhooks.outbound import chatwoot


class Command(BaseCommand):
    help = "First response and counts as they are here and in Chatwoot's own report, each difference by its rule."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--from", dest="first", required=True, metavar="2026-11-16", help="the first day")
        parser.add_argument(
            "--to", dest="last", required=True, metavar="2026-11-22", help="the last day, inclusive"
        )
        parser.add_argument("--slug", help="which Chatwoot, where several are connected")

    def handle(self, *args: Any, **options: Any) -> None:
        first, last = _day("--from", options["first"]), _day("--to", options["last"])
        if last < first:
            raise CommandError("--to lies before --from.")
        period = Period(first, last, ZoneInfo(settings.TIME_ZONE))
        source = _source(options["slug"])
        if not source.api_token:
            raise CommandError(f"{source} has no API token: connect it first.")
        try:
            found = chatwoot_comparison.compare(source, period, client=chatwoot.client(source))
        except DeliveryError as error:
            raise CommandError(f"{error} An administrator's token is needed for its reports.") from error
        self.stdout.write(f"{source}, {first} to {last}, {period.zone}")
        for line in _lines(found):
            self.stdout.write(line)


def _source(slug: str | None) -> Source:
    sources = list(Source.objects.order_by("slug"))
    found = [source for source in sources if slug in (None, source.slug)]
    if len(found) == 1:
        return found[0]
    slugs = ", ".join(source.slug for source in sources)
    raise CommandError(f"Name one with --slug. This site has {slugs or 'none yet: connect one first'}.")


def _lines(found: Comparison) -> list[str]:
    table = [
        ("", "here", "Chatwoot"),
        *((row.name, _told(row, row.here), _told(row, row.there)) for row in found.rows),
    ]
    lines = [f"{name:<40}{here:>14}{there:>14}" for name, here, there in table]
    lines += ["", "Why they differ:"]
    why = [(name, one) for name, one in found.counts] + [
        ("first response", one) for one in found.first_response
    ]
    for name, one in why:
        spent = f", {one.seconds / 3600:+.1f} h in all" if one.seconds else ""
        lines.append(f"  rule {one.rule}: {one.count:,} of {name}: {one.words}{spent}")
    n, mean = found.by_their_rule
    if mean is not None:
        lines.append(
            f"  By Chatwoot's rule over what reached us: {n:,} first responses, {formats.span(mean)} on average."
        )
    if found.unheard_s is not None and abs(found.unheard_s) >= 1:
        spent = formats.span(abs(found.unheard_s))
        lines.append(
            f"  Left over: Chatwoot's average is {spent} {'longer' if found.unheard_s > 0 else 'shorter'}:"
        )
        lines.append("  conversations that began before the connection, or that never reached us.")
    return lines if why or mean is not None else [*lines, "  nothing to compare."]


def _told(row: Row, value: float | None) -> str:
    if value is None:
        return "–"
    return formats.span(value) if row.is_time else f"{value:,.0f}"


def _day(name: str, text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise CommandError(f"{name}: {text!r} is not a date such as 2026-11-23.") from error
