"""Nobody overwrites what they have not seen: two people who change the same article, or decide the same change."""

import threading

import pytest
from django.db import connection

from knowledge.articles import changes
from knowledge.models import Change
from tests.factories import NOW, edit_article, make_article, make_lead
from tests.knowledge.articles.proposing import approve, proposed, refusal, reread

pytestmark = pytest.mark.django_db


def test_of_two_changes_from_one_version_the_second_is_refused():
    article = make_article("refund", body="In 30 days.")
    one, other = proposed(article, body="In 60 days."), proposed(article, question="How long?")
    approve(one, make_lead())

    assert refusal(approve, other, make_lead(), 1) == "version_changed"
    assert refusal(approve, other, make_lead(), 2) == "version_changed"
    assert reread(article).body == "In 60 days."


def test_an_outdated_change_goes_on_after_it_is_edited():
    article = make_article("refund", body="In 30 days.")
    one, other = proposed(article, body="In 60 days."), proposed(article, question="How long?")
    approve(one, make_lead())
    changes.edit(other, {}, by=make_lead(), base_version=2, now=NOW)

    approve(other, make_lead())

    assert (reread(article).body, reread(article).question) == ("In 60 days.", "How long?")


def test_a_proposal_from_an_old_version_is_refused():
    article = edit_article(make_article(), body="Other.")

    code = refusal(
        changes.propose, article, {"body": "x"}, kind="EDIT", origin="PERSON", base_version=1, now=NOW
    )  # fmt: skip

    assert code == "version_changed"


def test_a_change_is_decided_once():
    change = proposed(make_article(), body="Other.")
    approve(change, make_lead())

    assert refusal(approve, change, make_lead(), 2) == "already_decided"
    assert refusal(changes.dismiss, change, by=make_lead(), reason="No", now=NOW) == "already_decided"


def test_who_edits_what_someone_else_just_edited_is_told():
    change = proposed(make_article(), body="Other.")
    seen = change.digest
    changes.edit(change, {"body": "First."}, by=make_lead(), base_version=1, now=NOW, seen=seen)

    code = refusal(
        changes.edit, change, {"body": "Second."}, by=make_lead(), base_version=1, now=NOW, seen=seen
    )  # fmt: skip

    assert code == "version_changed"


@pytest.mark.parametrize("several", [False, True], ids=["one change", "two changes"])
@pytest.mark.every_row
def test_of_two_who_read_before_either_approves_one_does(several):
    article = make_article()
    one = proposed(article, body="One.")
    other = proposed(article, body="Two.") if several else one
    seen = [Change.objects.select_related("article").get(pk=change.pk) for change in (one, other)]
    approve(seen[0], make_lead(), 1)

    assert refusal(approve, seen[1], make_lead(), 1) == ("version_changed" if several else "already_decided")
    assert reread(article).version == article.versions.count() == 2


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("several", [False, True], ids=["one change", "two changes"])
@pytest.mark.every_row
def test_of_two_who_approve_at_once_one_does(several):
    article = make_article()
    one = proposed(article, body="One.")
    other = proposed(article, body="Two.") if several else one
    leads, barrier, codes = [make_lead(), make_lead()], threading.Barrier(2), []

    def decide(lead, change) -> None:
        try:
            barrier.wait(5)
            approve(Change.objects.get(pk=change.pk), lead)
            codes.append("approved")
        except changes.Refused as error:
            codes.append(error.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=decide, args=pair) for pair in zip(leads, (one, other), strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)

    assert set(codes) == {"approved", "version_changed" if several else "already_decided"}
    assert reread(article).version == 2
    assert article.versions.count() == 2
