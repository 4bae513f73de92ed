"""Files of a reply: attaching is an edit, an approval binds each content, and what does not fit is refused before it."""

import hashlib
import threading

import pytest
from django.db import connection

from knowledge.files.channel_limits import MB
from knowledge.models import Attachment, Draft, DraftEvent, RiskRule
from knowledge.replies import attachments, decisions, first_look, proposals
from tests.factories import (
    GRADES,
    NOW,
    make_draft,
    make_lead,
    make_user,
    make_waiting,
)
from tests.knowledge.files.making import PDF, SVG, picture, upload
from tests.knowledge.replies.deciding import approve, flagged, refusal
from webhooks.accounts import access
from webhooks.errors import Permanent
from webhooks.models import Inbox

pytestmark = pytest.mark.django_db


def attach(draft: Draft, *files: object, by: object = None, revision: int | None = None) -> Draft:
    """Without files: one PDF."""
    draft.refresh_from_db()
    attachments.attach(
        draft, files=files or [upload()], by=by or make_lead(), revision=revision or draft.revision, now=NOW
    )  # fmt: skip
    draft.refresh_from_db()
    return draft


def on(channel: str, *, text: str = "Here it is.") -> Draft:
    draft = make_draft(text=text)
    Inbox.objects.update(channel=channel)
    return Draft.objects.select_related("conversation__inbox").get(pk=draft.pk)


def test_a_file_is_kept_with_its_size_digest_and_true_type(seeded):
    draft = attach(make_draft(), upload("Invoice May.pdf", PDF, "text/html"))

    row = draft.attachments.get()
    assert (row.name, row.content_type, row.size) == ("Invoice May.pdf", "application/pdf", len(PDF))
    assert bytes(row.content) == PDF
    assert row.sha256 == hashlib.sha256(PDF).hexdigest()


def test_attaching_is_another_revision_by_an_author_in_the_history(seeded):
    maria, draft = make_lead("maria"), make_draft()

    attach(draft, by=maria)

    event = draft.events.latest("pk")
    assert (draft.revision, draft.changed_by) == (2, [maria.pk])
    assert (event.action, event.by, "invoice.pdf" in event.detail) == ("attached", maria, True)


def test_several_files_are_one_revision_in_their_order(seeded):
    draft = attach(make_draft(), upload("b.pdf"), upload("a.png", picture()))

    assert draft.revision == 2
    assert [one["name"] for one in attachments.listed(draft)] == ["b.pdf", "a.png"]


def test_removing_is_another_revision_and_the_content_is_gone(seeded):
    draft = attach(make_draft())

    attachments.detach(draft, number=draft.attachments.get().pk, by=make_lead(), revision=2, now=NOW)

    draft.refresh_from_db()
    assert (draft.revision, Attachment.objects.count()) == (3, 0)
    assert "invoice.pdf" in draft.events.latest("pk").detail


def test_a_second_click_attaches_nothing_twice(seeded):
    draft = attach(attach(make_draft()))

    assert (draft.revision, draft.attachments.count()) == (2, 1)


def test_one_file_that_does_not_fit_keeps_all_of_them_out(seeded):
    draft = make_draft()

    code = refusal(
        attachments.attach, draft, files=[upload(), upload("x.svg", SVG)], by=make_lead(), revision=1
    )

    assert (code, Attachment.objects.count(), DraftEvent.objects.filter(action="attached").count()) == (
        "attachments",
        0,
        0,
    )


def test_the_second_of_two_people_sees_what_the_first_one_changed(seeded):
    draft = make_draft()
    attach(draft, upload("plan.pdf"), by=make_lead("maria"))

    with pytest.raises(decisions.Refused) as caught:
        attachments.attach(draft, files=[upload("other.pdf")], by=make_lead("tom"), revision=1, now=NOW)

    assert caught.value.code == "revision_changed"
    assert "maria" in caught.value.detail
    assert "plan.pdf" in caught.value.detail


def test_an_edit_of_the_text_is_lost_to_a_file_that_came_first(seeded):
    draft = attach(make_draft())

    assert (
        refusal(proposals.edit, draft, text="Other words.", by=make_lead(), revision=1) == "revision_changed"
    )


