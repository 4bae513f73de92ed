"""Nobody approves words of their own as a machine's, whichever way they took; and nobody approves nothing."""

import pytest

from knowledge.drafting import redrafting
from knowledge.models import Article, Draft, RiskRule
from knowledge.replies import decisions
from tests.factories import (
    GRADES,
    NOW,
    make_article,
    make_client,
    make_draft,
    make_lead,
    make_user,
    make_waiting,
    run_due,
)
from tests.knowledge.replies.deciding import approve, flagged, refusal

pytestmark = pytest.mark.django_db


@pytest.fixture
def bob(seeded):
    RiskRule.objects.all().delete()
    Article.objects.update(status="WITHDRAWN")
    for slug, word in (("reset", "password"), ("invoices", "invoice"), ("lost", "phone")):
        make_article(slug, title=f"{word} help", question=f"My {word}?", body=f"About the {word}.")
    make_waiting()
    type(make_draft().conversation.inbox).objects.update(agents_may_approve=True)
    return make_user("bob", "Agent")


def redrafted(by, instructions: str, draft: Draft | None = None) -> Draft:
    redrafting.ask(draft or Draft.objects.latest("pk"), instructions=instructions, by=by, now=NOW)
    run_due("slow", now=NOW)
    fresh = Draft.objects.latest("pk")
    Draft.objects.filter(pk=fresh.pk).update(risk=[])
    return Draft.objects.get(pk=fresh.pk)


def approved_by(user, draft: Draft) -> str:
    return refusal(decisions.approve, draft, by=user, revision=draft.revision, grades=GRADES)


def test_an_agent_does_not_approve_a_draft_that_they_dictated(bob):
    draft = redrafted(bob, "use the one about the invoice")

    assert "About the invoice." in draft.body
    assert approved_by(bob, draft) == "forbidden"


def test_a_draft_without_instructions_of_anybody_is_a_machines(bob):
    assert approve(redrafted(bob, ""), by=bob).status == "APPROVED"


def test_a_draft_that_goes_on_from_dictated_words_is_no_machines_either(bob):
    draft = redrafted(bob, "", redrafted(bob, "use the one about the invoice"))

    assert approved_by(bob, draft) == "forbidden"


def test_whoever_dictated_a_flagged_draft_is_not_its_second_person(bob):
    lead = make_lead()
    draft = approve(flagged(redrafted(lead, "use the one about the invoice")))

    assert approved_by(lead, draft) == "second_person_required"


def chosen(by, slug: str) -> Draft:
    """Drafted again from the article that this person chose."""
    redrafting.ask(Draft.objects.latest("pk"), article=slug, by=by, now=NOW)
    run_due("slow", now=NOW)
    return Draft.objects.latest("pk")


def test_an_agent_does_not_approve_a_draft_from_the_article_that_they_chose(bob):
    """No confidence was stated for it, so no rule says how little it fits."""
    draft = chosen(bob, "invoices")

    assert "About the invoice." in draft.body
    assert approved_by(bob, draft) == "forbidden"


def test_another_agent_does_not_either(bob):
    draft = chosen(make_user("carla", "Agent"), "invoices")

    assert approved_by(bob, draft) == "forbidden"


def test_whoever_chose_the_article_of_a_flagged_draft_is_not_its_second_person(bob):
    lead = make_lead()
    draft = approve(flagged(chosen(lead, "invoices")))

    assert approved_by(lead, draft) == "second_person_required"


def proposed_by_a_program_of(user) -> Draft:
    client = make_client(user, service=True)
    answer = client.post("/api/v1/drafts/", {"conversation_id": 7, "body": "My own words."}, format="json")
    assert answer.status_code == 201, answer.content
    return Draft.objects.get(pk=answer.json()["id"])


def test_an_agent_does_not_approve_what_a_program_of_theirs_proposed(bob):
    draft = proposed_by_a_program_of(bob)

    assert approved_by(bob, draft) == "forbidden"


def test_another_agent_may_approve_what_a_program_proposed(bob):
    draft = proposed_by_a_program_of(make_user("carla", "Agent"))
    Draft.objects.filter(pk=draft.pk).update(risk=[])

    assert approve(Draft.objects.get(pk=draft.pk), by=bob).status == "APPROVED"


def test_the_owner_of_a_token_is_not_the_second_person_of_what_it_proposed(bob):
    lead = make_lead()
    draft = approve(flagged(proposed_by_a_program_of(lead)))

    assert approved_by(lead, draft) == "second_person_required"


def test_a_text_changed_at_an_approval_makes_its_writer_an_author(bob):
    lead = make_lead()
    draft = flagged(Draft.objects.latest("pk"))

    approve(draft, by=lead, text="Other words.")

    assert draft.changed_by == [lead.pk]


@pytest.mark.parametrize("text", ["\u200b", "\u2060\ufeff", "&#8203;", "\u3164", "[](https://evil.example)"])
def test_what_nobody_sees_is_neither_proposed_nor_written_nor_approved(text):
    draft, lead = make_draft(), make_lead()

    assert refusal(decisions.propose, draft.in_reply_to, text=text, author="x", kind="service") == "empty"
    assert refusal(decisions.edit, draft, text=text, by=lead, revision=1) == "empty"
    assert refusal(decisions.approve, draft, text=text, by=lead, revision=1, grades=GRADES) == "empty"


def test_a_body_that_became_invisible_is_not_approved():
    draft = make_draft()
    Draft.objects.update(body="\u200b\u200b")

    assert approved_by(make_lead(), Draft.objects.get(pk=draft.pk)) == "empty"
