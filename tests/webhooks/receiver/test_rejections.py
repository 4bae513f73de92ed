"""What the receiver refuses: counted all, kept within bounds whoever posts, accepted once by a person."""

import json
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from unittest.mock import Mock

import pytest
from django.db import OperationalError, connection

from tests.factories import NOW, later, make_delivery, make_source, make_user, message_event, numbers, run_due
from webhooks.accounts import access
from webhooks.models import Alert, Delivery, Message, Rejection, RejectionCount, Source
from webhooks.receiver import rejections

pytestmark = pytest.mark.django_db
BODY = b'{"event": "conversation_updated", "id": 7}'


def refuse(source: Source, code: str = "signature_mismatch", **facts: Any) -> None:
    facts = {
        "detail": "why", "headers": {"X-Chatwoot-Signature": f"sha256={next(numbers)}", "User-Agent": "rest-client"},
        "key": f"refused-{next(numbers)}", "remote": "192.0.2.1", "body": BODY, "clock_difference_s": 420.0, "now": NOW,
    } | facts  # fmt: skip
    rejections.record(source.pk, code=code, **facts)


def stale(source: Source, **facts: Any) -> Rejection:
    refuse(source, rejections.STALE, **facts)
    return Rejection.objects.latest("pk")


def counted(source: Source) -> int:
    return sum(RejectionCount.objects.filter(source=source).values_list("count", flat=True))


def test_a_refused_request_is_kept_with_its_reason_and_clock_difference_and_without_its_body():
    refuse(make_source())

    row = Rejection.objects.get()
    assert (row.code, row.detail, row.clock_difference_s, row.remote) == (
        "signature_mismatch",
        "why",
        420.0,
        "192.0.2.1",
    )
    assert (row.body, row.body_size) == (None, len(BODY))


def test_each_reason_is_counted_a_day():
    source = make_source()

    refuse(source)
    refuse(source)
    refuse(source, "signature_missing")
    refuse(source, now=NOW + timedelta(days=1))

    counts = {(row.code, row.day): row.count for row in RejectionCount.objects.all()}
    assert counts == {
        ("signature_mismatch", NOW.date()): 2,
        ("signature_missing", NOW.date()): 1,
        ("signature_mismatch", later(86_400).date()): 1,
    }


def test_the_last_of_a_kind_are_kept(monkeypatch):
    monkeypatch.setattr(rejections, "MOST_ROWS", 3)
    source = make_source()

    for number in range(5):
        refuse(source, detail=str(number))

    assert list(Rejection.objects.order_by("pk").values_list("detail", flat=True)) == ["2", "3", "4"]


def test_other_kinds_and_other_sources_never_push_a_stale_one_out(monkeypatch):
    monkeypatch.setattr(rejections, "MOST_ROWS", 3)
    source = make_source()
    kept = stale(source)

    for _ in range(5):
        refuse(source)
        stale(make_source("other"))

    assert Rejection.objects.get(pk=kept.pk).body is not None


def test_a_flood_is_counted_and_not_written(monkeypatch):
    monkeypatch.setattr(rejections, "BURST", 10)
    monkeypatch.setattr(rejections, "REFILL_S", 0)
    source = make_source()

    for _ in range(25):
        refuse(source)
    refuse(source, rejections.STALE)  # the next that is written brings the counts along

    assert Rejection.objects.filter(code="signature_mismatch").count() == 10
    assert counted(source) == 26


def test_a_flood_costs_no_statement(monkeypatch, django_assert_num_queries):
    monkeypatch.setattr(rejections, "BURST", 1)
    monkeypatch.setattr(rejections, "REFILL_S", 0)
    source = make_source()
    refuse(source)

    with django_assert_num_queries(0):
        refuse(source)


def test_the_bucket_fills_again(monkeypatch):
    monkeypatch.setattr(rejections, "BURST", 1)
    monkeypatch.setattr(rejections, "REFILL_S", 1e6)
    source = make_source()

    refuse(source)
    refuse(source)

    assert Rejection.objects.count() == 2


def test_a_flood_at_one_source_hides_nothing_of_another(monkeypatch):
    monkeypatch.setattr(rejections, "BURST", 1)
    monkeypatch.setattr(rejections, "REFILL_S", 0)
    for _ in range(3):
        refuse(make_source())

    refuse(make_source("other"))

    assert Rejection.objects.filter(source__slug="other").exists()


def test_counts_survive_a_database_that_failed(monkeypatch):
    source = make_source()
    with monkeypatch.context() as failing, pytest.raises(OperationalError):
        failing.setattr(Rejection, "save", Mock(side_effect=OperationalError))
        refuse(source)

    refuse(source)

    assert counted(source) == 2


def test_what_no_column_holds_is_kept_all_the_same():
    refuse(
        make_source(), key="k" * 400, remote="r" * 100, headers={"User-Agent": "a\0b\ud800"}, detail="d" * 900
    )

    assert Rejection.objects.get().headers == {"User-Agent": "ab?"}


