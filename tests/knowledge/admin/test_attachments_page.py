"""The draft's page with files: attach, see, remove, download; what is typed stays, and only staff with the rights see a file."""

import pytest
from django.test import Client

from knowledge.models import Attachment, Draft, UnsavedText
from knowledge.replies import attachments
from tests.factories import GRADES, NOW, make_draft, make_inbox, make_lead, make_user, make_waiting
from tests.knowledge.admin.pressing import at, press, reread, seen, signed_in
from tests.knowledge.files.making import PDF, SVG, picture, upload
from webhooks.accounts import access
from webhooks.models import Conversation, Inbox

pytestmark = [pytest.mark.django_db, pytest.mark.once]


def attach(client: Client, draft: Draft, *files: object, **fields: object):
    return press(client, draft, "attach", files=files or [upload()], **fields)


def with_file(draft: Draft | None = None, *files: object) -> Draft:
    draft = draft or make_draft()
    attachments.attach(draft, files=files or [upload()], by=make_lead(), revision=draft.revision, now=NOW)
    return reread(draft)


def address(draft: Draft) -> str:
    return f"{at(draft, 'file')}?number={draft.attachments.latest('pk').pk}"


def test_a_chosen_file_is_attached_and_shown_with_name_type_and_size(seeded):
    client, draft = signed_in(make_lead()), make_draft()

    answer = attach(client, draft, upload("Invoice.pdf"), upload("Plan.png", picture()))
    page = seen(client, draft)

    assert answer.status_code == 302
    assert answer.url.endswith("#attachments")
    assert [row.name for row in reread(draft).attachments.all()] == ["Invoice.pdf", "Plan.png"]
    for said in ("Invoice.pdf", f"PDF, {len(PDF)}", f'<img src="{address(draft)}"', "Remove Plan.png"):
        assert said in page


def test_what_was_being_typed_goes_on_from_the_new_revision(seeded):
    maria, draft = make_lead("maria"), make_draft()
    client = signed_in(maria)

    attach(client, draft, text="Half a sentence", tone="4", note="Look at the plan")
    page = seen(client, draft)

    kept = UnsavedText.objects.get(user=maria)
    assert (kept.text, kept.revision, reread(draft).body) == ("Half a sentence", 2, draft.body)
    assert "Half a sentence" in page
    assert "Text saved by another person" not in page


def test_a_file_that_does_not_fit_is_refused_and_the_text_stays(seeded):
    client, draft = signed_in(make_lead()), make_draft()

    answer = attach(client, draft, upload("x.svg", SVG), text="Half a sentence")

    assert answer.status_code == 400
    assert "which can run scripts" in answer.content.decode()
    assert "Half a sentence" in answer.content.decode()
    assert not Attachment.objects.exists()


def test_a_page_from_before_a_colleagues_file_is_409_and_says_what_it_was(seeded):
    client, draft = signed_in(make_lead("tom")), make_draft()
    with_file(draft, upload("plan.pdf"))

    answer = attach(client, draft, revision=1)
    page = answer.content.decode()

    assert (answer.status_code, Attachment.objects.count()) == (409, 1)
    assert "plan.pdf" in page
    assert "The last change is by" in page


@pytest.mark.parametrize("verb", ["approve", "save", "detach"])
def test_every_other_button_of_an_older_page_is_409_too(seeded, verb):
    client, draft = signed_in(make_lead()), make_draft()
    fresh = with_file(draft)

    answer = press(
        client, draft, verb, revision=1, text="Other words.", attachment=fresh.attachments.get().pk, **GRADES
    )

    assert answer.status_code == 409
    assert (reread(draft).revision, Attachment.objects.count()) == (2, 1)


def test_remove_takes_a_file_off(seeded):
    client, draft = signed_in(make_lead()), with_file()

    press(client, draft, "detach", attachment=draft.attachments.get().pk)

    assert (reread(draft).revision, Attachment.objects.count()) == (3, 0)


def test_an_approved_reply_shows_its_files_without_a_way_to_remove_them(seeded):
    client, draft = signed_in(make_lead()), with_file()

    press(client, draft, "approve", **GRADES)
    page = seen(client, draft)

    assert [one["name"] for one in reread(draft).approved_attachments] == ["invoice.pdf"]
    assert "invoice.pdf" in page
    assert "Remove invoice.pdf" not in page


