"""Contradicting articles are found, and what only looks alike is left alone."""

import time

import pytest

from knowledge.articles import contradictions, seeds
from knowledge.articles.contradictions import Text

CONTRADICT = [
    ("en", "Refunds", "We refund your money within 14 days.", "Return policy", "We refund your money within 30 days."),
    ("en", "Refunds", "Refunds take five working days.", "Paying", "A refund takes 10 working days."),
    ("en", "Delivery", "Standard delivery takes 2 to 3 days.", "Ordering", "Standard delivery takes five to seven days."),
    ("en", "Delivery", "Express shipping costs €9.90.", "Fees", "Express shipping costs 12.90 EUR."),
    ("en", "Students", "Students get a discount of 20 %.", "Prices", "Students get a discount of 15 percent."),
    ("en", "Sign in", "The reset link is valid for 30 minutes.", "Security", "The reset link is valid for 24 hours."),
    ("en", "Guarantee", "Our guarantee covers batteries for two years.",
     "Batteries", "Our guarantee covers batteries for 12 months."),
    ("de", "Erstattung", "Die Erstattung dauert fünf Werktage.", "Bezahlen", "Die Erstattung dauert 10 Werktage."),
    ("de", "Versand", "Der Expressversand kostet 9,90 €.", "Preise", "Der Expressversand kostet 12,90 Euro."),
    ("en", "Contact", "Our team answers from Monday to Friday.", "Support", "Our team answers on Saturday and Sunday."),
    ("en", "Contact", "Our team answers the phone until 5 pm.", "Phone", "Our team answers the phone until 18:00."),
    ("en", "Hours", "The shop is open from 9:00 to 17:00.", "Visit us", "The shop is open from 10:00 to 18:00."),
    ("en", "Hours", "Our office is closed on 24 December.", "Holidays", "Our office is closed on 27 December."),
    ("en", "Contact", "Call our support team at +49 30 1234567.", "Phone", "Call our support team at +49 30 7654321."),
    ("en", "Contact", "Write to our returns team: returns@acme.example.",
     "Returns", "Write to our returns team: rma@acme.example."),
    ("en", "Returns", "Start the return at https://acme.example/returns.",
     "Refunds", "Start the return at https://acme.example/rma."),
    ("en", "Offer", "The summer discount ends on 31 August.", "Prices", "The summer discount ends on 15 September."),
    ("en", "Returns", "Send returns to Hauptstraße 12, 10115 Berlin.",
     "Address", "Send returns to Hauptstraße 21, 10115 Berlin."),
    ("en", "Hours", "The shop is open from Monday to Friday.", "Visit", "The shop is open from Monday to Saturday."),
    ("en", "Hours", "Our counter is open from 9:00 to 17:00.", "Visit", "Our counter is open from 10 am to 5 pm."),
    ("de", "Zeiten", "Das Geschäft ist montags bis freitags geöffnet.", "Besuch", "Das Geschäft ist samstags geöffnet."),
    ("de", "Kontakt", "Unser Kundendienst antwortet bis 17 Uhr.", "Telefon", "Unser Kundendienst antwortet bis 20 Uhr."),
    ("es", "Contacto", "Nuestro equipo atiende hasta las 17:00.", "Teléfono", "Nuestro equipo atiende hasta las 20:00."),
    ("en", "Refund times", "We refund your money within 14 days.", "Refund policy", "We refund your money within 30 days."),
]  # fmt: skip
AGREE = [
    ("the same value", "en", "Refunds", "We refund your money within 14 days.",
     "Returns", "We refund your money within two weeks."),
    ("a range with it", "en", "Refunds", "Refunds take 3 to 5 days.", "Returns", "Refunds take 5 days."),
    ("another service", "en", "Delivery", "Standard delivery takes 3 days.", "Fast", "Express delivery takes 1 day."),
    ("another subject", "en", "Refunds", "A refund takes 5 days.", "Delivery", "A delivery takes 2 days."),
    ("another condition", "en", "Fees", "Orders under 50 EUR cost 5 EUR to ship.",
     "Free", "Orders over 50 EUR cost nothing to ship."),
    ("another consequence", "en", "Lock", "After 30 days your account is locked.",
     "Delete", "After 90 days your account is deleted."),
    ("another kind of value", "en", "Students", "Students get 20 % off.", "Trial", "Students get 20 days free."),
    ("another country", "en", "Shipping to Norway", "Standard shipping takes 7 days.",
     "Shipping to France", "Standard shipping takes 3 days."),
    ("another plan", "en", "Basic plan", "The subscription costs 5 EUR a month.",
     "Premium plan", "The subscription costs 9 EUR a month."),
    ("another language", "xx", "Refunds", "We refund your money within 14 days.",
     "Returns", "We refund your money within 30 days."),
    ("hours and days", "en", "Answers", "We answer emails within 24 hours.", "Contact", "We answer emails within one day."),
    ("no number", "en", "Refunds", "We refund your money soon.", "Returns", "We refund your money within 30 days."),
    ("one shared word", "en", "Phone", "Call us for 10 minutes.", "Chat", "Chat with us for 20 minutes."),
    ("another step", "en", "Returns", "Send the parcel back within 30 days.", "Lost", "Report a lost parcel within 7 days."),
    ("the same hours", "en", "Hours", "The shop is open from 9 am to 5 pm.", "Visit", "The shop is open from 9:00 to 17:00."),
    ("the same day", "en", "Hours", "Our office is closed on 24 December.", "Days", "Our office is closed on December 24."),
    ("the same number", "en", "Contact", "Call our support team at +49 30 1234567.",
     "Phone", "Call our support team at 030 1234567."),
    ("the same page", "en", "Returns", "Start the return at https://acme.example/returns.",
     "Refunds", "Start the return at www.acme.example/returns/."),
    ("a page of the same site", "en", "Returns", "Start the return at https://acme.example/returns.",
     "Refunds", "Start the return at acme.example."),
    ("another department", "en", "Contact", "Call our sales team at +49 30 1234567.",
     "Phone", "Call our support team at +49 30 7654321."),
    ("another city", "en", "Berlin", "The shop in Berlin is open from 9:00 to 17:00.",
     "Hamburg", "The shop in Hamburg is open from 10:00 to 18:00."),
    ("another holiday", "en", "Hours", "Our office is closed on 24 December and 1 January.",
     "Days", "Our office is closed on 24 December."),
    ("another step number", "en", "Set up", "Open the app and choose menu entry 3.",
     "Use", "Open the app and choose menu entry 5."),
    ("two channels", "en", "Mail", "Write to us at help@acme.example for questions.",
     "Press", "Write to us at press@acme.example for interviews."),
    ("a link and an address", "en", "Returns", "Start the return at https://acme.example/returns.",
     "Mail", "Start the return by writing to returns@acme.example."),
    ("the month alone", "en", "Offer", "The summer discount ends on 31 August.", "Prices", "The summer discount ends in August."),
    ("two opening times", "en", "Summer hours", "The shop is open from 9:00 to 17:00.",
     "Winter hours", "The shop is open from 10:00 to 16:00."),
    ("andere Sache", "de", "Rückgabe", "Die Rückgabe ist 30 Tage möglich.", "Umtausch", "Der Umtausch ist 14 Tage möglich."),
]  # fmt: skip


