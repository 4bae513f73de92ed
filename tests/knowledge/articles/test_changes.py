"""Changes of articles: nothing is live without a person, nobody overwrites what they have not seen."""

import threading

import pytest
from django.db import IntegrityError, connection, transaction

from knowledge.articles import changes, fields
from knowledge.models import Article, ArticleVersion, Change
from tests.factories import NOW, edit_article, make_article, make_inbox, make_lead, make_user

pytestmark = pytest.mark.django_db


def proposed(article: Article, *, by=None, origin: str = "PERSON", **given) -> Change:
    return changes.propose(article, given, kind="EDIT", origin=origin, by=by, now=NOW)


def refusal(verb, *subject, **arguments) -> str:
    with pytest.raises(changes.Refused) as refused:
        verb(*subject, **arguments)
    return refused.value.code


def approve(change: Change, by, base: int | None = None) -> ArticleVersion:
    return changes.approve(change, by=by, base_version=change.base_version if base is None else base, now=NOW)


def reread(article: Article) -> Article:
    return Article.objects.get(pk=article.pk)


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


# Lost updates


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


# Validity and inboxes


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


# Fields

WRONG = {
    "title": ["", " ", "x" * 201, 5, None, "a\0b"], "body": ["", None, ["x"], "x" * 100_001], "question": ["x" * 301, 1],
    "language": ["xx", "", None, "English"], "review_by": ["tomorrow", "2026-13-01", "20261130", 5],
    "owner": ["nobody-of-that-name", 7], "inboxes": ["2", [0], [True], [2**63], [999]], "is_policy": ["yes", None, 1],
    "group": ["a b", 5], "slug": ["", "a b", "é", None],
}  # fmt: skip


@pytest.mark.parametrize(
    ("name", "value"), [(name, value) for name, values in WRONG.items() for value in values]
)
def test_a_wrong_value_is_named(name, value):
    with pytest.raises(fields.Invalid) as invalid:
        fields.cleaned({name: value})

    assert list(invalid.value.problems) == [name]
