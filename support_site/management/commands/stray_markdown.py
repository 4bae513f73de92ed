"""Lists Markdown files where docs/RULES.md allows none, or removes them with --yes. Only sees files that git tracks or would."""

import subprocess
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

# * matches a name or a part of it; ** matches any folders.
ALLOWED = (
    "README.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "SECURITY.md",
    "docs/**/*.md",
    "feedback/*/[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9].md",
    "tests/**/README.md",
)
GIT = ("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard")


class Command(BaseCommand):
    help = "List or remove Markdown files where docs/RULES.md allows none."
    requires_system_checks = []  # part of `make lint`, which needs no keys

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--yes", action="store_true", help="remove them")

    def handle(self, *args: Any, **options: Any) -> None:
        stray = [path for path in _listed_by_git() if _is_markdown(path) and not is_allowed(path)]
        for path in stray:
            if options["yes"]:
                (settings.BASE_DIR / path).unlink()
            self.stdout.write(f"{'Removed' if options['yes'] else 'Stray'}: {path}")
        if stray and not options["yes"]:
            count = f"{len(stray)} Markdown file{'s' if len(stray) > 1 else ''}"
            raise CommandError(
                f"{count} where docs/RULES.md allows none. Move what is worth keeping, "
                "then run manage.py stray_markdown --yes to remove the rest."
            )
        if not stray:
            self.stdout.write("No stray Markdown.")


def is_allowed(path: str) -> bool:
    return any(_fits(path.split("/"), pattern.split("/")) for pattern in ALLOWED)


def _fits(names: list[str], pattern: list[str]) -> bool:
    if not names or not pattern:
        return names == pattern
    if pattern[0] == "**":
        return _fits(names, pattern[1:]) or _fits(names[1:], pattern)
    return fnmatchcase(names[0], pattern[0]) and _fits(names[1:], pattern[1:])


def _is_markdown(path: str) -> bool:
    return Path(path).suffix.lower() in (".md", ".markdown")


def _listed_by_git() -> list[str]:
    """Files that are tracked or would be: never .venv, data or anything else in .gitignore."""
    try:
        done = subprocess.run(GIT, cwd=settings.BASE_DIR, capture_output=True, check=True)
    except (OSError, subprocess.CalledProcessError) as error:
        raise CommandError("git cannot list the files. Run this in a checkout with git installed.") from error
    paths = sorted(set(done.stdout.decode().split("\0")) - {""})
    return [path for path in paths if (settings.BASE_DIR / path).is_file()]