def pair(language: str, title: str, body: str, other_title: str, other_body: str) -> list[Text]:
    return [
        Text(1, language, title, body),
        Text(2, "en" if language == "xx" else language, other_title, other_body),
    ]


@pytest.mark.parametrize("case", CONTRADICT, ids=lambda case: case[2][:40])
def test_one_fact_with_two_numbers_is_found(case):
    [found] = contradictions.found(pair(*case))

    assert (found.sentence, found.other_sentence) == (case[2], case[4])


@pytest.mark.parametrize("case", AGREE, ids=lambda case: case[0])
def test_what_only_looks_alike_is_left_alone(case):
    assert contradictions.found(pair(*case[1:])) == []


def test_the_order_of_the_articles_does_not_matter():
    one, other = pair(*CONTRADICT[0])

    assert contradictions.found([one, other]) == contradictions.found([other, one])


def test_articles_of_different_inboxes_may_differ():
    _, *case = CONTRADICT[0]
    title, body, other_title, other_body = case
    one, other = (
        Text(1, "en", title, body, frozenset({1})),
        Text(2, "en", other_title, other_body, frozenset({2})),
    )

    assert contradictions.found([one, other]) == []
    assert contradictions.found([one, Text(2, "en", other_title, other_body)])


def test_the_sample_articles_do_not_contradict_each_other():
    texts = [Text(key, row["language"], row["title"], row["body"]) for key, row in enumerate(seeds.ARTICLES)]

    assert contradictions.found(texts) == []


def test_a_phrase_that_many_articles_have_costs_no_time(capsys):
    body = "Our team answers within {} hours. Payment {} takes {} days. Call us on workdays."
    texts = [
        Text(key, "en", f"Topic {key}", body.format(key % 7 + 1, "abcdefghij"[key % 10] * 4, key % 5 + 1))
        for key in range(2000)
    ]
    began = time.process_time()

    contradictions.found(texts)

    took = time.process_time() - began
    with capsys.disabled():
        print(f"\n2,000 articles: {took:.1f} s of CPU")
    assert took < 30
