"""Nothing that Chatwoot sends is lost to a trouble of ours: a key that is missing here, a broken row, a bug."""

import json
import logging
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.db import connection
from django.db.models import QuerySet
from django.test import Client

from tests.factories import SECRET, make_source, message_event, signed
from webhooks import parsing
from webhooks.accounts import rate_limits
from webhooks.models import Alert, Delivery, Rejection, SourceSecret
from webhooks.receiver import requests, source_cache, spool, spool_import, views

pytestmark = [pytest.mark.django_db, pytest.mark.once]


def post(slug: str = "acme", payload: Any = None, **facts: Any):
    return Client(raise_request_exception=False).post(
        f"/webhooks/chatwoot/{slug}/", **signed(payload or message_event(), **facts)
    )


def incoming() -> QuerySet[Delivery]:
    """An alert's email is a delivery, too."""
    return Delivery.objects.filter(direction="IN")


def break_secret(source: str) -> None:
    with connection.cursor() as cursor:
        secret = SourceSecret.objects.get(source__slug=source).pk
        cursor.execute("UPDATE webhooks_sourcesecret SET secret = 'broken' WHERE id = %s", [secret])
    source_cache.forget()


def test_a_broken_secret_of_one_source_is_its_own_trouble():
    make_source("acme")
    make_source("other")
    break_secret("other")

    assert post("acme").json()["status"] == "accepted"


def test_what_a_missing_key_cannot_judge_is_kept_and_stored_once_the_key_is_back(settings):
    make_source()
    key, settings.ENCRYPTION_KEYS = settings.ENCRYPTION_KEYS, [Fernet.generate_key().decode()]
    source_cache.forget()

    answer = post()
    spool_import.import_waiting()

    assert (answer.status_code, answer.json()) == (200, {"status": "spooled"})
    assert (incoming().count(), Rejection.objects.count(), spool.held().files) == (0, 0, 1)
    assert "ENCRYPTION_KEYS" in Alert.objects.get(kind="spool").text
    settings.ENCRYPTION_KEYS = key
    spool_import.import_waiting()
    assert (incoming().count(), spool.held().files) == (1, 0)


def test_a_wrong_signature_is_refused_once_the_key_is_back(settings):
    make_source()
    key, settings.ENCRYPTION_KEYS = settings.ENCRYPTION_KEYS, [Fernet.generate_key().decode()]
    source_cache.forget()
    post(secret="another")

    settings.ENCRYPTION_KEYS = key
    spool_import.import_waiting()

    assert (incoming().count(), spool.held().files) == (0, 0)


def test_a_process_that_knew_the_secret_goes_on_when_its_row_breaks():
    make_source()
    post()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE webhooks_sourcesecret SET secret = 'broken'")

    source_cache.find("acme", fresh=True)

    assert post(payload=message_event(101)).json()["status"] == "accepted"


@pytest.mark.parametrize(
    ("module", "name"),
    [
        (requests, "record"),
        (requests, "verify"),
        (source_cache, "find"),
        (views, "read_body"),
        (views, "_arrival"),
    ],
)
def test_a_bug_of_ours_keeps_the_event_on_disk(monkeypatch, caplog, module, name):
    make_source()
    real, failed = getattr(module, name), []

    def broken(*args: Any, **facts: Any) -> Any:
        if not failed:
            failed.append(name)
            raise RuntimeError("a bug")
        return real(*args, **facts)

    monkeypatch.setattr(module, name, broken)
    with caplog.at_level(logging.ERROR):
        answer = post()

    assert (answer.status_code, answer.json()) == (200, {"status": "spooled"})
    assert "webhook.failed" in caplog.text
    assert spool_import.import_waiting() == 1
    assert json.loads(bytes(incoming().get().body))["id"] == 100
    assert "The receiver failed" in Alert.objects.get(kind="spool").text


@pytest.mark.parametrize(
    ("module", "name"),
    [
        (rate_limits, "address"),
        (parsing, "clean"),
        (requests, "delivery_key"),
        (views, "_arrival"),
        (source_cache, "matched"),
    ],
)
def test_a_bug_that_stays_keeps_the_event_on_disk_too(monkeypatch, module, name):
    """The last resort may use none of what has failed."""
    make_source()
    with monkeypatch.context() as patch:
        patch.setattr(module, name, lambda *args, **facts: 1 / 0)
        answer = post(key="delivery-of-chatwoot")

    assert (answer.status_code, answer.json()) == (200, {"status": "spooled"})
    assert spool_import.import_waiting() == 1
    assert incoming().get().delivery_key == "delivery-of-chatwoot"


def test_where_not_even_the_disk_takes_it_the_answer_is_503(monkeypatch, settings, tmp_path):
    make_source()
    (tmp_path / "file").write_text("")
    settings.SPOOL_DIR = str(tmp_path / "file")
    monkeypatch.setattr(requests, "record", lambda *args, **facts: 1 / 0)

    assert post().status_code == 503


def test_a_file_that_cannot_be_stored_holds_no_other_back(monkeypatch, caplog):
    make_source()
    monkeypatch.setattr(views.outage, "ask", lambda work, writes=False: (_ for _ in ()).throw(RuntimeError))
    post(payload=message_event(100))
    post(payload=message_event(101))
    monkeypatch.undo()
    real = requests.record

    def keep(arrival: requests.Arrival, *args: Any, **facts: Any) -> Any:
        if b'"id": 100' in arrival.body:
            raise ZeroDivisionError
        return real(arrival, *args, **facts)

    monkeypatch.setattr(requests, "record", keep)
    with caplog.at_level(logging.ERROR):
        spool_import.import_waiting()
        spool_import.import_waiting()

    assert [row.message_id for row in incoming()] == [101]
    assert spool.held().files == 1
    assert caplog.text.count("spool.stuck") == 1


def test_readiness_names_the_source_whose_secrets_cannot_be_read():
    make_source()
    break_secret("acme")

    answer = Client().get("/readyz").json()

    assert answer["status"] == "degraded"
    assert any("secrets of acme" in line for line in answer["degraded"])


def test_readiness_says_where_nothing_can_be_kept(settings, tmp_path):
    (tmp_path / "file").write_text("")
    settings.SPOOL_DIR = str(tmp_path / "file")

    answer = Client().get("/readyz").json()

    assert any("SPOOL_DIR" in line for line in answer["degraded"])
    assert SECRET not in str(answer)
