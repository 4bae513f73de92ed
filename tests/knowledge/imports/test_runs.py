"""Imports: a dry run changes nothing, an import only proposes, and a second one changes nothing."""

import io
from datetime import timedelta
from pathlib import Path

import pytest
import responses
from django.core.management import CommandError, call_command

from knowledge.articles import changes
from knowledge.imports import export, markdown_files, runs
from knowledge.models import Article, Change, ImportRun, SavedReply
from tests.factories import NOW, edit_article, make_article, make_inbox, make_lead, make_source
from tests.thorough import LONG
from webhooks.simulator import help_centre

pytestmark = pytest.mark.django_db


def write(folder: Path, **files: str) -> Path:
    folder.mkdir(exist_ok=True)
    for slug, body in files.items():
        (folder / f"{slug}.md").write_text(f"---\ntitle: {slug.capitalize()}\nslug: {slug}\n---\n\n{body}\n")
    return folder


def command(*arguments: object) -> str:
    out = io.StringIO()
    call_command("import_articles", *map(str, arguments), stdout=out, stderr=out)
    return out.getvalue().strip()


def approve_all() -> None:
    for change in Change.objects.filter(status="OPEN"):
        changes.approve(change, by=make_lead(), base_version=change.base_version, now=NOW)


def work(run: ImportRun) -> ImportRun:
    while runs.step(now=NOW):
        pass
    run.refresh_from_db()
    return run


def counted(run: ImportRun) -> dict[str, int]:
    return {name: count for name, count in runs.counts(run).items() if count}


# The command, with a folder


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

    from knowledge.imports import compare

    assert [outcome for outcome, _, _ in compare.judge(run, found)] == ["UNCHANGED", "UNCHANGED"]


# A help centre


def portal_run(desk, **facts) -> ImportRun:
    facts = {"kind": "portal", "name": "help", "account": desk.source, "by": desk.lead, "now": NOW} | facts
    return runs.start(**facts)


def test_a_help_centre_is_read_page_by_page_and_only_what_is_published(desk):
    for number in range(60):
        help_centre.add_article(desk.world, title=f"Article {number}", content=f"Text {number}.")
    help_centre.add_article(desk.world, title="Draft", content="Not yet.", status="draft")

    run = work(portal_run(desk))

    assert (run.status, counted(run)) == ("READY", {"NEW": 60})


def test_an_import_runs_in_the_background_and_proposes(desk):
    help_centre.add_article(desk.world, title="Gift cards", content="By email.", locale="pt_BR")
    run = work(portal_run(desk))
    runs.begin(run, now=NOW)

    run = work(run)

    change = Change.objects.latest("pk")
    assert (run.status, change.article.slug) == ("DONE", "gift-cards")
    assert change.proposed == {"language": "pt", "title": "Gift cards", "body": "By email."}


def test_an_article_that_is_no_longer_published_is_gone(desk):
    _, taken = (help_centre.add_article(desk.world, title=t, content="Text.") for t in ("Kept", "Taken"))
    run = work(portal_run(desk))
    runs.begin(run, now=NOW)
    work(run)
    approve_all()
    taken.status = "archived"

    assert counted(work(portal_run(desk))) == {"UNCHANGED": 1, "GONE": 1}


@pytest.mark.parametrize("how", ["deleted", "empty"])
def test_a_help_centre_that_vanishes_withdraws_nothing(desk, how):
    article = help_centre.add_article(desk.world, title="Kept", content="Text.")
    run = work(portal_run(desk))
    runs.begin(run, now=NOW)
    work(run)
    approve_all()
    if how == "deleted":
        desk.world.help_articles.clear()
    else:
        article.status = "archived"

    run = work(portal_run(desk))

    assert run.status == "FAILED"
    assert "Nothing was changed" in run.trouble
    assert not Change.objects.filter(status="OPEN").exists()


def test_an_import_that_repeats_runs_by_itself_and_only_proposes(desk):
    help_centre.add_article(desk.world, title="Gift cards", content="By email.")
    first = work(portal_run(desk, repeat=1))
    runs.begin(first, now=NOW)
    work(first)
    help_centre.add_article(desk.world, title="New one", content="Text.")

    later = NOW + timedelta(days=1)
    while runs.step(now=later):
        pass

    assert Change.objects.filter(status="OPEN").count() == 2
    assert not Article.objects.draftable(now=later).filter(slug="new-one").exists()
    assert list(ImportRun.objects.order_by("pk").values_list("repeat", flat=True)) == [0, 1]


