"""manage.py import_articles with a folder: a dry run changes nothing, an import only proposes, a second one changes nothing."""

import os
from pathlib import Path

import pytest
from django.core.management import CommandError

from knowledge.articles import changes
from knowledge.imports import compare, export, markdown_files
from knowledge.models import Article, Change, ImportRun
from tests.factories import NOW, edit_article, make_article, make_lead
from tests.knowledge.imports.importing import approve_all, command
from tests.thorough import LONG

pytestmark = pytest.mark.django_db


def write(folder: Path, **files: str) -> Path:
    folder.mkdir(exist_ok=True)
    for slug, body in files.items():
        (folder / f"{slug}.md").write_text(f"---\ntitle: {slug.capitalize()}\nslug: {slug}\n---\n\n{body}\n")
    return folder


def test_a_dry_run_changes_nothing(tmp_path):
    said = command(write(tmp_path / "help", refund="In 30 days."), "--dry-run")

    assert said == "Dry run, nothing was changed: new 1, changed 0, unchanged 0, gone 0."
    assert not Article.objects.exists()


def test_what_is_imported_waits_for_approval(tmp_path):
    command(write(tmp_path / "help", refund="In 30 days."))

    assert (Change.objects.get().kind, Change.objects.get().origin) == ("NEW", "IMPORT")
    assert not Article.objects.draftable(now=NOW).exists()


@pytest.mark.parametrize("approved", [True, False])
def test_a_second_import_changes_nothing(tmp_path, approved):
    folder = write(tmp_path / "help", refund="In 30 days.", gift="By email.")
    command(folder)
    if approved:
        approve_all()

    assert command(folder) == "Imported: new 0, changed 0, unchanged 2, gone 0."
    assert Change.objects.count() == 2


def test_what_changed_at_the_source_is_an_edit(tmp_path):
    folder = write(tmp_path / "help", refund="In 30 days.")
    command(folder)
    approve_all()
    write(folder, refund="In 60 days.")

    assert command(folder) == "Imported: new 0, changed 1, unchanged 0, gone 0."
    assert Change.objects.latest("pk").proposed == {"body": "In 60 days."}
    assert Article.objects.get().body == "In 30 days."


def test_an_edit_made_here_is_not_overwritten_by_an_unchanged_source(tmp_path):
    folder = write(tmp_path / "help", refund="In 30 days.")
    command(folder)
    approve_all()
    edit_article(Article.objects.get(), body="Within thirty days.")

    assert command(folder) == "Imported: new 0, changed 0, unchanged 1, gone 0."


def test_a_newer_import_replaces_the_open_change(tmp_path):
    folder = write(tmp_path / "help", refund="In 30 days.")
    command(folder)
    write(folder, refund="In 60 days.")
    command(folder)

    assert list(Change.objects.order_by("pk").values_list("status", flat=True)) == ["SUPERSEDED", "OPEN"]


def test_a_dismissed_import_is_not_proposed_again(tmp_path):
    folder = write(tmp_path / "help", refund="In 30 days.")
    command(folder)
    changes.dismiss(Change.objects.get(), by=make_lead(), reason="No.", now=NOW)

    assert command(folder) == "Imported: new 0, changed 0, unchanged 1, gone 0."


def test_what_is_gone_is_proposed_for_withdrawal_and_stays_live(tmp_path):
    folder = write(tmp_path / "help", refund="In 30 days.", gift="By email.")
    command(folder)
    approve_all()
    (folder / "gift.md").unlink()

    assert command(folder) == "Imported: new 0, changed 0, unchanged 1, gone 1."
    assert (Change.objects.latest("pk").kind, Article.objects.get(slug="gift").status) == ("WITHDRAW", "LIVE")


def test_a_proposal_whose_file_is_gone_expires_and_comes_back_with_it(tmp_path):
    folder = write(tmp_path / "help", refund="In 30 days.", gift="By email.")
    command(folder)
    (folder / "gift.md").unlink()

    assert command(folder, "--dry-run").endswith("unchanged 1, gone 1.")
    assert command(folder) == "Imported: new 0, changed 0, unchanged 1, gone 1."
    gone = Change.objects.get(article__slug="gift")
    assert (gone.status, gone.reason.startswith("No longer there")) == ("EXPIRED", True)
    assert command(folder) == "Imported: new 0, changed 0, unchanged 1, gone 0."

    write(folder, gift="By email.")
    assert command(folder) == "Imported: new 1, changed 0, unchanged 1, gone 0."
    assert Change.objects.get(article__slug="gift", status="OPEN").proposed["body"] == "By email."


def test_a_proposal_that_a_person_edited_stays_when_its_file_is_gone(tmp_path):
    folder = write(tmp_path / "help", refund="In 30 days.", gift="By email.")
    command(folder)
    change = Change.objects.get(article__slug="gift")
    changes.edit(change, {"body": "By email or post."}, by=make_lead(), base_version=0, now=NOW)
    (folder / "gift.md").unlink()

    assert command(folder) == "Imported: new 0, changed 0, unchanged 1, gone 0."
    assert Change.objects.get(article__slug="gift").status == "OPEN"


