"""Import articles as open changes. Exits non-zero with one line that says what to do."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from webhooks.database import clock
from webhooks.models import Source

from ...imports import runs
from ...models import ImportRun
from ...models.article_languages import CODES

Kind = ImportRun.Kind


class Command(BaseCommand):
    help = (
        "Read articles from Markdown files, a CSV file, a Chatwoot help centre or a web page, and propose what is new or "
        "changed. Every proposal is an open change until someone approves it."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        what = parser.add_mutually_exclusive_group(required=True)
        what.add_argument(
            "path", nargs="?", metavar="PATH", help="a folder or a zip of Markdown files with front matter"
        )
        what.add_argument("--csv", metavar="F", help="a CSV file with the columns title and body")
        what.add_argument("--portal", metavar="SLUG", help="a Chatwoot help centre")
        what.add_argument("--url", metavar="U", help="one web page")
        what.add_argument(
            "--saved-replies", action="store_true", help="Chatwoot's canned responses, as saved replies"
        )
        parser.add_argument(
            "--slug", metavar="SOURCE", help="the Chatwoot account; needed if there are several"
        )
        parser.add_argument("--locale", default="", help="only this locale of the help centre")
        parser.add_argument("--language", default="en", help="of articles that name none; default: en")
        parser.add_argument("--dry-run", action="store_true", help="compare only; nothing is changed")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["language"] not in CODES:
            raise CommandError(
                f"{options['language']!r} is not a known language. Use a code such as en, de or es."
            )
        now = clock.now()
        try:
            run, folder = self._started(options, now)
        except runs.CannotStart as error:
            raise CommandError(str(error)) from error
        runs.read(run, now=now, path=folder)
        if run.trouble:
            raise CommandError(run.trouble)
        if options["dry_run"]:
            runs.cancel(run, now=clock.now())
        else:
            self._import(run)
        self._report(run, dry=options["dry_run"])

    def _started(self, options: dict[str, Any], now: Any) -> tuple[ImportRun, Path | None]:
        facts: dict[str, Any] = {"language": options["language"], "now": now, "held": True}
        if options["csv"]:
            file = Path(options["csv"])
            return runs.start(kind=Kind.CSV, name=file.name, upload=self._bytes(file), **facts), None
        if options["url"]:
            return runs.start(kind=Kind.PAGE, name=options["url"][:500], **facts), None
        if options["portal"] or options["saved_replies"]:
            kind = Kind.PORTAL if options["portal"] else Kind.SAVED_REPLIES
            name, account = options["portal"] or "", self._account(options["slug"])
            return runs.start(kind=kind, name=name, account=account, locale=options["locale"], **facts), None
        path = Path(options["path"])
        if path.is_dir():
            return runs.start(kind=Kind.MARKDOWN, name=path.resolve().name, **facts), path
        return runs.start(kind=Kind.MARKDOWN, name=path.name, upload=self._bytes(path), **facts), None

    def _bytes(self, path: Path) -> bytes:
        try:
            if path.stat().st_size > runs.MOST_UPLOAD:
                raise CommandError(f"{path} is over {runs.MOST_UPLOAD // 2**20} MiB. Import it in parts.")
            return path.read_bytes()
        except OSError as error:
            raise CommandError(f"{path} cannot be read: {error.strerror}.") from error

    def _account(self, slug: str | None) -> Source:
        found = Source.objects.filter(slug=slug) if slug else Source.objects.all()
        rows = list(found.order_by("slug")[:20])
        if len(rows) == 1:
            return rows[0]
        known = ", ".join(Source.objects.order_by("slug").values_list("slug", flat=True)[:20]) or "none"
        raise CommandError(f"Name the Chatwoot account with --slug SOURCE. Known: {known}.")

    def _import(self, run: ImportRun) -> None:
        runs.begin(run, now=clock.now())
        while runs.batch(run, now=clock.now()):
            pass
        run.refresh_from_db()

    def _report(self, run: ImportRun, *, dry: bool) -> None:
        counts, problems = runs.counts(run), list(runs.problems(run))
        for item in problems:
            self.stderr.write(item.note)
        parts = ", ".join(
            f"{name.lower()} {counts[name]}" for name in ("NEW", "CHANGED", "UNCHANGED", "GONE")
        )
        said = "Dry run, nothing was changed" if dry else "Imported"
        self.stdout.write(f"{said}: {parts}.")
        if problems:
            total = sum(counts.values())
            raise CommandError(f"{len(problems)} of {total} could not be imported; the lines above say why.")
