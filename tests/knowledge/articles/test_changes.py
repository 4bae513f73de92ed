"""Changes of articles: nothing is live without a person, and each difference is proposed once."""

import pytest
from django.db import IntegrityError, transaction

from knowledge.articles import changes
from knowledge.models import Article, ArticleVersion, Change
from tests.factories import NOW, edit_article, make_article, make_lead, make_user
from tests.knowledge.articles.proposing import approve, proposed, refusal, reread

pytestmark = pytest.mark.django_db


# Nothing is live without a person


def test_a_proposal_changes_nothing():
    article = make_article("refund", body="In 30 days.")

    proposed(article, body="In 60 days.")

    assert reread(article).body == "In 30 days."


def test_a_new_article_is_not_live_before_its_approval():
    change = changes.propose(
        None, {"slug": "a", "title": "A", "body": "B"}, kind="NEW", origin="PERSON", now=NOW
    )
    assert not Article.objects.draftable(now=NOW).exists()

    approve(change, make_lead())

    assert Article.objects.draftable(now=NOW).get().title == "A"


@pytest.mark.parametrize(
    "facts", [{"status": "LIVE"}, {"status": "LIVE", "version": 1}, {"status": "WITHDRAWN"}, {"version": 3}]
)
@pytest.mark.every_row
def test_the_database_refuses_a_live_article_without_a_version(facts):
    with pytest.raises(IntegrityError), transaction.atomic():
        Article.objects.create(slug="a", **facts)


def test_the_database_refuses_a_version_that_nobody_approved():
    article = make_article()
    change = proposed(article, body="Other.")

    with pytest.raises(IntegrityError), transaction.atomic():
        ArticleVersion.objects.create(
            article=article, number=2, title="x", body="x", change=change, approved_at=NOW
        )


@pytest.mark.parametrize(
    "facts",
    [{"status": "APPROVED"}, {"status": "DISMISSED"}, {"origin": "SERVICE"}, {"origin": "MODEL"}],
)
@pytest.mark.every_row
def test_the_database_refuses_a_change_that_breaks_a_rule(facts):
    change = proposed(make_article(), body="Other.")

    with pytest.raises(IntegrityError), transaction.atomic():
        Change.objects.filter(pk=change.pk).update(**facts)


def test_the_database_refuses_an_author_who_approves_where_another_must():
    lead = make_lead()
    change = proposed(make_article(is_policy=True), by=lead, body="Other.")

    with pytest.raises(IntegrityError), transaction.atomic():
        Change.objects.filter(pk=change.pk).update(status="APPROVED", decided_by=lead, decided_at=NOW)


def test_a_version_is_never_changed():
    version = make_article().current
    version.body = "Rewritten."

    with pytest.raises(ValueError, match="never changed"):
        version.save()
    with pytest.raises(ValueError, match="never changed"):
        ArticleVersion.objects.update(body="Rewritten.")


def test_an_agent_approves_nothing():
    change = proposed(make_article(), body="Other.")

    assert refusal(approve, change, make_user("bob", "Agent")) == "forbidden"


# Second person


def test_a_lead_approves_their_own_edit_of_an_ordinary_article():
    lead = make_lead()

    assert approve(proposed(make_article(), by=lead, body="Other."), lead).number == 2


@pytest.mark.parametrize("origin", ["SERVICE", "MODEL"])
def test_what_a_program_proposes_its_owner_does_not_approve(origin):
    lead = make_lead()
    change = proposed(make_article(), by=lead, origin=origin, body="Other.")

    assert refusal(approve, change, lead) == "second_person_required"
    assert approve(change, make_lead()).number == 2


@pytest.mark.parametrize("given", [{"body": "Other."}, {"is_policy": False}])
def test_a_policy_needs_a_second_person(given):
    lead = make_lead()
    change = proposed(make_article(is_policy=True), by=lead, **given)

    assert refusal(approve, change, lead) == "second_person_required"


def test_an_article_that_becomes_a_policy_needs_one_too():
    lead = make_lead()

    assert (
        refusal(approve, proposed(make_article(), by=lead, is_policy=True), lead) == "second_person_required"
    )


def test_who_edits_a_change_of_a_policy_is_not_its_second_person():
    change = proposed(make_article(is_policy=True), by=make_lead(), body="Other.")
    editor = make_lead()
    changes.edit(change, {"body": "Edited."}, by=editor, base_version=1, now=NOW)

    assert refusal(approve, change, editor) == "second_person_required"


# One change a difference


def test_the_same_difference_is_proposed_once():
    article = make_article()

    assert proposed(article, body="Other text.") == proposed(article, body="Other  text.\n")


def test_nothing_different_is_refused():
    article = make_article("refund", body="In 30 days.")

    assert refusal(proposed, article, body="In 30 days.\r\n") == "unchanged"


def test_only_what_differs_is_kept():
    article = make_article("refund", title="Refunds", body="In 30 days.")

    assert proposed(article, title="Refunds", body="In 60 days.").proposed == {"body": "In 60 days."}


# Withdraw, restore, dismiss


def test_a_withdrawn_article_is_not_drafted_from():
    article = make_article()
    approve(changes.propose(article, {}, kind="WITHDRAW", origin="PERSON", now=NOW), make_lead())

    assert not Article.objects.draftable(now=NOW).exists()
    assert reread(article).version == 2


def test_an_edit_does_not_publish_again_what_was_withdrawn_meanwhile():
    article = make_article()
    edit = proposed(article, body="Other.")
    approve(changes.propose(article, {}, kind="WITHDRAW", origin="PERSON", now=NOW), make_lead())

    assert refusal(approve, edit, make_lead()) == "version_changed"


def test_restoring_a_version_is_a_change_too():
    article = edit_article(make_article("refund", body="In 30 days."), body="In 60 days.")
    change = changes.roll_back(article, to=1, by=make_lead(), now=NOW)
    assert reread(article).body == "In 60 days."

    version = approve(change, make_lead())

    assert (version.number, version.body, change.kind) == (3, "In 30 days.", "ROLLBACK")


def test_rolling_back_the_first_version_withdraws_the_article():
    article = make_article()

    fresh = changes.undo(article.changes.get(), by=make_lead(), now=NOW, approved=True)

    assert (fresh.kind, reread(article).status) == ("WITHDRAW", "WITHDRAWN")


def test_only_an_approved_change_is_rolled_back():
    assert (
        refusal(changes.undo, proposed(make_article(), body="x"), by=make_lead(), now=NOW) == "not_approved"
    )


def test_dismissing_needs_a_reason():
    change = proposed(make_article(), body="x")

    assert refusal(changes.dismiss, change, by=make_lead(), reason=" ", now=NOW) == "reason_required"


def test_a_dismissed_slug_can_be_proposed_again():
    texts = {"slug": "a", "title": "A", "body": "B"}
    first = changes.propose(None, texts, kind="NEW", origin="PERSON", now=NOW)
    changes.dismiss(first, by=make_lead(), reason="No.", now=NOW)

    second = changes.propose(None, texts | {"body": "C"}, kind="NEW", origin="PERSON", now=NOW)

    assert second.article == first.article


def test_a_slug_of_another_article_is_taken():
    make_article("refund")
    texts = {"slug": "refund", "title": "A", "body": "B"}

    assert refusal(changes.propose, None, texts, kind="NEW", origin="PERSON", now=NOW) == "slug_taken"
