"""Compares this site's figures with Chatwoot's own report. Exits non-zero with one line that says what to do."""

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
from webhooks.sources import versions


class Command(BaseCommand):
    help = "Compare first response times and counts with Chatwoot's own report, and explain each difference."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--from", dest="first", required=True, metavar="2026-11-16", help="the first day")
        parser.add_argument(
            "--to", dest="last", required=True, metavar="2026-11-22", help="the last day, inclusive"
        )
        parser.add_argument("--slug", help="the source, if several are connected")

    def handle(self, *args: Any, **options: Any) -> None:
        first, last = _day("--from", options["first"]), _day("--to", options["last"])
        if last < first:
            raise CommandError("--to is before --from.")
        period = Period(first, last, ZoneInfo(settings.TIME_ZONE))
        source = _source(options["slug"])
        if not source.api_token:
            raise CommandError(f"{source} has no API token. Connect it first.")
        try:
            found = chatwoot_comparison.compare(source, period, client=chatwoot.client(source))
        except DeliveryError as error:
            raise CommandError(f"{error} Chatwoot's reports need an administrator's token.") from error
        self.stdout.write(f"{source}, {first} to {last}, {period.zone}")
        for line in _lines(found):
            self.stdout.write(line)
        if versions.counts_sla_hours(source.chatwoot_version):
            self.stdout.write(
                f"  Chatwoot {source.chatwoot_version}: {versions.SLA_HOURS} Its report above counts wall-clock time."
            )


def _source(slug: str | None) -> Source:
    sources = list(Source.objects.order_by("slug"))
    found = [source for source in sources if slug in (None, source.slug)]
    if len(found) == 1:
        return found[0]
    slugs = ", ".join(source.slug for source in sources)
    raise CommandError(f"Choose a source with --slug. Connected: {slugs or 'none yet; connect one first'}.")


def _lines(found: Comparison) -> list[str]:
    table = [
        ("", "this site", "Chatwoot"),
        *((row.name, _shown(row, row.here), _shown(row, row.there)) for row in found.rows),
    ]
    lines = [f"{name:<40}{here:>14}{there:>14}" for name, here, there in table]
    lines += ["", "Differences:"]
    why = [(name, one) for name, one in found.counts] + [
        ("first responses", one) for one in found.first_response
    ]
    for name, one in why:
        spent = f", {one.seconds / 3600:+.1f} h in total" if one.seconds else ""
        lines.append(f"  {one.count:,} {name} (rule {one.rule}): {one.explanation}{spent}")
    n, mean = found.by_their_rule
    if mean is not None:
        lines.append(
            f"  By Chatwoot's rule, over the conversations here: {n:,} first responses, {formats.span(mean)} on average."
        )
    if found.unexplained_s is not None and abs(found.unexplained_s) >= 1:
        spent = formats.span(abs(found.unexplained_s))
        lines.append(
            f"  Remaining: Chatwoot's average is {spent} {'longer' if found.unexplained_s > 0 else 'shorter'}, because of"
        )
        lines.append(
            "  conversations that started before the source was connected or that never reached this site."
        )
    return lines if why or mean is not None else [*lines, "  None: there is nothing to compare."]


def _shown(row: Row, value: float | None) -> str:
    if value is None:
        return "–"
    return formats.span(value) if row.is_time else f"{value:,.0f}"


def _day(name: str, text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise CommandError(f"{name}: {text!r} is not a date such as 2026-11-23.") from error
