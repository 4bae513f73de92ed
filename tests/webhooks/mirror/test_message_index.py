"""Words of messages and of contacts are found as soon as they are stored, in any script, and gone as soon as they are erased."""

import pytest
from django.db import connection
from django.db.models import Q

from tests.factories import deliver, later, message_event
from tests.webhooks.privacy.erasing import NAMES, erase, fill
from webhooks.mirror import message_index
from webhooks.mirror.message_index import Query
from webhooks.models import Contact, Message

pytestmark = pytest.mark.django_db
WORDS = "Grüße aus Zürich: Bestellung A-4711/88 fehlt, naïve Łódź café; 请问我的退款什么时候到账 領収書をください Где мой заказ"


def found(typed: str) -> list[int]:
    return [row.message_id for row in message_index.messages(Query.of(typed), seen=Q(), most=10)]


def people(typed: str) -> list[str]:
    return [row.name for row in message_index.contacts(Query.of(typed), seen=Q())]


@pytest.fixture
def written(seeded) -> None:
    deliver(message_event(100, content=WORDS))
    deliver(message_event(101, content="Something else entirely", at=later(5)))


@pytest.mark.parametrize("typed", [
    "bestellung", "BESTELLUNG fehlt", "bestell", "zurich", "Zürich", "naive cafe", "4711", "A-4711/88", "a-4711", "退款",
    "我的退款", "領収書", "заказ", "ЗАКАЗ", "где мой", "łódź",
])  # fmt: skip
def test_words_are_found_in_any_case_accent_and_script(written, typed):
    assert found(typed) == [100]


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "  ",
        "!!!",
        "'",
        '"',
        "*",
        "bestellung absent",
        "款退",
        "' OR 1=1 --",
        'a" OR "b',
        "\0",
        ":*",
        "NEAR(",
    ],
)
def test_what_is_not_there_is_not_found_whatever_signs_are_typed(written, typed):
    assert found(typed) == []


def test_the_newest_comes_first(written):
    deliver(message_event(102, content="The Bestellung again", at=later(9)))

    assert found("bestellung") == [102, 100]


def test_a_message_is_found_by_its_new_words_and_no_longer_by_the_old(written):
    Message.objects.filter(message_id=100).update(content="Now about an umbrella")

    assert (found("bestellung"), found("umbrella")) == ([], [100])


def test_a_deleted_row_is_found_no_more(written):
    Message.objects.filter(message_id=100).delete()

    assert found("bestellung") == []


def test_a_very_long_message_is_stored(seeded):
    deliver(message_event(100, content="needle " + " ".join(f"{number:x}字" for number in range(30_000))))

    assert found("needle") == [100]


@pytest.mark.parametrize(
    "typed",
    [
        "ada",
        "Park",
        "ada@example",
        "ada@example.com",
        "0170 1234567",
        "+49 170 1234567",
        "1234567",
        "(0170) 123-4567",
    ],
)
def test_a_customer_is_found_by_name_address_and_the_end_of_a_number(seeded, typed):
    fill()

    assert people(typed) == ["Ada Park"]


def test_nothing_of_an_erased_person_is_found(seeded):
    fill()
    assert found("red sofa")

    erase()

    assert [found(words) for words in ("sofa", "secret order", *NAMES)] == [[]] * (2 + len(NAMES))
    assert [people(words) for words in NAMES] == [[]] * len(NAMES)


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL has no tables of an index")
def test_no_table_of_the_index_has_an_erased_word(seeded):
    """FTS5 keeps words of deleted rows until it merges."""
    fill()
    assert b"sofa" in index_bytes()

    erase()

    assert b"sofa" not in index_bytes()


def index_bytes() -> bytes:
    with connection.cursor() as cursor:
        cursor.execute("SELECT block FROM webhooks_message_words_data")
        return b"".join(bytes(row[0]) for row in cursor.fetchall())


def test_rows_that_were_there_before_are_indexed_in_batches(written, monkeypatch):
    if connection.vendor != "sqlite":
        pytest.skip("an index of PostgreSQL is not built within a test's transaction")
    monkeypatch.setattr(message_index, "BATCH", 1)
    message_index.remove()
    assert Message.objects.count() == 2

    message_index.install()

    assert (found("bestellung"), found("entirely")) == ([100], [101])
    Message.objects.filter(message_id=101).update(content="Changed")
    assert found("entirely") == []
    with connection.cursor() as cursor:  # raises where the index and the messages differ
        cursor.execute(
            "INSERT INTO webhooks_message_words(webhooks_message_words, rank) VALUES ('integrity-check', 1)"
        )


def test_an_index_of_contacts_knows_a_new_name_at_once(seeded):
    fill()
    Contact.objects.update(name="Grace Hopper")

    assert (people("hopper"), people("ada park")) == (["Grace Hopper"], [])
