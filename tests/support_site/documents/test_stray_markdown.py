"""Markdown files exist only where docs/RULES.md allows them."""

import io
import subprocess
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.core.management import CommandError, call_command

from support_site.management.commands import stray_markdown

pytestmark = pytest.mark.once
RULES = (django_settings.BASE_DIR / "docs/RULES.md").read_text()


@pytest.fixture
def checkout(settings, tmp_path) -> Path:
    """One with a document, notes that git tracks, plans that it would, and a package that it ignores."""
    settings.BASE_DIR = tmp_path
    for name in ("docs/a/page.md", "webhooks/NOTES.md", "plan.markdown", ".venv/lib/README.md", "data/x.md"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("# Words\n")
    (tmp_path / ".gitignore").write_text(".venv/\ndata/\n")
    subprocess.run(["git", "init", "--quiet"], cwd=tmp_path, check=True)
    subprocess.run(["git", "add", "webhooks"], cwd=tmp_path, check=True)
    return tmp_path


def test_stray_files_are_listed_and_left(checkout):
    out = io.StringIO()

    with pytest.raises(CommandError, match="2 Markdown files where"):
        call_command("stray_markdown", stdout=out)

    assert out.getvalue().splitlines() == ["Stray: plan.markdown", "Stray: webhooks/NOTES.md"]
    assert (checkout / "plan.markdown").is_file()


def test_with_yes_stray_files_alone_are_removed(checkout):
    call_command("stray_markdown", "--yes", stdout=io.StringIO())

    left = {
        str(path.relative_to(checkout)) for path in checkout.rglob("*") if path.suffix in (".md", ".markdown")
    }
    assert left == {"docs/a/page.md", ".venv/lib/README.md", "data/x.md"}


def test_a_checkout_without_stray_files_says_so(checkout):
    call_command("stray_markdown", "--yes", stdout=io.StringIO())
    out = io.StringIO()

    call_command("stray_markdown", stdout=out)

    assert out.getvalue().strip() == "No stray Markdown."


def test_outside_a_checkout_nothing_is_touched(settings, tmp_path):
    settings.BASE_DIR = tmp_path
    (tmp_path / "notes.md").write_text("# Words\n")

    with pytest.raises(CommandError, match="Run this in a checkout"):
        call_command("stray_markdown", "--yes")

    assert (tmp_path / "notes.md").is_file()


PLACES = {
    "README.md": True,
    "docs/RULES.md": True,
    "docs/decisions/0001-a.md": True,
    "feedback/support/2026-11-27.md": True,
    "feedback/support/notes.md": False,
    "feedback/2026-11-27.md": False,
    "tests/bench/README.md": True,
    "tests/README.md": True,
    "tests/bench/notes.md": False,
    "TODO.md": False,
    "webhooks/README.md": False,
}


@pytest.mark.parametrize("path", PLACES)
def test_where_markdown_may_stand(path):
    assert stray_markdown.is_allowed(path) is PLACES[path]


@pytest.mark.parametrize("pattern", stray_markdown.ALLOWED)
def test_each_place_is_written_down(pattern):
    assert pattern.replace("[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]", "YYYY-MM-DD") in RULES
