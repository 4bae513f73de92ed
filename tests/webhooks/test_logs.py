"""Every line of a delivery's processing names it; no line tells what a customer wrote, or a secret."""

import json
import logging
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
import redis
from django.db import Error, IntegrityError, InterfaceError, OperationalError, connection, transaction
from django.test import Client

from support_site.configuration.logs import JsonFormatter, TextFormatter
from tests.factories import NOW, SECRET, later, make_approved, make_draft, message_event, run_due, signed
from webhooks.models import Delivery, Source

pytestmark = pytest.mark.django_db
WORDS = "My card is 4111 1111 1111 1111"
TOKEN = "the-token-of-acme"  # pragma: allowlist secret


class Lines(logging.Handler):
    """Whatever is logged, by anybody, as a machine reads it."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.setFormatter(JsonFormatter())
        self.texts: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.texts.append(self.format(record))

    def of(self, event: str) -> list[dict]:
        return [line for line in map(json.loads, self.texts) if line["event"] == event]


@pytest.fixture
def lines() -> Iterator[Lines]:
    handler, root = Lines(), logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield handler
    root.setLevel(level)
    root.removeHandler(handler)


def test_a_line_names_the_delivery_that_is_processed(incoming, behaviours, lines):
    behaviours["speaks"] = lambda: logging.getLogger("anybody").info("something.happened")
    row = incoming("speaks")

    run_due("in", now=NOW)

    (line,) = lines.of("something.happened")
    assert (line["delivery"], line["delivery_key"]) == (row.pk, row.delivery_key)


def test_the_time_of_a_line_for_machines_says_its_zone(lines):
    logging.getLogger("anybody").info("something.happened")

    (line,) = lines.of("something.happened")
    assert datetime.fromisoformat(line["at"]).utcoffset() == timedelta(0)


def test_a_line_after_it_names_none(incoming, lines):
    incoming("fine")
    run_due("in", now=NOW)

    logging.getLogger("anybody").info("something.happened")

    assert "delivery" not in lines.of("something.happened")[0]


def test_a_traces_line_says_where_and_not_what(behaviours, incoming, lines):
    def breaks() -> None:
        try:
            raise ValueError(WORDS)
        except ValueError:
            logging.getLogger("anybody").exception("it.broke")

    behaviours["breaks"] = breaks
    incoming("breaks")

    run_due("in", now=NOW)

    trace = lines.of("it.broke")[0]["trace"]
    assert [one in trace for one in ("test_logs.py", "ValueError", WORDS)] == [True, True, False]


def test_a_trace_for_people_says_no_words_either(settings):
    settings.DEBUG = False
    try:
        raise ValueError(WORDS)
    except ValueError as error:
        trouble = (ValueError, error, error.__traceback__)

    assert WORDS not in TextFormatter().formatException(trouble)


def test_no_line_tells_a_customers_words_or_a_secret(seeded, settings, lines, monkeypatch):
    """From the webhook through drafting to a reply that Chatwoot does not take; and a handler that breaks at the words."""
    settings.DRAFT_SETTLE_SECONDS = 0
    draft = make_draft()
    Source.objects.update(api_token=TOKEN, base_url="http://127.0.0.1:9")
    make_approved(draft, text=WORDS, now=NOW)

    Client().post("/webhooks/chatwoot/acme/", **signed(message_event(200, content=WORDS)))
    Client().post("/webhooks/chatwoot/acme/", **signed(message_event(201, content=WORDS), secret="wrong"))
    monkeypatch.setattr("knowledge.replies.incoming.on_message", lambda *args, **facts: int(WORDS))
    Client().post("/webhooks/chatwoot/acme/", **signed(message_event(202, content=WORDS)))
    for lane in Delivery.Lane.values:
        run_due(lane, now=later(400_000_000))

    assert {line["delivery"] for line in lines.of("delivery.failed")} <= set(
        Delivery.objects.values_list("pk", flat=True)
    )
    assert lines.of("delivery.failed")
    told = "\n".join(lines.texts)
    assert [one for one in (WORDS, "4111", SECRET, TOKEN) if one in told] == []


OUTAGES = {
    "the database": OperationalError("connection refused\n\tIs the server running?"),
    "its connection": InterfaceError("connection already closed"),
    "the queue": redis.ConnectionError("Error 111 connecting"),
    "a slow queue": redis.TimeoutError("Timeout reading"),
    "a reset": ConnectionResetError(104, "reset"),
}


@pytest.mark.parametrize("formatter", [TextFormatter, JsonFormatter], ids=["for people", "for machines"])
@pytest.mark.parametrize("error", OUTAGES.values(), ids=OUTAGES)
def test_an_outage_is_one_line_without_a_trace(error, formatter):
    text = formatter().format(_logged(error))

    assert text.count("\n") == 0
    assert "Traceback" not in text
    assert type(error).__name__ in text


@pytest.mark.parametrize("formatter", [TextFormatter, JsonFormatter], ids=["for people", "for machines"])
@pytest.mark.parametrize("error", [ValueError("a bug"), IntegrityError("a bug"), TypeError("a bug")])
def test_a_bug_keeps_its_trace(error, formatter):
    assert "Traceback" in formatter().format(_logged(error))


@pytest.mark.parametrize("formatter", [TextFormatter, JsonFormatter], ids=["for people", "for machines"])
def test_a_table_that_was_never_migrated_keeps_its_trace(formatter):
    with pytest.raises(Error) as caught, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT * FROM never_migrated")

    assert "Traceback" in formatter().format(_logged(caught.value))


def _logged(error: Exception) -> logging.LogRecord:
    try:
        raise error
    except Exception:
        return logging.LogRecord(
            "django_q", logging.ERROR, "cluster.py", 1, "%s", (str(error),), sys.exc_info()
        )


def test_a_request_that_is_refused_for_its_host_is_one_line_without_a_trace(lines):
    """Scanners send such all day long, and nobody has to look where in Django that was."""
    assert Client().get("/admin/", HTTP_HOST="evil.test").status_code == 400

    refused = [
        line for line in map(json.loads, lines.texts) if line["logger"] == "django.security.DisallowedHost"
    ]
    assert ["trace" in line for line in refused] == [False]