def test_what_was_read_before_somebody_elses_file_changes_nothing(seeded):
    """Both have read revision 1; the second one's guard passes, its write does not."""
    first, second = (Draft.objects.get(pk=draft_pk) for draft_pk in [make_draft().pk] * 2)
    attach(first, upload("plan.pdf"))

    code = refusal(attachments.attach, second, files=[upload("other.pdf")], by=make_lead(), revision=1)

    assert (code, [row.name for row in Attachment.objects.all()]) == ("revision_changed", ["plan.pdf"])


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_of_two_people_who_attach_at_once_one_has_it(seeded):
    draft, told = make_draft(), []
    people = [make_lead("maria"), make_lead("tom")]
    ready = threading.Barrier(2, timeout=10)

    def run(number: int) -> None:
        try:
            mine = Draft.objects.get(pk=draft.pk)
            ready.wait()
            attachments.attach(mine, files=[upload(f"{number}.pdf")], by=people[number], revision=1, now=NOW)
            told.append("attached")
        except decisions.Refused as error:
            told.append(error.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[number]) for number in (0, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)

    draft.refresh_from_db()
    assert sorted(told) == ["attached", "revision_changed"]
    assert (draft.revision, Attachment.objects.count()) == (2, 1)


# What an approval binds


def test_an_approval_freezes_each_file_with_its_digest(seeded):
    draft = approve(attach(make_draft()))

    row = Attachment.objects.get()
    frozen = {
        "id": row.pk,
        "name": "invoice.pdf",
        "type": "application/pdf",
        "size": len(PDF),
        "sha256": row.sha256,
    }
    assert draft.approved_attachments == [frozen]
    assert [file.content for file in attachments.approved_files(draft)] == [PDF]


def test_an_approval_that_saw_no_file_is_refused(seeded):
    draft = attach(make_draft())

    assert refusal(decisions.approve, draft, by=make_lead(), revision=1, grades=GRADES) == (
        "revision_changed"
    )


@pytest.mark.parametrize("verb", ["attach", "detach"])
def test_a_file_voids_a_first_look_as_an_edit_does(seeded, verb):
    draft = approve(flagged(attach(make_draft())))
    assert draft.status == "SECOND_LOOK"

    if verb == "attach":
        attach(draft, upload("more.pdf"))
    else:
        attachments.detach(
            draft, number=draft.attachments.get().pk, by=make_lead(), revision=draft.revision, now=NOW
        )
        draft.refresh_from_db()

    assert (draft.status, draft.first_look_by, draft.first_look_of) == ("PROPOSED", None, "")


def test_a_first_look_is_of_these_files_however_they_changed(seeded):
    draft = approve(flagged(attach(make_draft())))

    Attachment.objects.update(sha256="0" * 64)

    assert not first_look.is_of(Draft.objects.get(pk=draft.pk), note="", then="")


def test_who_attached_is_not_the_second_person(seeded):
    maria = make_lead("maria")
    draft = approve(flagged(attach(make_draft(), by=maria)))

    assert refusal(decisions.approve, draft, by=maria, revision=draft.revision, grades={}) in (
        "second_person_required", "grades_required",
    )  # fmt: skip
    assert maria not in decisions.second_people(draft)


@pytest.mark.parametrize("verb", ["attach", "detach"])
def test_an_approved_reply_takes_no_change_of_its_files(seeded, verb):
    draft = approve(attach(make_draft()))
    arguments = (
        {"files": [upload("more.pdf")]} if verb == "attach" else {"number": Attachment.objects.get().pk}
    )

    assert (
        refusal(getattr(attachments, verb), draft, by=make_lead(), revision=draft.revision, **arguments)
        == "already_decided"
    )


def test_a_content_that_is_not_the_approved_one_is_never_sent(seeded):
    draft = approve(attach(make_draft()))

    Attachment.objects.update(content=b"%PDF-other")
    with pytest.raises(Permanent, match=r"invoice\.pdf"):
        attachments.approved_files(draft)
    Attachment.objects.all().delete()
    with pytest.raises(Permanent):
        attachments.approved_files(draft)


def test_an_agent_may_attach_but_not_approve_a_machines_draft_with_a_file(seeded):
    draft = make_draft()
    Inbox.objects.update(agents_may_approve=True)
    RiskRule.objects.all().delete()
    agent = make_user("ben", access.AGENT)
    draft = Draft.objects.select_related("conversation__inbox").get(pk=draft.pk)
    assert decisions.may_approve(draft, agent)

    attach(draft, by=agent)

    assert not decisions.may_approve(Draft.objects.get(pk=draft.pk), make_user("ann", access.AGENT))


