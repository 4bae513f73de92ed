"""What a machine wrote without a source, or in the wrong language, is flagged; a person's own words are not."""

import pytest

from knowledge.models import Article, Draft
from knowledge.replies import decisions, guards, proposals
from knowledge.risk import support
from knowledge.text import frames
from tests.factories import (
    NOW,
    edit_article,
    later,
    make_draft,
    make_inbox,
    make_lead,
    make_user,
    make_waiting,
)
from tests.knowledge.risk.language_cases import RIGHT, WRONG

pytestmark = pytest.mark.django_db
REFUND = [{"article": "refund", "version": 1, "title": "Refunds", "score": 0.9}]
WITHIN_90 = "We refund within 90 days and pay 50 on top."


def flags(draft: Draft) -> dict[str, str]:
    return {flag["rule"]: flag["reason"] for flag in draft.risk}


def by_agent(text: str, *, evidence=REFUND, kind=Draft.AuthorKind.SERVICE) -> Draft:
    return make_draft(
        make_waiting(text="Can I get a refund for order 4711?"), text=text, evidence=evidence, kind=kind
    )


@pytest.mark.parametrize("kind", [Draft.AuthorKind.SERVICE, Draft.AuthorKind.DRAFTER])
def test_facts_that_the_cited_article_does_not_say_are_named(seeded, kind):
    assert flags(by_agent(WITHIN_90, kind=kind))["Support check"] == "unsupported: 90 days, 50"


def test_what_the_article_or_the_customer_says_is_not_flagged(seeded):
    assert "Support check" not in flags(by_agent("Order 4711 can be returned within 30 days."))


def test_a_persons_own_text_is_not_checked(seeded):
    assert "Support check" not in flags(by_agent(WITHIN_90, kind=Draft.AuthorKind.PERSON))


def test_the_cited_version_counts_not_the_newest(seeded):
    edit_article(Article.objects.get(slug="refund"), body="You can return anything within 90 days.")

    assert flags(by_agent("Return it within 90 days."))["Support check"] == "unsupported: 90 days"


def test_a_draft_that_cites_nothing_has_no_source_but_the_conversation(seeded):
    assert (
        "30 days"
        in flags(by_agent("Order 4711 can be returned within 30 days.", evidence=[]))["Support check"]
    )


def test_a_flagged_machine_draft_is_not_approved_by_an_agent(seeded):
    inbox = make_inbox(agents_may_approve=True)
    agent = make_user("ann", "Agent", inboxes=[inbox])

    assert not guards.may_approve(by_agent(WITHIN_90), agent)


def test_taking_the_fact_out_takes_the_flag_away_and_adding_ones_own_raises_none(seeded):
    draft, lead = by_agent(WITHIN_90), make_lead()

    proposals.edit(draft, text="We refund it. We add 20 EUR.", by=lead, revision=1, now=NOW)
    assert "Support check" not in flags(draft)

    proposals.edit(draft, text="We pay 50 on top.", by=lead, revision=2, now=NOW)
    assert flags(draft)["Support check"] == "unsupported: 50"


def test_a_text_that_is_carried_over_stays_flagged(seeded):
    draft = by_agent(WITHIN_90)
    Draft.objects.filter(pk=draft.pk).update(status="STALE")
    draft.message_digests = {str(draft.in_reply_to.message_id): "changed"}
    draft.save(update_fields=["message_digests"])
    draft.refresh_from_db()

    fresh = decisions.carry_over(draft, by=make_lead(), now=later(10))

    assert "Support check" in flags(fresh)


def test_there_are_sixty_pairs_of_each_kind():
    assert (len(WRONG) >= 60, len(RIGHT) >= 60) == (True, True)


@pytest.mark.parametrize(("one", "other", "customer", "reply"), WRONG)
def test_a_reply_in_another_language_is_flagged_whatever_its_frame(one, other, customer, reply):
    framed = frames.framed(reply, language=one, name="Ada")

    assert support.other_language(framed, customer).startswith("The reply is in ")


@pytest.mark.parametrize(("one", "other", "customer", "reply"), RIGHT)
def test_a_reply_in_the_customers_language_is_not(one, other, customer, reply):
    assert support.other_language(frames.framed(reply, language=one, name="Ada"), customer) == ""


@pytest.mark.parametrize("text", ["4711", "Ok!", "👍", ""])
def test_a_text_too_short_to_show_a_language_raises_no_flag(text):
    assert support.other_language("Sie können jederzeit ein neues Passwort setzen.", text) == ""
    assert support.other_language(text, "Where is my order? The delivery is late") == ""


def test_the_language_flag_stands_on_the_draft(seeded):
    draft = by_agent("Sie können alles zurückgeben. Bitte nennen Sie uns Ihre Bestellnummer.")

    assert flags(draft)["Another language"] == "The reply is in German; the customer writes English."
