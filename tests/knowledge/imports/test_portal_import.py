"""Imports from Chatwoot: its help centre and canned responses, in the background."""

from datetime import timedelta

import pytest

from knowledge.imports import runs
from knowledge.models import Article, Change, ImportRun, SavedReply
from tests.factories import NOW, make_inbox, make_source
from tests.knowledge.imports.importing import approve_all, counted, work
from webhooks.simulator import help_centre
from webhooks.simulator.world import World

pytestmark = pytest.mark.django_db


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


def test_half_an_emoji_in_a_help_centre_loses_no_article(desk):
    help_centre.add_article(desk.world, title="Gifts \ud83d", content="By \udc4d email.")
    help_centre.add_article(desk.world, title="返品", content="はい。", locale="ja")

    run = work(portal_run(desk))

    assert counted(run) == {"NEW": 2}


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


def test_the_simulated_help_centre_has_public_pages():
    world = World()
    article = help_centre.add_article(world, title="Gift <cards>", content="By *email*.")

    page = help_centre.page(world, f"/hc/help/articles/{article.slug}")

    assert "<h1>Gift &lt;cards&gt;</h1>" in page
    assert "<em>email</em>" in page


def test_a_source_without_a_token_cannot_be_imported_from():
    source = make_source(api_token="")

    with pytest.raises(runs.CannotStart, match="token"):
        runs.start(kind="portal", name="help", account=source, now=NOW)
