"""Two articles become one: one approval, both histories kept, and the other's probes go along."""

import pytest

from knowledge.articles import changes
from knowledge.models import Article, Change, Probe
from tests.factories import NOW, edit_article, make_article, make_lead

pytestmark = pytest.mark.django_db


@pytest.fixture
def pair(fake):
    return make_article("refund", body="Refund."), make_article("money-back", body="Refund, too.")


def merge(kept: Article, other: Article | None, **given) -> Change:
    return changes.propose(kept, given, kind="MERGE", origin="PERSON", now=NOW, merges=other)


def approve(change: Change, by=None) -> None:
    changes.approve(change, by=by or make_lead(), base_version=change.base_version, now=NOW)


def states() -> dict[str, tuple[str, int]]:
    return {row.slug: (row.status, row.version) for row in Article.objects.all()}


def test_the_kept_one_gets_the_text_and_the_other_is_withdrawn_with_one_approval(pair):
    approve(merge(*pair, body="Refund. Refund, too."))

    assert states() == {"refund": ("LIVE", 2), "money-back": ("WITHDRAWN", 2)}
    assert Article.objects.get(slug="refund").body == "Refund. Refund, too."
    assert "Merged into refund" in Article.objects.get(slug="money-back").current.change.note


def test_probes_of_the_other_lead_to_the_kept_one_and_are_not_lost(pair):
    by = make_lead()
    probe = Probe.objects.create(
        question="refund, too", expected=pair[1], created_by=by, created_at=NOW, pinned=True
    )

    approve(merge(*pair, body="Refund. Refund, too."))

    probe.refresh_from_db()
    assert probe.expected == pair[0]


def test_what_changed_meanwhile_stops_the_merge(pair):
    change = merge(*pair)
    edit_article(pair[1], body="Other.")

    with pytest.raises(changes.Refused) as refused:
        approve(change)

    assert refused.value.code == "version_changed"
    assert states()["refund"] == ("LIVE", 1)


def test_an_edit_of_the_merge_reads_the_other_article_again(pair):
    change = merge(*pair)
    edit_article(pair[1], body="Other.")

    changes.edit(change, {"body": "Both."}, by=make_lead(), base_version=1, now=NOW)
    approve(change)

    assert states()["money-back"] == ("WITHDRAWN", 3)


def test_a_policy_that_is_merged_needs_a_second_person(pair):
    by = make_lead()
    Article.objects.filter(pk=pair[1].pk).update(is_policy=True)
    other = Article.objects.get(pk=pair[1].pk)
    change = changes.propose(pair[0], {}, kind="MERGE", origin="PERSON", by=by, now=NOW, merges=other)

    with pytest.raises(changes.Refused) as refused:
        approve(change, by)

    assert refused.value.code == "second_person_required"


WRONG = {
    "itself": lambda pair: pair[0],
    "nothing": lambda pair: None,
    "another language": lambda pair: make_article("rueckgabe", language="de"),
}


@pytest.mark.parametrize("other", WRONG.values(), ids=WRONG)
def test_what_cannot_be_merged_is_refused(pair, other):
    with pytest.raises(changes.Refused) as refused:
        merge(pair[0], other(pair))

    assert refused.value.code == "merge_invalid"


def test_two_merges_into_one_article_are_two_changes(pair):
    third = make_article("give-back")

    assert merge(*pair).pk != merge(pair[0], third).pk
    assert merge(*pair).pk == Change.objects.get(merges=pair[1], status="OPEN").pk


def test_a_merge_is_rolled_back_one_by_one(pair):
    change, by = merge(*pair, body="Both."), make_lead()
    approve(change, by)

    changes.undo(change, by=by, now=NOW, approved=True)
    changes.roll_back(Article.objects.get(slug="money-back"), to=1, by=by, now=NOW)
    approve(Change.objects.get(status="OPEN"), by)

    assert states() == {"refund": ("LIVE", 3), "money-back": ("LIVE", 3)}
