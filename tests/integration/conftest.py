"""Databases for sites in real processes: migrating one anew takes longer than most of these tests."""

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest
from django.db import connection

from tests.site import a_database

Copies = Callable[..., AbstractContextManager[str]]


@pytest.fixture(scope="session")
def a_copy(django_db_setup, django_db_blocker) -> Copies:
    """Makes copies of pytest's own database as it is between two tests, migrated and with no rows; the answer is its URL."""
    own = connection.settings_dict["NAME"]

    @contextmanager
    def copy(folder: Path, *, name: str) -> Iterator[str]:
        if connection.vendor == "sqlite":
            with django_db_blocker.unblock(), connection.cursor() as cursor:
                cursor.execute("VACUUM INTO %s", [f"{folder}/site.sqlite3"])
            yield f"sqlite:///{folder}/site.sqlite3"
            return
        connection.close()  # PostgreSQL copies what nobody is connected to
        with a_database(folder, server=os.environ["DATABASE_URL"], name=name, template=own) as url:
            yield url

    return copy
