"""The backend's entry, by the name Django wants: settings' ENGINE is this package."""

from types import SimpleNamespace
from typing import Any

import psycopg
from django.db.backends.postgresql import base

from .. import deadline

CONNECT_S = 2  # libpq takes nothing shorter


class Connection(psycopg.Connection):
    def wait(self, gen: Any, *args: Any, **options: Any) -> Any:
        """A wait that takes too long raises OperationalError; the connection must be closed then."""
        left = deadline.left()
        if left is not None:
            options["timeout"] = left
        return super().wait(gen, *args, **options)


class DatabaseWrapper(base.DatabaseWrapper):
    # What Django takes of a driver: its exceptions, and connect().
    Database = SimpleNamespace(**vars(psycopg) | {"connect": Connection.connect})  # type: ignore[assignment]

    def get_connection_params(self) -> dict[str, Any]:
        params = super().get_connection_params()
        return params if deadline.left() is None else params | {"connect_timeout": CONNECT_S}
