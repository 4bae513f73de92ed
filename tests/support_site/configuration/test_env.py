"""Reading the environment: an invalid value stops the start and is named, with what would be valid."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from support_site.configuration import env


@pytest.fixture
def say(monkeypatch):
    return lambda value: (
        monkeypatch.delenv("X", raising=False) if value is None else monkeypatch.setenv("X", value)
    )


FLAGS = {
    "1": True,
    "true": True,
    "Yes": True,
    " on ": True,
    "0": False,
    "FALSE": False,
    "no": False,
    "off": False,
    "": False,
}


@pytest.mark.parametrize("value", FLAGS)
def test_a_flag_reads_the_usual_words(say, value):
    say(value)

    assert env.flag("X", default=True) is FLAGS[value]


@pytest.mark.parametrize("default", [True, False])
def test_a_flag_not_given_is_its_default(say, default):
    say(None)

    assert env.flag("X", default=default) is default


INTEGERS = {"7": 7, " 8 ": 8, "": 5, None: 5, "0": 0}


@pytest.mark.parametrize("value", INTEGERS)
def test_a_whole_number_is_read(say, value):
    say(value)

    assert env.integer("X", default=5) == INTEGERS[value]


@pytest.mark.parametrize(
    ("value", "parts"),
    [("a, b,,c ", ["a", "b", "c"]), ("", []), (None, ["d"])],
    ids=["parts", "empty", "default"],
)
def test_a_list_is_split_at_commas(say, value, parts):
    say(value)

    assert env.listing("X", "d") == parts


URLS = {
    "https://a.example": "https://a.example",
    "https://a.example/": "https://a.example",
    "http://127.0.0.1:8000": "http://127.0.0.1:8000",
    "": "http://d",
}


@pytest.mark.parametrize("value", URLS)
def test_a_url_is_read_without_its_last_slash(say, value):
    say(value)

    assert env.url("X", default="http://d") == URLS[value]


@pytest.mark.parametrize(
    "value", ["redis://127.0.0.1:6379/9", "rediss://u:p@host/0", "unix:///run/redis.sock"]
)
def test_a_queue_is_named_by_host_or_socket(say, value):
    say(value)

    assert env.url("X", schemes=("redis", "rediss", "unix")) == value


@pytest.mark.parametrize(
    ("value", "engine"),
    [("postgres://u@h:5432/db", "postgresql"), ("sqlite:////tmp/x.sqlite3", "sqlite3")],
    ids=["PostgreSQL", "SQLite"],
)
def test_a_database_is_named_by_its_url(monkeypatch, value, engine):
    monkeypatch.setenv("DATABASE_URL", value)

    assert env.database(default="")["ENGINE"].endswith(engine)


BAD = {
    "a flag": (lambda: env.flag("X", default=True), "maybe"),
    "a number in words": (lambda: env.integer("X", default=1), "seven"),
    "a fraction": (lambda: env.integer("X", default=1), "1.5"),
    "a number too small": (lambda: env.integer("X", default=1, least=1), "0"),
    "a negative number": (lambda: env.integer("X", default=1), "-1"),
    "a URL without a scheme": (lambda: env.url("X"), "chat.example.com"),
    "a URL of another scheme": (lambda: env.url("X"), "ftp://chat.example.com"),
    "a URL without a host": (lambda: env.url("X"), "https://"),
    "a URL with half an address": (lambda: env.url("X"), "http://[::1"),
    "a URL with a port in words": (lambda: env.url("X"), "http://host:port"),
    "a socket without a path": (lambda: env.url("X", schemes=("unix",)), "unix://"),
}


@pytest.mark.parametrize("case", BAD)
def test_a_bad_value_is_named(say, case):
    read, value = BAD[case]
    say(value)

    with pytest.raises(ImproperlyConfigured, match="X="):
        read()


@pytest.mark.parametrize("value", ["mysql://u@h/db", "nonsense", "postgres://u@h:port/db"])
def test_a_bad_database_is_named(monkeypatch, value):
    monkeypatch.setenv("DATABASE_URL", value)

    with pytest.raises(ImproperlyConfigured, match="DATABASE_URL"):
        env.database(default="")


def test_a_password_is_not_shown(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "mysql://u:hunter2@h/db")  # pragma: allowlist secret

    with pytest.raises(ImproperlyConfigured) as caught:
        env.database(default="")

    assert "hunter2" not in str(caught.value)
