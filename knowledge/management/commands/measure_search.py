"""Measures search on the saved probes or on a file: recall, calibration and silence, each with n and a 90 % interval."""

import csv
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.test.utils import override_settings

from webhooks.database import clock

from ...models import Article
from ...search import embedders, measuring, probe_runs, probes, state
from ...search.measuring import Outcome

QUESTION, SLUG = ("question", "text", "q"), ("slug", "article", "expected", "category")  # names of columns


class Command(BaseCommand):
    help = "Measures search on the saved probes, or on a CSV file with the columns question and slug (none: no article)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--csv", metavar="F", help="a file with the columns question and slug, instead of the probes"
        )
        parser.add_argument(
            "--embedder",
            choices=[embedders.WORDS, embedders.USE, embedders.MINILM],
            help="another one than EMBEDDER",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        chosen = {"EMBEDDER": options["embedder"], "EMBEDDER_URL": ""} if options["embedder"] else {}
        with override_settings(**chosen):
            if chosen and (why := embedders.trouble()):
                raise CommandError(f"The embedder cannot be used: {why}.")
            outcomes = self._of_file(options["csv"]) if options["csv"] else probes.run(noting=not chosen)
            if not outcomes:
                raise CommandError(
                    "There is nothing to measure: save probes on the search bench, or give a file with --csv."
                )
            used = embedders.wanted()
            if why := state.trouble():
                self.stderr.write(f"Search goes by words alone: {why}.")
            if not options["csv"]:
                probe_runs.record(outcomes, now=clock.now())
        self.stdout.write(f"{len(outcomes):,} questions, embedder: {used}")
        for figure in measuring.figures(outcomes):
            self.stdout.write(str(figure))

    def _of_file(self, name: str) -> list[Outcome]:
        try:
            with Path(name).open(newline="", encoding="utf-8-sig") as file:
                rows = list(csv.DictReader(file))
        except (OSError, UnicodeError, csv.Error) as error:
            raise CommandError(f"{name} cannot be read: {error}") from error
        columns = rows[0].keys() if rows else ()
        question = next((column for column in QUESTION if column in columns), None)
        slug = next((column for column in SLUG if column in columns), None)
        if question is None or slug is None:
            raise CommandError(f"{name} needs the columns question and slug.")
        wanted = [(row[question] or "", (row[slug] or "").strip() or probes.NO_ARTICLE) for row in rows]
        known = {*Article.objects.live().values_list("slug", flat=True), probes.NO_ARTICLE}
        if missing := sorted({expected for _, expected in wanted} - known):
            self.stderr.write(
                f"Not among the live articles, so counted as not found: {', '.join(missing[:5])}"
                f"{f' and {len(missing) - 5} more' if len(missing) > 5 else ''}."
            )
        return probes.of_rows(wanted)
