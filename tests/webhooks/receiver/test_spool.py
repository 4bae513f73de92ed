"""The database is away: what arrives is on disk before it is answered, and in the table when the database is back."""

import json
import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import DataError, OperationalError
from django.test import Client
from django.utils import timezone

from tests.factories import make_source, message_event, signed
from webhooks import deliveries
from webhooks.database import outage
from webhooks.models import Alert, Delivery, Rejection
from webhooks.receiver import source_cache, spool, spool_import

pytestmark = pytest.mark.django_db
PATH = "/webhooks/chatwoot/acme/"


@pytest.fixture(autouse=True)
def source():
    return make_source()


@pytest.fixture
def away(monkeypatch) -> Callable[[], None]:
    """The database answers nothing, to receivers who know their sources already. Call it to bring it back."""
    source_cache.find("acme")
    monkeypatch.setattr(outage, "ask", _no_answer)

    def back() -> None:
        monkeypatch.undo()
        source_cache.forget()

    return back


def _no_answer(work: Callable[[], Any], **how: Any) -> Any:
    raise outage.DatabaseUnavailable


def post(payload: Any = None, path: str = PATH, **facts: Any) -> Any:
    return Client().post(path, **signed(message_event() if payload is None else payload, **facts))


def files() -> list[Path]:
    return sorted(spool.folder().glob("*" + spool.SUFFIX))


def test_what_the_database_cannot_take_is_answered_spooled_and_stands_on_disk(away):
    answer = post()

    assert (answer.status_code, answer.json()) == (200, {"status": "spooled"})
    assert len(files()) == 1
    assert not Delivery.objects.exists()


def test_the_file_is_synced_before_the_answer(away, monkeypatch):
    synced = []
    monkeypatch.setattr(
        spool.os, "fsync", lambda handle: synced.append(os.readlink(f"/proc/self/fd/{handle}"))
    )

    post()

    (name,) = [file.stem for file in files()]
    assert [Path(path).name for path in synced] == [name + spool.WRITING, "spool"]


def test_only_the_owner_may_read_a_file(away):
    post()

    assert files()[0].stat().st_mode & 0o077 == 0


def test_a_spooled_webhook_becomes_a_row_of_its_arrival(away, monkeypatch):
    # Measuring how far the clocks of host and database are apart errs by as long as the answer takes.
    monkeypatch.setattr("webhooks.database.clock._offset", timedelta(0))
    before = timezone.now()
    body = json.dumps(message_event()).encode()
    post(body, key="the one")
    after = timezone.now()
    away()

    assert spool_import.import_waiting() == 1

    row = Delivery.objects.get(direction="IN")
    assert before <= row.received_at <= after
    assert (bytes(row.body), row.delivery_key, row.spooled, row.status) == (body, "the one", True, "PENDING")
    assert files() == []


def test_the_oldest_is_imported_first(away):
    for number in (100, 101, 102):
        post(message_event(number))
    away()

    spool_import.import_waiting()

    assert list(
        Delivery.objects.filter(direction="IN").order_by("pk").values_list("message_id", flat=True)
    ) == [100, 101, 102]


def test_a_row_that_was_kept_after_all_is_not_made_twice(away):
    arguments = signed(message_event(), key="the one")
    Client().post(PATH, **arguments)
    away()
    Client().post(PATH, **arguments)

    assert spool_import.import_waiting() == 1
    assert Delivery.objects.filter(direction="IN").count() == 1


def test_a_forged_request_is_refused_with_the_database_away_too(away):
    answer = post(secret="of somebody else")  # pragma: allowlist secret

    assert (answer.status_code, answer.json()["error"]) == (401, "signature_mismatch")
    assert files() == []


def test_with_nothing_known_of_the_sources_a_request_is_spooled_unverified(away):
    source_cache.forget()

    answer = post()

    assert answer.json() == {"status": "spooled"}


def test_what_was_spooled_unverified_is_verified_at_its_import(away):
    source_cache.forget()
    post(message_event(100))
    post(message_event(101), secret="of somebody else")  # pragma: allowlist secret
    post(message_event(102), path="/webhooks/chatwoot/nobody/")
    away()

    spool_import.import_waiting()

    assert list(Delivery.objects.filter(direction="IN").values_list("message_id", flat=True)) == [100]
    assert Rejection.objects.get().code == "signature_mismatch"
    assert files() == []


