"""Logs: event name, ids in fields, never a customer's words. As text for people, as JSON for machines."""

import logging

import structlog

# What logging puts on every record itself; the rest came in `extra`.
STANDARD = set(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


def fields(record: logging.LogRecord) -> dict[str, object]:
    return {key: value for key, value in vars(record).items() if key not in STANDARD}


class TextFormatter(logging.Formatter):
    def formatMessage(self, record: logging.LogRecord) -> str:
        line = f"{self.formatTime(record)} {record.levelname} {record.name} {record.message}"
        return " ".join([line, *(f"{key}={value}" for key, value in fields(record).items())])


class JsonFormatter(logging.Formatter):
    render = staticmethod(structlog.processors.JSONRenderer())

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "at": self.formatTime(record),
            "level": record.levelname,
            "logger": record.name,
            "event": record.getMessage(),
        }
        line |= fields(record)
        if record.exc_info:
            line["trace"] = self.formatException(record.exc_info)
        return str(self.render(None, record.levelname, line))
