"""The health of articles: counted as decisions are, bad ones first, no share from few, statements do not grow with articles."""

import re
import time
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from knowledge.articles import contradiction_rows
from knowledge.learning import health
from knowledge.models import Article, ArticleVersion, Change, Citation, Contradiction
from tests.factories import edit_article, make_article, make_editor, make_inbox, make_lead, make_user
from tests.knowledge.admin.pressing import signed_in
from tests.knowledge.learning.learnt import NOW, make_signal, rejected

pytestmark = pytest.mark.django_db
PAGE = reverse("admin:knowledge_article_changelist")
COLUMNS = ("field-concerns", "field-uses", "field-accepted", "field-edited", "field-grades")


@pytest.fixture(autouse=True)
def _today(monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: NOW)


def cited(signal, article="refund"):
    Citation.objects.create(signal=signal, article=article, version=1)


def of(article: Article, user=None) -> health.Health:
    return health.report(user or make_lead(), now=NOW).by_key[article.pk]


def shown(user=None) -> list[str]:
    """The rows of the list as text."""
    page = signed_in(user or make_lead()).get(PAGE).content.decode()
    body = page[page.index('id="result_list"') :]
    return [
        " ".join(re.sub(r"<[^>]+>", " ", row).split())
        for row in re.findall(r"<tr[^>]*>.*?</tr>", body, re.DOTALL)
    ]


def test_uses_are_decisions_on_machine_drafts_of_28_days():
    article = make_article("refund")
    cited(make_signal())
    cited(make_signal(distance=3, ratio=0.1))
    cited(rejected())
    cited(make_signal(withdrawn_at=NOW))
    cited(make_signal(author_kind="person"))
    cited(make_signal(ago=40))
    cited(make_signal(), article="delivery")

    own = of(article)

    assert (own.uses, own.accepted, own.edited) == (3, 1, 1)


def test_medians_are_of_the_graded_ones():
    article = make_article("refund")
    for accuracy in (2, 4, 5, 5):
        cited(make_signal(grades=(5, accuracy, 4)))
    cited(make_signal(grades=None))

    own = of(article)

    assert (own.medians, own.graded) == ([5, 4.5, 4], 4)


def test_from_few_uses_there_is_no_share():
    article = make_article("refund")
    for _ in range(4):
        cited(make_signal())
    assert of(article).accepted_share is None
    assert "4 of 4" in shown()[-1]

    cited(make_signal())

    assert of(article).accepted_share == 1
    assert "100 % n = 5" in shown()[-1]


def concerns(article: Article) -> list[str]:
    return [one.text for one in of(article).concerns]


@pytest.mark.parametrize(("field", "days", "text"), [
    ("review_by", 0, ["Review due 25 Nov 2026"]), ("review_by", 1, []),
    ("valid_until", 13, ["Ends 8 Dec 2026"]), ("valid_until", 14, []), ("valid_until", -1, ["Expired 24 Nov 2026"]),
])  # fmt: skip
def test_dates_that_need_a_look(field, days, text):
    article = make_article("refund")
    Article.objects.filter(pk=article.pk).update(**{field: NOW.date() + timedelta(days=days)})

    assert concerns(article) == text


def test_what_is_often_changed_or_graded_low_is_said_from_five_uses():
    article = make_article("refund")
    for place in range(5):
        assert concerns(article) == []
        cited(
            make_signal(distance=9, ratio=0.6, grades=(5, 3, 5)) if place else make_signal(grades=(5, 3, 5))
        )

    assert concerns(article) == ["Often changed", "Accuracy is low"]


def test_an_article_that_nobody_used_for_90_days_is_said_once_it_is_that_old():
    young, old, used = make_article("young"), make_article("old"), make_article("used")
    cited(make_signal(ago=80), article="used")
    long_ago = NOW - timedelta(days=91)
    with connection.cursor() as cursor:  # a version cannot be changed through its model
        for article in (old, used):
            cursor.execute(
                "UPDATE knowledge_articleversion SET approved_at = %s WHERE article_id = %s",
                [long_ago, article.pk],
            )

    assert (concerns(young), concerns(old), concerns(used)) == ([], ["Not used in 90 days"], [])


