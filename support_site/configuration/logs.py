"""Log lines: an event name with ids in fields, never text by customers. Text for people, JSON for machines.

Fields that are bound at the start of some work, such as the delivery, appear on every line until it ends.
"""

import copy
import logging
import traceback
from datetime import UTC, datetime
from types import TracebackType

import redis
import structlog
from django.conf import settings
from django.core.exceptions import SuspiciousOperation

from webhooks.database import outage

# Attributes that logging itself sets; everything else came in `extra`.
STANDARD = set(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


# Of others' making: a broker that is away, and requests that Django refuses, as scanners send all day.
OF_OTHERS = (redis.ConnectionError, redis.TimeoutError, ConnectionError, SuspiciousOperation)
MOST_CAUSES = 5
ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


def fields(record: logging.LogRecord) -> dict[str, object]:
    own = {key: value for key, value in vars(record).items() if key not in STANDARD}
    return structlog.contextvars.get_contextvars() | own


class TextFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return super().format(without_an_outages_trace(record))

    def formatMessage(self, record: logging.LogRecord) -> str:
        line = f"{self.formatTime(record)} {record.levelname} {record.name} {record.message}"
        return " ".join([line, *(f"{key}={value}" for key, value in fields(record).items())])

    def formatException(self, ei: ExcInfo) -> str:
        return super().formatException(ei) if settings.DEBUG else where(ei)


class JsonFormatter(logging.Formatter):
    render = staticmethod(structlog.processors.JSONRenderer())

    def format(self, record: logging.LogRecord) -> str:
        record = without_an_outages_trace(record)
        line: dict[str, object] = {
            # With its time zone, so that lines from several hosts can be sorted.
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "event": record.getMessage(),
        }
        line |= fields(record)
        if record.exc_info:
            line["trace"] = where(record.exc_info)
        return str(self.render(None, record.levelname, line))


def without_an_outages_trace(record: logging.LogRecord) -> logging.LogRecord:
    """An outage is noticed in a dozen places: one line for each, with the place and not the way to it."""
    error = record.exc_info[1] if record.exc_info else None
    if error is None or not (outage.is_one(error) or isinstance(error, OF_OTHERS)):
        return record
    line = copy.copy(record)
    line.msg, line.args = " ".join(record.getMessage().split()), None
    line.exc_info, line.exc_text = None, None
    line.error = type(error).__name__
    line.at = (
        ":".join(map(str, traceback.extract_tb(error.__traceback__)[-1][:2])) if error.__traceback__ else ""
    )
    return line


def where(exc_info: ExcInfo) -> str:
    """A traceback without messages and code lines, because a database error quotes the values of its row."""
    parts: list[str] = []
    error = exc_info[1]
    while error is not None and len(parts) < MOST_CAUSES:
        frames = "".join(
            f'  File "{frame.filename}", line {frame.lineno}, in {frame.name}\n'
            for frame in traceback.extract_tb(error.__traceback__)
        )
        parts.append(f"Traceback (most recent call last):\n{frames}{type(error).__name__}")
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return "\n\ncaused by\n\n".join(parts)
