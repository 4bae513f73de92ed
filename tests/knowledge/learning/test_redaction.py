"""What names a customer does not leave by the API; what an answer says does."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.text.redaction import redacted

MASKED = {
    "an e-mail address": ("Write to ada.park+x@mail.example.co.uk.", "Write to [email]."),
    "an address in a link": ("https://a.test/?u=ada@b.test&x=1", "https://a.test/?u=[email]&x=1"),
    "a number with its country": ("Call +49 170 123 45-67 now", "Call [phone] now"),
    "a number by 00": ("0049 (0)170/1234567", "[phone]"),
    "a number of a town": ("(030) 123456", "[phone]"),
    "a number in dashes": ("555-123-4567", "[phone]"),
    "ten digits in a row": ("5551234567", "[phone]"),
    "digits of another script": ("+٤٩ ١٧٠ ١٢٣ ٤٥٦٧", "[phone]"),
    "a card": ("4111 1111 1111 1111", "[card]"),
    "a card in dashes": ("4111-1111-1111-1111", "[card]"),
    "an account": ("DE89 3704 0044 0532 0130 00", "[account]"),
    "the name": ("I am Ada Park.", "I am [name]."),
    "a part of the name": ("ADA here, the Parks too", "[name] here, the [name] too"),
    "the name's": ("Ada's order", "[name] order"),
    "the name within other signs": ("ada_park", "[name]"),
}
KEPT = {
    "a date": "2026-11-23, 10:00-12:00",
    "a price": "1,234,567.89 € or 12.50 €",
    "an order": "order 4711-223",
    "nine digits": "invoice 123456789",
    "a longer word": "adapter, parking",
    "a version": "version 1.2.3.4",
}


@pytest.mark.parametrize("case", MASKED)
def test_what_names_a_customer_is_taken_out(case):
    text, expected = MASKED[case]

    assert redacted(text, names=["Ada Park"]) == expected


@pytest.mark.parametrize("case", KEPT)
def test_what_an_answer_says_stays(case):
    assert redacted(KEPT[case], names=["Ada Park"]) == KEPT[case]


NAMES = {
    "accents left out": ("Jose wrote", "José Díaz", "[name] wrote"),
    "accents put together otherwise": ("José wrote", "José Díaz", "[name] wrote"),
    "a particle is a word": ("Der Preis von Berg", "Jan von der Berg", "Der Preis von [name]"),
    "no spaces between words": ("田中さんへ", "田中 太郎", "[name]さんへ"),
    "signs of patterns": ("I am A.(b)* now", "A.(b)*", "I am [name])* now"),
    "an initial": ("a reply", "A Park", "a reply"),
    "no name": ("a reply", "", "a reply"),
    "a number as name": ("order 30", "30", "order 30"),
}


@pytest.mark.parametrize("case", NAMES)
def test_names_are_found_as_people_write_them(case):
    text, name, expected = NAMES[case]

    assert redacted(text, names=[name]) == expected


@given(st.text(max_size=100) | st.from_regex(r"[a-z0-9 @.+()/-]{0,80}", fullmatch=True), st.text(max_size=20))
def test_masking_twice_changes_nothing_more(text, name):
    once = redacted(text, names=[name])

    assert redacted(once, names=[name]) == once