def test_inboxes_chosen_for_an_import_are_those_of_new_articles(desk):
    help_centre.add_article(desk.world, title="Gift cards", content="By email.")
    inbox = make_inbox(desk.source, inbox_id=2)
    run = work(portal_run(desk, inboxes=[inbox]))
    runs.begin(run, now=NOW)
    work(run)

    assert Change.objects.latest("pk").proposed["inboxes"] == [inbox.pk]


def test_a_run_that_another_process_holds_is_left_alone(desk):
    run = portal_run(desk, held=True)

    assert runs.go_on(run, now=NOW) == 0


def test_a_cancelled_import_stops(desk):
    help_centre.add_article(desk.world, title="Gift cards", content="By email.")
    run = work(portal_run(desk))
    runs.cancel(run, now=NOW)

    with pytest.raises(runs.CannotStart, match="cancelled"):
        runs.begin(run, now=NOW)


# Canned responses


def test_canned_responses_become_saved_replies_once(desk):
    help_centre.add_canned_response(desk.world, "thanks", "Thank you.")
    for _ in range(2):
        run = work(portal_run(desk, kind="replies", name="canned responses"))
        runs.begin(run, now=NOW)
        work(run)

    assert list(SavedReply.objects.values_list("code", "text")) == [("thanks", "Thank you.")]
    assert counted(run) == {"UNCHANGED": 1}


def test_a_code_that_someone_here_uses_is_not_taken_over(desk):
    SavedReply.objects.create(code="thanks", text="Ours.")
    help_centre.add_canned_response(desk.world, "thanks", "Theirs.")

    assert counted(work(portal_run(desk, kind="replies", name="canned responses"))) == {"ERROR": 1}


# A web page

PAGE = (
    '<html lang="de"><head><title>Rückgabe | Laden</title><script>x()</script></head><body><nav>Menü</nav><main><h1>Rückgabe</h1>'
    "<p>In <b>30</b> Tagen.</p><script>y()</script></main><footer>Impressum</footer></body></html>"
)


@responses.activate
def test_a_web_page_is_imported_by_its_main_text(settings):
    settings.PRIVATE_HOSTS = ["shop.test"]
    responses.get("https://shop.test/hilfe/rueckgabe", PAGE, content_type="text/html; charset=utf-8")

    said = command("--url", "https://shop.test/hilfe/rueckgabe")

    assert said.startswith("Imported: new 1")
    assert Change.objects.get().proposed == {
        "language": "de",
        "title": "Rückgabe",
        "body": "In **30** Tagen.",
    }
    assert Article.objects.get().slug == "rueckgabe"


ANSWERS = {
    "status": ({"status": 404}, "answered 404"), "kind": ({"content_type": "application/pdf"}, "not a web page"),
    "large": ({"body": "x" * (5 * 2**20 + 1)}, "MiB"), "empty": ({"body": "<html><body></body></html>"}, "no text"),
    "loop": ({"status": 302, "headers": {"Location": "/hilfe"}}, "redirects more"),
}  # fmt: skip


@pytest.mark.parametrize("kind", ANSWERS)
@responses.activate
def test_a_page_that_cannot_be_read_says_why(kind):
    facts, said = ANSWERS[kind]
    responses.get("https://shop.test/hilfe", **({"body": PAGE, "content_type": "text/html"} | facts))

    with pytest.raises(CommandError, match=said):
        command("--url", "https://shop.test/hilfe")


def test_the_simulated_help_centre_has_public_pages():
    from webhooks.simulator.world import World

    world = World()
    article = help_centre.add_article(world, title="Gift <cards>", content="By *email*.")

    page = help_centre.page(world, f"/hc/help/articles/{article.slug}")

    assert "<h1>Gift &lt;cards&gt;</h1>" in page
    assert "<em>email</em>" in page


def test_a_source_without_a_token_cannot_be_imported_from():
    source = make_source(api_token="")

    with pytest.raises(runs.CannotStart, match="token"):
        runs.start(kind="portal", name="help", account=source, now=NOW)
