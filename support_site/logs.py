"""Logs as JSON, one object a line: event name, ids in fields, never a customer's words."""

import logging

import structlog

# What logging puts on every record itself; the rest came in `extra`.
STANDARD = set(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


class JsonFormatter(logging.Formatter):
    render = staticmethod(structlog.processors.JSONRenderer())

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": self.formatTime(record),
            "level": record.levelname,
            "logger": record.name,
            "event": record.getMessage(),
        }
        line |= {key: value for key, value in vars(record).items() if key not in STANDARD}
        if record.exc_info:
            line["trace"] = self.formatException(record.exc_info)
        return str(self.render(None, record.levelname, line))
