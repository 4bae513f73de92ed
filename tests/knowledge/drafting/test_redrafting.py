"""Draft again, with instructions: another article, the old draft until the new one comes, and an answer where none comes."""

import pytest

from knowledge.drafting import redrafting
from knowledge.models import Article, Draft
from tests.factories import (
    NOW,
    deliver,
    later,
    make_approved,
    make_article,
    make_draft,
    make_lead,
    make_waiting,
    message_event,
    run_due,
)
from tests.knowledge.admin.pressing import at, page_of, press, reread, seen, signed_in
from tests.knowledge.replies.deciding import refusal
from webhooks.models import Delivery

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def articles(seeded):
    """Two that could answer; nothing else is approved."""
    Article.objects.update(status="WITHDRAWN")
    make_article(
        "reset", title="Reset a password", question="How do I reset my password?", body="Choose Forgot."
    )
    make_article("invoices", title="Invoices", question="Where is my invoice?", body="They come by e-mail.")
    make_article("lost", title="Password and phone lost", question="Password lost?", body="Call us.")


def cited(slug: str) -> Draft:
    return make_draft(make_waiting(), evidence=[{"article": slug, "version": 1, "title": slug, "score": 0.9}])


def again(draft: Draft, instructions: str = "") -> Draft:
    redrafting.ask(draft, instructions=instructions, by=make_lead(), now=NOW)
    run_due("slow", now=NOW)
    return Draft.objects.latest("pk")


def test_the_article_that_did_not_do_is_not_used_again():
    fresh = again(cited("reset"))

    assert fresh.evidence[0]["article"] == "lost"


def test_instructions_choose_another_article():
    fresh = again(cited("reset"), "use the one about the invoice")

    assert "They come by e-mail." in fresh.body


def test_the_instructions_are_kept_as_evidence():
    fresh = again(cited("reset"), "use the one about the invoice")

    assert fresh.evidence[-1]["why"] == "use the one about the invoice"


def test_the_old_draft_goes_when_the_new_one_comes():
    old = cited("reset")

    again(old)

    assert reread(old).status == "WITHDRAWN"


def test_the_old_ones_page_leads_to_the_new_one_and_says_in_german_what_became_of_it():
    old, lead = cited("reset"), make_lead()
    fresh = again(old)

    german = {"accept-language": "de"}
    state = signed_in(lead).get(at(old, "state"), {"status": "PROPOSED", "revision": "1"}, headers=german)
    page = signed_in(lead).get(page_of(old), headers=german).content.decode()

    assert page_of(fresh) in state.content.decode()
    assert "Vom Verfasser ersetzt." in page


def test_a_persons_draft_goes_too():
    old = make_draft(make_waiting(), author="maria", kind=Draft.AuthorKind.PERSON)

    again(old)

    assert reread(old).status == "WITHDRAWN"


def test_the_old_draft_stays_while_the_new_one_is_made():
    old, client = cited("reset"), signed_in(make_lead())

    press(client, old, "redraft", instructions="shorter")

    assert reread(old).status == "PROPOSED"
    assert redrafting.is_under_way(old, now=later(0, old.events.latest("pk").at))


def test_asking_twice_asks_once():
    old, lead = cited("reset"), make_lead()

    for _ in range(2):
        redrafting.ask(old, instructions="", by=lead, now=NOW)

    assert Delivery.objects.filter(event="draft.request", delivery_key__contains=f":{old.pk}:").count() == 1


def test_where_nothing_else_fits_the_old_draft_stays_and_its_page_says_why():
    Article.objects.exclude(slug="reset").update(status="WITHDRAWN")
    old = cited("reset")

    again(old)

    assert reread(old).status == "PROPOSED"
    assert "no other approved article fits" in seen(signed_in(make_lead()), old)


def test_after_a_failure_it_can_be_asked_again():
    Article.objects.exclude(slug="reset").update(status="WITHDRAWN")
    old = cited("reset")
    again(old)
    Article.objects.filter(slug__in=["lost", "invoices"]).update(status="LIVE")

    assert again(old).evidence[0]["article"] == "lost"


def test_a_stale_draft_is_drafted_again_for_the_newest_message():
    old = cited("reset")
    deliver(message_event(101, content="And my password is lost", at=later(60)))

    fresh = again(reread(old))

    assert fresh.in_reply_to.message_id == 101


def test_what_was_approved_is_not_drafted_again():
    assert (
        refusal(redrafting.ask, make_approved(cited("reset")), instructions="", by=make_lead())
        == "already_decided"
    )


def test_a_person_may_choose_the_article_that_answers():
    old = cited("reset")
    redrafting.ask(old, article="invoices", by=make_lead(), now=NOW)
    run_due("slow", now=NOW)

    fresh = Draft.objects.latest("pk")
    assert ("They come by e-mail." in fresh.body, fresh.evidence[0]["article"]) == (True, "invoices")


def test_without_a_model_the_page_offers_articles_and_no_box_for_instructions(settings):
    settings.DRAFTER_URL = ""
    pieces = [
        {"article": slug, "version": 1, "score": score} for slug, score in (("reset", 2.1), ("lost", 1.2))
    ]
    page = seen(signed_in(make_lead()), make_draft(make_waiting(), evidence=pieces))

    assert ('name="instructions"' in page, 'name="article"' in page) == (False, True)
    assert page.index('value="lost"') < page.index(
        'value="invoices"'
    )  # what the drafter found, too, comes first
    assert 'value="reset"' not in page


def test_with_a_model_it_takes_instructions(settings):
    settings.DRAFTER_URL, settings.DRAFTER_MODEL = "https://models.test/v1", "small-1"
    page = seen(signed_in(make_lead()), cited("reset"))

    assert ('name="instructions"' in page, 'name="article"' in page) == (True, False)


def test_an_article_that_was_withdrawn_meanwhile_is_refused():
    old, client = cited("reset"), signed_in(make_lead())
    Article.objects.filter(slug="lost").update(status="WITHDRAWN")

    answer = press(client, old, "redraft", article="lost")

    assert answer.status_code == 409
    assert "no longer live" in answer.content.decode()
