"""The pages of articles, changes, imports and saved replies."""

import io
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from knowledge.articles import changes, probe_gate
from knowledge.imports import runs
from knowledge.models import Article, Change, ImportRun
from tests.factories import NOW, edit_article, make_article, make_draft, make_inbox, make_lead, make_user
from tests.knowledge.admin.pressing import signed_in
from webhooks.database import clock

pytestmark = pytest.mark.django_db


def at(page: str, *args) -> str:
    return reverse(f"admin:knowledge_{page}", args=args)


def form(article: Article | None = None, **facts) -> dict:
    given = {"title": "Gift cards", "body": "By email.", "language": "en"}
    if article:
        given = {
            name: getattr(article, name) for name in ("title", "question", "body", "keywords", "language")
        }
        given["base_version"] = article.version
    return given | facts


def said(answer) -> str:
    return answer.content.decode()


def test_a_lead_publishes_in_one_step():
    signed_in(make_lead()).post(at("article_add"), form(publish="1"))

    assert (Article.objects.get().slug, Article.objects.get().status) == ("gift-cards", "LIVE")


def test_proposing_publishes_nothing():
    signed_in(make_lead()).post(at("article_add"), form(propose="1"))

    assert Change.objects.get().status == "OPEN"
    assert not Article.objects.live().exists()


def test_an_agent_can_propose_and_not_publish():
    agent, article = signed_in(make_user("bob", "Agent")), make_article()

    page = said(agent.get(at("article_change", article.pk)))
    assert ">Propose<" in page
    assert ">Publish<" not in page
    answer = agent.post(at("article_change", article.pk), form(article, body="Other.", publish="1"))

    assert "Only Leads and Managers can decide" in said(answer)
    assert Article.objects.get().body == "About refund."


def test_of_two_who_edit_one_version_the_second_keeps_the_text_and_sees_the_difference():
    article, lead = make_article("refund", body="In 30 days."), signed_in(make_lead())
    stale = form(article, body="In 90 days.", publish="1")
    edit_article(article, body="In 60 days.")

    answer = lead.post(at("article_change", article.pk), stale)

    assert answer.status_code == 409
    assert "In 90 days." in said(answer)
    assert '<ins class="s-new">60</ins>' in said(answer)
    assert 'name="base_version" value="2"' in said(answer)
    assert Article.objects.get().body == "In 60 days."


def test_a_version_shows_its_difference_and_is_restored():
    article, lead = (
        edit_article(make_article("refund", body="In 30 days."), body="In 60 days."),
        signed_in(make_lead()),
    )

    page = said(lead.get(at("article_versions", article.pk, 2)))
    lead.post(at("article_restore", article.pk), {"version": "1", "publish": "1"})

    assert '<del class="s-gone">30</del><ins class="s-new">60</ins>' in page
    assert (Article.objects.get().body, Article.objects.get().version) == ("In 30 days.", 3)


def test_withdrawing_is_a_change_too():
    article, lead = make_article(), signed_in(make_lead())

    lead.post(at("article_withdraw", article.pk), {"note": "Old."})
    assert Change.objects.latest("pk").kind == "WITHDRAW"
    assert Article.objects.get().status == "LIVE"

    lead.post(at("article_withdraw", article.pk), {"publish": "1"})
    assert Article.objects.get().status == "WITHDRAWN"


@pytest.mark.parametrize("code", ["unchanged", *probe_gate.CODES])
def test_a_proposal_that_is_refused_is_said_on_the_article_whatever_the_reason(code, monkeypatch):
    article = make_article()

    def refuse(*args, **facts):
        raise changes.Refused(code, "Not this one.")

    monkeypatch.setattr(changes, "propose", refuse)

    answer = signed_in(make_lead()).post(at("article_withdraw", article.pk), {"publish": "1"}, follow=True)

    assert answer.redirect_chain[-1][0].endswith(at("article_change", article.pk))
    assert "Not this one." in said(answer)


def test_a_preview_is_what_the_customer_gets():
    answer = signed_in(make_lead()).post(
        at("article_preview"), {"body": "In **30** days.<script>", "language": "en"}
    )

    assert "Hi Ada" in said(answer)
    assert "<strong>30</strong>" in said(answer)
    assert "<script>" not in said(answer)


def test_review_and_expiry_are_shown():
    article = make_article(review_by="2020-01-01", valid_until="2020-01-02")

    page = said(signed_in(make_lead()).get(at("article_change", article.pk)))

    assert "Review was due on 1 Jan 2020" in page
    assert "Expired on 2 Jan 2020" in page


def test_the_export_holds_what_the_person_sees():
    mine, other = make_inbox(inbox_id=2), make_inbox(inbox_id=3)
    make_article("mine", inboxes=[mine.pk])
    make_article("other", inboxes=[other.pk])

    answer = signed_in(make_lead(inboxes=[mine])).get(at("article_export"))

    assert (answer["Content-Type"], answer["X-Content-Type-Options"]) == ("application/zip", "nosniff")
    assert zipfile.ZipFile(io.BytesIO(answer.content)).namelist() == ["en/mine.md"]


# Changes


def proposed(article: Article | None = None, **given) -> Change:
    given = given or {"body": "In 60 days."}
    return changes.propose(
        article or make_article(body="In 30 days."), given, kind="EDIT", origin="IMPORT", now=NOW
    )


