"""The backend's entry point, named as Django expects: the ENGINE setting is this package."""

from types import SimpleNamespace
from typing import Any

import psycopg
from django.db.backends.postgresql import base
from psycopg import waiting

from .. import deadline

CONNECT_S = 1.0
LOOK_S = 0.1  # how often a wait checks the clock


class Connection(psycopg.Connection):
    @classmethod
    def _connect_gen(cls, conninfo: str = "") -> Any:
        """Implements the wait itself if there is a deadline: connect_timeout of libpq and psycopg is at least 2 s."""
        connecting, left = super()._connect_gen(conninfo), deadline.left()
        if left is None:
            return (yield from connecting)
        return waiting.wait_conn(connecting, interval=LOOK_S, timeout=min(CONNECT_S, left))

    def wait(self, gen: Any, *args: Any, **options: Any) -> Any:
        """A wait that takes too long raises OperationalError; the connection must then be closed."""
        left = deadline.left()
        if left is not None:
            options["timeout"] = left
        return super().wait(gen, *args, **options)


class DatabaseWrapper(base.DatabaseWrapper):
    # What Django uses of a driver: its exceptions, and connect().
    Database = SimpleNamespace(**vars(psycopg) | {"connect": Connection.connect})  # type: ignore[assignment]

    def binding_cursor(self) -> Any:
        """Sends parameters separately from the statement. Django's own option does so for every statement, and breaks some."""
        self.ensure_connection()
        with self.wrap_database_errors:
            return self._prepare_cursor(base.ServerBindingCursor(self.connection))  # type: ignore[attr-defined,call-arg]
