"""Open changes expire, with a reason, when their article moved on long ago. Nothing is deleted."""

from datetime import timedelta

import pytest

from knowledge.articles import changes, expiring
from knowledge.models import Article, Change
from tests.factories import NOW, edit_article, make_article, make_lead

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(days=28)


def proposed(article: Article, **given) -> Change:
    return changes.propose(article, given, kind="EDIT", origin="PERSON", now=NOW)


def test_it_expires_28_days_after_its_article_moved_on():
    article = make_article("refund")
    change = proposed(article, body="Other.")
    edit_article(article, body="Third.")

    assert expiring.expire(now=LATER - timedelta(seconds=1)) == 0
    assert expiring.expire(now=LATER) == 1

    change.refresh_from_db()
    assert (change.status, change.decided_at, change.decided_by) == ("EXPIRED", LATER, None)
    assert (
        change.reason
        == "refund has been newer than version 1 since 23 Nov 2026, and nobody decided for 28 days."
    )


def test_one_that_is_up_to_date_stays_open_however_old():
    proposed(make_article("refund"), body="Other.")

    assert expiring.expire(now=NOW + timedelta(days=400)) == 0


def test_one_whose_version_is_gone_expires_at_once():
    change = proposed(make_article("refund"), body="Other.")
    Change.objects.filter(pk=change.pk).update(base_version=7)

    assert expiring.expire(now=NOW) == 1
    change.refresh_from_db()
    assert "version 7 of refund, which does not exist" in change.reason


def test_a_merge_expires_with_the_article_that_it_would_withdraw():
    kept, other = make_article("refund"), make_article("money-back")
    changes.propose(kept, {}, kind="MERGE", origin="PERSON", now=NOW, merges=other)
    edit_article(other, body="Third.")

    assert expiring.expire(now=LATER) == 1


def test_an_expired_change_is_decided():
    article = make_article("refund")
    change = proposed(article, body="Other.")
    edit_article(article, body="Third.")
    expiring.expire(now=LATER)

    with pytest.raises(changes.Refused) as refused:
        changes.approve(change, by=make_lead(), base_version=2, now=LATER)

    assert refused.value.code == "already_decided"