def test_a_source_that_lists_nothing_takes_no_proposal_back(tmp_path):
    folder = write(tmp_path / "help", refund="In 30 days.")
    command(folder)
    (folder / "refund.md").rename(folder / "refund.txt")

    with pytest.raises(CommandError):
        command(folder)
    assert Change.objects.get().status == "OPEN"


def test_a_file_that_got_another_name_is_not_gone(tmp_path):
    """Its front matter says which article it is."""
    folder = write(tmp_path / "help", refund="In 30 days.", gift="By email.")
    command(folder)
    approve_all()
    (folder / "gift.md").rename(folder / "gift-cards.md")

    assert command(folder) == "Imported: new 0, changed 0, unchanged 2, gone 0."


def test_a_new_file_never_edits_the_article_of_another_file(tmp_path):
    """de/refund.md comes before en/refund.md, and would have its slug."""
    folder = tmp_path / "help"
    (folder / "en").mkdir(parents=True)
    (folder / "en" / "refund.md").write_text("# Refunds\n\nIn 30 days.\n")
    command(folder)
    approve_all()
    (folder / "de").mkdir()
    (folder / "de" / "refund.md").write_text("# Erstattung\n\nIn 30 Tagen.\n")

    with pytest.raises(CommandError, match="1 of 2 could not be imported"):
        command(folder)

    assert not Change.objects.filter(kind="EDIT").exists()
    assert Article.objects.get(slug="refund").title == "Refunds"


def test_a_name_that_is_not_utf_8_is_imported(tmp_path):
    folder = write(tmp_path / "help", refund="In 30 days.")
    (folder / os.fsdecode(b"gr\xf6\xdfe.md")).write_text("# Sizes\n\nS to XL.\n")

    assert command(folder) == "Imported: new 2, changed 0, unchanged 0, gone 0."
    assert command(folder) == "Imported: new 0, changed 0, unchanged 2, gone 0."


def test_a_file_that_became_unreadable_is_not_gone(tmp_path):
    folder = write(tmp_path / "help", refund="In 30 days.", gift="By email.")
    command(folder)
    approve_all()
    (folder / "gift.md").write_text("---\ntitle: [\n---\n")

    with pytest.raises(CommandError, match="1 of 2 could not be imported"):
        command(folder)

    assert not Change.objects.filter(kind="WITHDRAW").exists()


def test_an_article_written_here_is_found_by_its_slug(tmp_path):
    make_article("refund", title="Refund", body="In 30 days.")

    assert command(write(tmp_path / "help", refund="In 30 days.")).startswith(
        "Imported: new 0, changed 0, unchanged 1"
    )


FAILURES = {
    "nothing there": (["/nonexistent"], "cannot be read"),
    "no csv": (["--csv", "/nonexistent.csv"], "cannot be read"),
    "no account": (["--portal", "help"], "--slug SOURCE"),
    "language": (["/tmp", "--language", "xx"], "not a known language"),
    "url": (["--url", "ftp://x"], "Only http"),
    "own network": (["--url", "http://127.0.0.1:1/"], "internal network"),
}


@pytest.mark.parametrize("kind", FAILURES)
def test_a_failure_is_one_clear_line(kind):
    arguments, said = FAILURES[kind]

    with pytest.raises(CommandError, match=said) as error:
        command(*arguments)

    assert "\n" not in str(error.value)


@pytest.mark.slow
def test_importing_hundreds_of_articles_again_changes_nothing(tmp_path):
    count = 2000 if LONG else 250  # more than one batch
    folder = tmp_path / "help"
    folder.mkdir()
    for number in range(count):
        (folder / f"{number}.md").write_text(f"# Article {number}\n\nText {number}.\n")
    command(folder)
    before = list(Change.objects.values_list("pk", "status", "digest"))

    assert command(folder) == f"Imported: new 0, changed 0, unchanged {count}, gone 0."
    assert list(Change.objects.values_list("pk", "status", "digest")) == before
    assert len(before) == count


# Export


def test_what_is_exported_is_imported_unchanged():
    make_article(
        "refund",
        title="Refunds: how",
        question="How?",
        keywords="money back",
        body="# In 30 days\n\n---\n\nYes: “ok”.",
    )
    make_article("gift", title="yes", language="de", valid_until="2030-01-01", group="gift", is_policy=True)

    found = markdown_files.read_zip(export.as_zip(Article.objects.with_texts()), language="en")
    run = ImportRun.objects.create(kind="markdown", name="articles.zip", began_at=NOW, leased_until=NOW)

    assert [outcome for outcome, _, _ in compare.judge(run, found)] == ["UNCHANGED", "UNCHANGED"]