def test_a_long_outage_makes_no_signature_stale(away, monkeypatch):
    source_cache.forget()
    post(at=timezone.now().timestamp() - 200)
    away()
    (file,) = files()
    line, _, body = file.read_bytes().partition(b"\n")
    facts = json.loads(line)
    old = timezone.now() - timedelta(hours=9)
    facts["at"] = old.isoformat()
    arguments = signed(body, at=old.timestamp())
    facts["headers"] = {
        "X-Chatwoot-Timestamp": arguments["HTTP_X_CHATWOOT_TIMESTAMP"],
        "X-Chatwoot-Signature": arguments["HTTP_X_CHATWOOT_SIGNATURE"],
    }
    file.write_bytes(json.dumps(facts).encode() + b"\n" + body)

    spool_import.import_waiting()

    kept = Delivery.objects.get(direction="IN").received_at
    assert abs(kept - old) < timedelta(seconds=1)  # as the database's clock has it


def test_a_stale_but_right_signature_is_kept_for_a_person_with_the_database_away_too(away):
    answer = post(at=timezone.now().timestamp() - 3600)
    away()

    spool_import.import_waiting()

    assert (answer.status_code, answer.json()["error"]) == (401, "timestamp_stale")
    assert bytes(Rejection.objects.get().body or b"") == json.dumps(message_event()).encode()


def test_a_spool_without_room_answers_503_and_says_why(away, settings):
    settings.SPOOL_MAX_MB = 0

    answer = post()

    assert (answer.status_code, answer.json()["error"]) == (503, "unavailable")
    assert "SPOOL_MAX_MB" in answer.json()["detail"]


def test_the_cap_counts_what_this_process_wrote_a_moment_ago(away, settings):
    settings.SPOOL_MAX_MB = 1
    big = message_event(content="x" * 600_000)

    answers = [post(big | {"id": number}).status_code for number in (1, 2)]

    assert answers == [200, 503]


def test_a_disk_that_cannot_be_written_answers_503(away, settings, tmp_path):
    (tmp_path / "file").write_text("not a folder")
    settings.SPOOL_DIR = str(tmp_path / "file" / "spool")

    answer = post()

    assert answer.status_code == 503


@pytest.mark.parametrize(
    "content", [b"", b"{}\nbody", b"not json\nbody", b'{"size": 4, "at": 7}\nbody', b"[]\n"]
)
def test_a_bad_file_is_set_aside_and_the_others_are_imported(away, content):
    post()
    away()
    (spool.folder() / f"0{spool.SUFFIX}").write_bytes(content)

    assert spool_import.import_waiting() == 1

    assert spool.held() == spool.Held(files=0, size=len(content), oldest=None, bad=1)


def test_a_file_that_lost_its_end_is_set_aside(away):
    post()
    away()
    (file,) = files()
    file.write_bytes(file.read_bytes()[:-10])

    spool_import.import_waiting()

    assert spool.held().bad == 1
    assert not Delivery.objects.exists()


def test_what_the_database_refuses_for_good_is_set_aside(away, monkeypatch):
    post()
    away()
    monkeypatch.setattr(deliveries, "record", _raiser(DataError("value too long")))

    spool_import.import_waiting()

    assert (spool.held().files, spool.held().bad) == (0, 1)


def test_a_database_that_goes_away_again_leaves_the_rest_on_disk(away, monkeypatch):
    for number in (100, 101):
        post(message_event(number))
    away()
    monkeypatch.setattr(deliveries, "record", _raiser(OperationalError("server closed the connection")))

    assert spool_import.import_waiting() == 0

    assert (spool.held().files, spool.held().bad) == (2, 0)


def _raiser(error: Exception) -> Callable[..., Any]:
    def act(*args: Any, **facts: Any) -> Any:
        raise error

    return act


def test_an_import_is_told_and_the_alert_ends_by_itself(away):
    post()
    away()

    spool_import.import_waiting()
    alert = Alert.objects.get(kind="spool")
    assert "1 webhook was stored on disk" in alert.text
    assert alert.closed_at is None

    spool_import._state.alert_ends = 0.0  # a minute later
    spool_import.import_waiting()
    assert Alert.objects.get(kind="spool").closed_at is not None


def test_the_spool_has_room_until_it_is_full_or_unwritable(settings, tmp_path):
    assert spool.has_room()

    settings.SPOOL_MAX_MB = 0
    assert not spool.has_room()

    settings.SPOOL_MAX_MB = 1
    (tmp_path / "file").write_text("not a folder")
    settings.SPOOL_DIR = str(tmp_path / "file")
    assert not spool.has_room()


def test_a_database_that_was_only_busy_opens_no_alert(monkeypatch):
    source_cache.find("acme")
    with monkeypatch.context() as locked:
        locked.setattr(deliveries, "record", _locked)
        assert post().json() == {"status": "spooled"}
    outage.forget()

    assert spool_import.import_waiting() == 1

    assert Delivery.objects.get().spooled
    assert not Alert.objects.exists()


def _locked(*_: Any, **__: Any) -> Any:
    raise OperationalError("database is locked")