def test_a_change_shows_what_differs_and_is_approved():
    change, lead = proposed(), signed_in(make_lead())

    page = said(lead.get(at("change_change", change.pk)))
    lead.post(at("change_approve", change.pk), {"base_version": "1"})

    assert '<del class="s-gone">30</del><ins class="s-new">60</ins>' in page
    assert Article.objects.get().body == "In 60 days."


def test_a_change_is_edited_and_approved_in_one_step():
    change, lead = proposed(), signed_in(make_lead())

    lead.post(
        at("change_edit_change", change.pk),
        form(change.article, body="In 45 days.", digest=change.digest, approve="1"),
    )

    assert Article.objects.get().body == "In 45 days."
    assert Change.objects.get(pk=change.pk).status == "APPROVED"


def test_a_change_is_dismissed_with_a_reason():
    change, lead = proposed(), signed_in(make_lead())

    assert lead.post(at("change_dismiss", change.pk), {"reason": ""}).status_code == 409
    lead.post(at("change_dismiss", change.pk), {"reason": "Not so."})

    assert Change.objects.get(pk=change.pk).reason == "Not so."


def test_an_outdated_change_says_so_and_cannot_be_approved():
    change = proposed()
    edit_article(change.article, question="When?")
    lead = signed_in(make_lead())

    assert "Written from version 1" in said(lead.get(at("change_change", change.pk)))
    assert lead.post(at("change_approve", change.pk), {"base_version": "2"}).status_code == 409


def test_many_are_approved_from_a_list_that_shows_them():
    lead = signed_in(make_lead())
    one, other = proposed(make_article("a"), body="New A."), proposed(make_article("b"), body="New B.")

    selected = lead.post(
        at("change_changelist"), {"action": "approve_selected", "_selected_action": [one.pk, other.pk]}
    )
    page = said(lead.get(selected["Location"]))
    lead.post(at("change_approve_many"), {"id": [f"{one.pk}:1"]})

    assert "New A." in page
    assert "New B." in page
    assert {change.status for change in Change.objects.filter(kind="EDIT")} == {"APPROVED", "OPEN"}


def test_of_many_those_that_were_refused_stay_open_and_say_why():
    lead = signed_in(make_lead())
    one, other = proposed(make_article("a"), body="New A."), proposed(make_article("b"), body="New B.")

    answer = lead.post(at("change_approve_many"), {"id": [f"{one.pk}:1", f"{other.pk}:0"]}, follow=True)

    assert "Approved 1 change." in said(answer)
    assert "and this was written from another one" in said(answer)
    assert Change.objects.get(pk=other.pk).status == "OPEN"


def test_people_see_only_changes_of_their_articles():
    mine, other = make_inbox(inbox_id=2), make_inbox(inbox_id=3)
    change = proposed(make_article("other", inboxes=[other.pk]), body="Secret.")
    lead = signed_in(make_lead(inboxes=[mine]))

    assert lead.get(at("change_change", change.pk)).status_code == 404
    assert lead.post(at("change_approve", change.pk), {"base_version": "1"}).status_code == 404
    assert "Secret." not in said(lead.get(f"{at('change_approve_many')}?ids={change.pk}"))


# Imports


def test_an_upload_is_read_first_and_imported_afterwards():
    lead = signed_in(make_lead())
    file = SimpleUploadedFile("help.csv", b"title,body\nGift cards,By email.\nBad,\n")
    lead.post(at("importrun_add"), {"kind": "csv", "language": "en", "repeat": "0", "file": file})
    run = ImportRun.objects.get()

    runs.step(now=clock.now())
    page = said(lead.get(at("importrun_change", run.pk)))
    assert "line 3: Give the article a body." in page
    assert "1 new, 0 changed" in page
    assert not Change.objects.exists()

    lead.post(at("importrun_begin", run.pk))
    while runs.step(now=clock.now()):
        pass
    run.refresh_from_db()
    assert (Change.objects.get().status, run.status, run.upload) == ("OPEN", "DONE", None)


@pytest.mark.parametrize("kind", ["portal", "markdown", "csv", "page", "replies"])
def test_what_an_import_needs_is_asked_for(kind):
    answer = signed_in(make_lead()).post(at("importrun_add"), {"kind": kind, "language": "en", "repeat": "0"})

    assert answer.status_code == 400
    assert "This is needed" in said(answer)


def test_a_file_is_not_imported_on_a_schedule():
    file = SimpleUploadedFile("help.csv", b"title,body\nA,B\n")

    answer = signed_in(make_lead()).post(
        at("importrun_add"), {"kind": "csv", "language": "en", "repeat": "1", "file": file}
    )

    assert "cannot be imported again on a schedule" in said(answer)


# Inserting, on the draft page


def test_a_draft_page_finds_articles_and_saved_replies_and_cites_what_is_inserted(seeded):
    draft, agent = make_draft(), signed_in(make_user("bob", "Agent"))

    found = said(agent.get(at("draft_insert", draft.pk), {"q": "invoice"}))
    agent.post(at("draft_insert", draft.pk), {"article": "invoice"})

    assert 'data-article="invoice"' in found
    draft.refresh_from_db()
    assert draft.evidence[-1] == {
        "article": "invoice",
        "version": 1,
        "title": "Invoices",
        "why": "inserted by bob",
    }
    assert draft.events.latest("pk").action == "inserted"