def test_never_used_is_told_from_not_used_lately():
    make_article("fresh")
    make_article("stale")
    cited(make_signal(ago=60), article="stale")

    rows = {row.split()[0]: row for row in shown()[1:]}

    assert "never used" in rows["Fresh"]
    assert "not used" in rows["Stale"]


def test_what_needs_a_look_comes_first():
    for slug in ("alpha", "beta", "gamma"):
        make_article(slug)
    Article.objects.filter(slug="gamma").update(valid_until=NOW.date() - timedelta(days=1))
    Article.objects.filter(slug="beta").update(review_by=NOW.date())

    assert [row.split()[0] for row in shown()[1:]] == ["Gamma", "Beta", "Alpha"]


def test_an_agent_sees_no_shares_of_the_teams_decisions():
    make_article("refund")
    cited(make_signal())

    page = signed_in(make_user("", "Agent")).get(PAGE).content.decode()

    assert "field-concerns" in page
    assert "field-uses" not in page


def test_a_lead_counts_the_own_inboxes_only():
    article = make_article("refund")
    mine, theirs = make_inbox(inbox_id=2), make_inbox(inbox_id=3)
    cited(make_signal(inbox=mine))
    cited(make_signal(inbox=theirs))

    assert of(article, make_lead(inboxes=[mine])).uses == 1


def test_contradicting_articles_are_shown_on_both_until_one_is_corrected():
    one = make_article("refunds", body="We refund your money within 14 days.")
    other = make_article("returns", body="We refund your money within 30 days.")
    contradiction_rows.compare(now=NOW)
    assert concerns(one) == concerns(other) == ["Contradicts another"]
    page = (
        signed_in(make_lead())
        .get(reverse("admin:knowledge_article_change", args=[other.pk]))
        .content.decode()
    )
    assert "“We refund your money within 30 days.” here" in page

    edit_article(other, body="We refund your money within 14 days.")
    contradiction_rows.compare(now=NOW)

    assert not Contradiction.objects.exists()
    assert concerns(one) == []


def test_comparing_again_writes_nothing_new():
    make_article("refunds", body="We refund your money within 14 days.")
    make_article("returns", body="We refund your money within 30 days.")
    contradiction_rows.compare(now=NOW)
    before = list(Contradiction.objects.values())

    contradiction_rows.compare(now=NOW)

    assert list(Contradiction.objects.values()) == before


def many(count: int) -> None:
    """Live articles, written past the verbs: they would take minutes."""
    editor, begin = make_editor(), Article.objects.count()
    articles = Article.objects.bulk_create(
        Article(slug=f"a{begin + n}", updated_at=NOW) for n in range(count)
    )
    changes = Change.objects.bulk_create(
        Change(article=one, kind="NEW", origin="PERSON", status="APPROVED", base_version=0, digest=one.slug, created_at=NOW,
               decided_by=editor, decided_at=NOW) for one in articles
    )  # fmt: skip
    versions = ArticleVersion.objects.bulk_create(
        ArticleVersion(article=change.article, number=1, title=change.article.slug, body="Text", approved_by=editor,
                       approved_at=NOW, change=change) for change in changes
    )  # fmt: skip
    for one, version in zip(articles, versions, strict=True):
        one.current, one.version, one.status = version, 1, "LIVE"
    Article.objects.bulk_update(articles, ["current", "version", "status"], batch_size=200)


def test_the_list_takes_as_many_statements_for_2000_articles_as_for_30(capsys):
    browser, taken = signed_in(make_lead()), []
    for count in (30, 1970):
        many(count)
        browser.get(PAGE)
        with CaptureQueriesContext(
            connection,
        ) as statements:
            began = time.process_time()
            assert browser.get(PAGE).status_code == 200
            took = time.process_time() - began
        taken.append(len(statements))

    with capsys.disabled():
        print(f"\n{taken[1]} statements, {took * 1000:.0f} ms of CPU for 2,000 articles")
    assert taken[0] == taken[1]
