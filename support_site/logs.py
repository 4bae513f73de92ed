"""Logs: event name, ids in fields, never a customer's words. As text for people, as JSON for machines.

What is bound where work begins (the delivery, for one) stands on every line until its end, whoever writes it.
"""

import logging
import traceback
from datetime import UTC, datetime
from types import TracebackType

import structlog
from django.conf import settings

# What logging puts on every record itself; the rest came in `extra`.
STANDARD = set(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


MOST_CAUSES = 5
Trouble = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


def fields(record: logging.LogRecord) -> dict[str, object]:
    own = {key: value for key, value in vars(record).items() if key not in STANDARD}
    return structlog.contextvars.get_contextvars() | own


class TextFormatter(logging.Formatter):
    def formatMessage(self, record: logging.LogRecord) -> str:
        line = f"{self.formatTime(record)} {record.levelname} {record.name} {record.message}"
        return " ".join([line, *(f"{key}={value}" for key, value in fields(record).items())])

    def formatException(self, ei: Trouble) -> str:
        return super().formatException(ei) if settings.DEBUG else where(ei)


class JsonFormatter(logging.Formatter):
    render = staticmethod(structlog.processors.JSONRenderer())

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            # With its zone: lines of several hosts are put in order by it.
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "event": record.getMessage(),
        }
        line |= fields(record)
        if record.exc_info:
            line["trace"] = where(record.exc_info)
        return str(self.render(None, record.levelname, line))


def where(trouble: Trouble) -> str:
    """A trace without the exceptions' words and the code's lines: a database error quotes the values of its row."""
    parts: list[str] = []
    error = trouble[1]
    while error is not None and len(parts) < MOST_CAUSES:
        frames = "".join(
            f'  File "{frame.filename}", line {frame.lineno}, in {frame.name}\n'
            for frame in traceback.extract_tb(error.__traceback__)
        )
        parts.append(f"Traceback (most recent call last):\n{frames}{type(error).__name__}")
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return "\n\nbecause of\n\n".join(parts)