def test_a_sent_reply_links_to_chatwoots_copy(seeded):
    client, draft = signed_in(make_lead()), with_file()
    press(client, draft, "approve", **GRADES)
    Draft.objects.filter(pk=draft.pk).update(status="SENT", sent_message_id=900)
    copy = {"file_type": "file", "data_url": "http://chatwoot.test/blobs/1/invoice.pdf"}
    draft.conversation.messages.create(message_id=900, kind="outgoing", created_at=NOW, attachments=[copy])

    page = seen(client, draft)

    assert (
        page.count('href="http://chatwoot.test/blobs/1/invoice.pdf"') == 2
    )  # beside the reply, and in the thread
    assert "File: invoice.pdf" in page


def test_a_new_reply_takes_its_files_along(seeded):
    message = make_waiting()
    client = signed_in(make_lead())

    answer = client.post(
        f"/admin/webhooks/conversation/{message.conversation_id}/propose/",
        {"text": "Here is the plan.", "files": [upload("plan.pdf"), upload("p.png", picture())]},
    )

    draft = Draft.objects.get()
    assert answer.status_code == 302
    assert [row.name for row in draft.attachments.all()] == ["plan.pdf", "p.png"]
    assert draft.author_kind == "person"


def test_a_new_reply_keeps_its_text_when_a_file_does_not_fit(seeded):
    message = make_waiting()
    client = signed_in(make_lead())

    answer = client.post(
        f"/admin/webhooks/conversation/{message.conversation_id}/propose/",
        {"text": "Here is the plan.", "files": [upload("x.svg", SVG)]}, follow=True,
    )  # fmt: skip

    assert Draft.objects.get().body == "Here is the plan."
    assert "Your text is saved, without files." in answer.content.decode()


def test_a_channel_without_files_offers_none(seeded):
    draft = make_draft()
    Inbox.objects.update(channel="Channel::Tiktok")

    page = seen(signed_in(make_lead()), draft)

    assert 'type="file"' not in page
    assert "This channel takes no files with a text." in page


# Downloads


@pytest.mark.parametrize(
    ("name", "content", "disposition"),
    [
        ("Rechnung ü.pdf", PDF, "attachment"),
        ("page.txt", b"just text", "attachment"),
        ("p.png", picture(), "inline"),
    ],
)
def test_only_a_picture_is_shown_by_the_browser_itself(seeded, name, content, disposition):
    client, draft = signed_in(make_lead()), with_file(None, upload(name, content))

    answer = client.get(address(draft))

    assert answer.content == content
    assert answer.headers["Content-Disposition"].startswith(disposition)
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox; frame-ancestors 'none'"
    assert "no-store" in answer.headers["Cache-Control"]


def test_only_those_who_see_the_conversation_get_its_files(seeded):
    draft = with_file()
    elsewhere = make_inbox(inbox_id=9)
    alice, charlie = make_user("alice", access.AGENT), make_user("charlie", access.LEAD, inboxes=[elsewhere])
    operator = make_user("otto", access.OPERATOR)

    answers = {
        user.username: signed_in(user).get(address(draft)).status_code for user in (alice, charlie, operator)
    }

    assert answers == {"alice": 200, "charlie": 404, "otto": 403}
    assert Client().get(address(draft)).status_code == 302  # to the sign-in page


def test_a_file_of_another_draft_is_not_found_here(seeded):
    draft = with_file()
    other = make_draft(Conversation.objects.get().waiting_message, text="Other words.", author="other")

    assert (
        signed_in(make_lead()).get(f"{at(other, 'file')}?number={draft.attachments.get().pk}").status_code
        == 404
    )


# Sizes of requests


def test_only_forms_that_bring_files_may_be_large(seeded, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 500
    client, draft = signed_in(make_lead()), make_draft()

    assert press(client, draft, "save", text="x" * 1000).status_code == 413
    assert attach(client, draft, upload("a.pdf", PDF + b" " * 1000)).status_code == 302


def test_a_form_beyond_the_limit_of_a_reply_is_not_read(seeded, settings):
    client, draft = signed_in(make_lead()), make_draft()

    answer = client.post(
        at(draft, "attach"), b"", content_type="multipart/form-data; boundary=x", CONTENT_LENGTH=str(2**25)
    )

    assert answer.status_code == 413
