"""Until when and for which inboxes an article is used, and which values its fields take."""

import pytest

from knowledge.articles import fields
from knowledge.models import Article
from tests.factories import NOW, make_article, make_inbox, make_user

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("valid_until", "used"), [("2026-11-22", False), ("2026-11-23", True), (None, True)])
def test_an_expired_article_is_not_drafted_from(valid_until, used):
    make_article(valid_until=valid_until)

    assert Article.objects.draftable(now=NOW).exists() is used


def test_an_article_of_one_inbox_is_not_for_another():
    mine, other = make_inbox(inbox_id=2), make_inbox(inbox_id=3)
    make_article("mine", inboxes=[mine.pk])
    make_article("all")

    found = Article.objects.draftable(now=NOW, inbox_id=other.pk)

    assert [article.slug for article in found] == ["all"]


def test_people_see_the_articles_of_their_inboxes():
    mine, other = make_inbox(inbox_id=2), make_inbox(inbox_id=3)
    for slug, inboxes in (
        ("mine", [mine.pk]),
        ("other", [other.pk]),
        ("all", []),
        ("both", [mine.pk, other.pk]),
    ):
        make_article(slug, inboxes=inboxes)

    seen = Article.objects.visible_to(make_user("bob", "Agent", inboxes=[mine])).order_by("slug")

    assert [article.slug for article in seen] == ["all", "both", "mine"]


WRONG = {
    "title": ["", " ", "x" * 201, 5, None, "a\0b", "a\ud83d"], "body": ["", None, ["x"], "x" * 100_001],
    "question": ["x" * 301, 1],
    "language": ["xx", "", None, "English"], "review_by": ["tomorrow", "2026-13-01", "20261130", 5],
    "owner": ["nobody-of-that-name", 7, "a\udc00"], "inboxes": ["2", [0], [True], [2**63], [999]], "is_policy": ["yes", None, 1],
    "group": ["a b", 5], "slug": ["", "a b", "é", None],
}  # fmt: skip


@pytest.mark.parametrize(
    ("name", "value"), [(name, value) for name, values in WRONG.items() for value in values]
)
def test_a_wrong_value_is_named(name, value):
    with pytest.raises(fields.Invalid) as invalid:
        fields.cleaned({name: value})

    assert list(invalid.value.problems) == [name]


def test_only_people_who_can_open_an_article_may_own_it(seeded):
    for name, groups in (
        ("ann", ["Agent"]),
        ("lea", ["Lead"]),
        ("olga", ["Operator"]),
        ("nobody", []),
        ("max", ["Lead", "Manager"]),
    ):
        make_user(name, *groups)
    make_user("gone", "Lead", is_active=False)
    make_user("root", is_superuser=True)

    assert list(fields.owners().values_list("username", flat=True)) == ["admin", "ann", "lea", "max", "root"]