def test_of_a_stale_one_the_body_is_kept():
    row = stale(make_source())

    assert bytes(row.body) == BODY


def test_the_same_stale_request_posted_again_is_kept_once():
    source, headers = make_source(), {"X-Chatwoot-Signature": "sha256=same"}
    stale(source, headers=headers)
    stale(source, headers=headers, key="another delivery id")
    rejections._memory.stale_seen.clear()  # as another process does not know it

    stale(source, headers=headers)

    assert Rejection.objects.count() == 1
    assert counted(source) == 3


def test_bodies_of_a_source_have_a_limit_and_the_newest_stay(monkeypatch):
    monkeypatch.setattr(rejections, "MOST_BYTES", 2 * len(BODY))
    source = make_source()

    for _ in range(3):
        stale(source)

    assert [row.body is None for row in Rejection.objects.order_by("pk")] == [True, False, False]


def test_a_stale_one_opens_one_alert_that_says_how_many():
    source = make_source()

    stale(source)
    stale(source)

    assert (
        Alert.objects.get().text
        == "acme: 2 events with a timestamp 7 min off were stored: check both clocks."
    )


def test_an_accepted_body_becomes_a_delivery_received_when_it_was_refused():
    row = stale(make_source(), body=b'{"event": "x"}')

    rejections.accept(row, by=make_user("Olga", access.OPERATOR), now=later(3600))

    delivery = Delivery.objects.get(direction="IN")
    assert (delivery.received_at, delivery.origin, delivery.event) == (NOW, "webhook", "x")
    assert delivery.delivery_key == row.delivery_key


def test_an_accepted_event_is_processed():
    row = stale(make_source(), body=json.dumps(message_event(100)).encode())

    rejections.accept(row, by=make_user(), now=later(3600))
    run_due("in", now=later(3600))

    assert Message.objects.get().message_id == 100


def test_admitting_is_audited():
    by = make_user("Olga")
    row = stale(make_source())

    rejections.accept(row, by=by, now=later(3600))

    row.refresh_from_db()
    audit = row.delivery.audit.get()
    assert (audit.action, audit.by, row.accepted_by, row.accepted_at) == ("accept", by, by, later(3600))


def test_it_is_accepted_once():
    row = stale(make_source())
    rejections.accept(row, by=make_user(), now=NOW)

    with pytest.raises(rejections.CannotAccept, match="already"):
        rejections.accept(row, by=make_user(), now=NOW)

    assert Delivery.objects.filter(direction="IN").count() == 1


def test_what_has_no_body_is_not_accepted():
    source = make_source()
    refuse(source)

    with pytest.raises(rejections.CannotAccept, match="body"):
        rejections.accept(Rejection.objects.get(), by=make_user(), now=NOW)


def test_a_delivery_id_of_another_event_does_not_swallow_it():
    source = make_source()
    make_delivery(b'{"event": "other"}', source=source, key="taken")
    row = stale(source, key="taken")

    rejections.accept(row, by=make_user(), now=NOW)

    assert Delivery.objects.filter(event="conversation_updated").count() == 1


def test_an_event_that_arrived_after_all_is_not_doubled():
    source = make_source()
    known = make_delivery(BODY, source=source, key="taken")
    row = stale(source, key="taken")

    rejections.accept(row, by=make_user(), now=NOW)

    row.refresh_from_db()
    assert row.delivery == known


def test_the_alert_ends_with_the_last_one_accepted():
    source = make_source()
    first, second = stale(source), stale(source)

    rejections.accept(first, by=make_user(), now=NOW)
    assert Alert.objects.filter(closed_at=None).exists()
    rejections.accept(second, by=make_user(), now=NOW)

    assert not Alert.objects.filter(closed_at=None).exists()


def at_once(count: int, act: Callable[[int], None]) -> None:
    barrier = threading.Barrier(count)

    def run(number: int) -> None:
        barrier.wait()
        try:
            act(number)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_sixteen_at_once_are_all_counted():
    source = make_source()

    at_once(16, lambda number: [refuse(source, f"code_{number % 3}") for _ in range(5)])
    refuse(source)  # brings along what was only counted

    assert counted(source) == 81


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_the_same_stale_request_eight_times_at_once_is_kept_once():
    source = make_source()

    at_once(
        8, lambda number: refuse(source, rejections.STALE, headers={"X-Chatwoot-Signature": "sha256=same"})
    )

    assert Rejection.objects.count() == 1
    assert Alert.objects.count() == 1


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_two_people_who_admit_it_at_once_make_one_delivery():
    row, people, refused = stale(make_source()), [make_user(), make_user()], []

    def accept(number: int) -> None:
        try:
            rejections.accept(row, by=people[number], now=NOW)
        except rejections.CannotAccept as error:
            refused.append(error)

    at_once(2, accept)

    assert len(refused) == 1
    assert Delivery.objects.filter(direction="IN").count() == 1