def test_files_are_flagged_as_something_to_look_at(seeded):
    draft = attach(make_draft())

    [flag] = [flag for flag in draft.risk if flag["rule"] == "Attachments"]
    assert "invoice.pdf" in flag["reason"]
    assert not flag["second_person"]

    attachments.detach(draft, number=draft.attachments.get().pk, by=make_lead(), revision=2, now=NOW)
    assert "Attachments" not in [one["rule"] for one in Draft.objects.get(pk=draft.pk).risk]


def test_a_carried_over_reply_keeps_its_files(seeded):
    draft = attach(make_draft())
    fresh = make_waiting(text="And the other one?", message_id=101).conversation.waiting_message
    Draft.objects.filter(pk=draft.pk).update(status="STALE")
    draft.refresh_from_db()

    carried = decisions.carry_over(draft, by=make_lead(), now=NOW)

    assert carried.in_reply_to_id == fresh.pk
    assert [one["name"] for one in attachments.listed(carried)] == ["invoice.pdf"]
    assert "Attachments" in [flag["rule"] for flag in carried.risk]


# What does not fit

UNFIT = {
    "an SVG": ("Channel::WebWidget", [upload("x.svg", SVG)], "PDF"),
    "a web page called .pdf": ("Channel::WebWidget", [upload("x.pdf", b"<html>")], "scripts"),
    "a program": ("Channel::WebWidget", [upload("x.pdf", b"MZ\x90\0")], "ZIP"),
    "nothing in it": ("Channel::WebWidget", [upload("x.pdf", b"")], "empty"),
    "sixteen files": ("Channel::WebWidget", [upload(f"{n}.pdf") for n in range(16)], "15"),
    "two on WhatsApp": ("Channel::Whatsapp", [upload("a.pdf"), upload("b.pdf")], "1 file"),
    "audio on WhatsApp": ("Channel::Whatsapp", [upload("a.ogg", b"OggS")], "PDF"),
    "a document on Instagram": ("Channel::Instagram", [upload()], "PNG"),
    "anything on TikTok": ("Channel::Tiktok", [upload()], "link"),
}


@pytest.mark.parametrize("case", UNFIT)
def test_what_does_not_fit_is_refused_and_says_what_to_do(seeded, case):
    channel, files, said = UNFIT[case]
    for file in files:
        file.seek(0)

    with pytest.raises(decisions.Refused, match=said) as caught:
        attach(on(channel), *files)

    assert caught.value.code == "attachments"


def test_a_picture_over_the_channels_limit_is_refused_with_the_limit(seeded):
    large = picture() + b"\0" * (5 * MB)

    with pytest.raises(decisions.Refused, match=r"5\.0.MB"):
        attach(on("Channel::Whatsapp"), upload("photo.png", large))
    assert attach(on("Channel::Api"), upload("photo.png", large)).attachments.count() == 1


def test_together_they_stay_below_the_limit_of_one_reply(seeded, settings):
    settings.ATTACHMENTS_MAX_BYTES = len(PDF) + 10
    draft = attach(make_draft(), upload("a.pdf"))

    assert (
        refusal(attachments.attach, draft, files=[upload("b.pdf")], by=make_lead(), revision=2)
        == "attachments"
    )


def test_the_site_keeps_no_more_than_it_is_told(seeded, settings):
    draft = attach(make_draft(), upload("a.pdf"))
    settings.ATTACHMENTS_SITE_MAX_MB = 0

    assert (
        refusal(attachments.attach, draft, files=[upload("b.pdf")], by=make_lead(), revision=2)
        == "attachments"
    )


def test_a_text_that_is_too_long_for_a_caption_is_refused_before_the_approval(seeded):
    draft = attach(on("Channel::Whatsapp"))
    text = "x " * 600

    assert refusal(decisions.approve, draft, by=make_lead(), revision=2, text=text, grades=GRADES) == (
        "attachments"
    )


def test_files_of_an_inbox_that_became_another_channel_are_checked_again(seeded):
    draft = attach(on("Channel::Email"))
    Inbox.objects.update(channel="Channel::Instagram")

    assert refusal(
        decisions.approve, Draft.objects.get(pk=draft.pk), by=make_lead(), revision=2, grades=GRADES
    ) == "attachments"  # fmt: skip
