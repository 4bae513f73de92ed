"""Reading the environment: an invalid value stops the start and is named, with what would be valid."""

import os
import subprocess
import sys

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
    [("a, b,,c ", ["a", "b", "c"]), ("", []), (None, [])],
    ids=["parts", "empty", "not set"],
)
def test_a_list_is_split_at_commas(say, value, parts):
    say(value)

    assert env.listing("X") == parts


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


@pytest.mark.parametrize("value", ["https://a.example", "https://a.example/", "http://127.0.0.1:8000"])
def test_a_site_is_named_by_scheme_and_host(say, value):
    say(value)

    assert env.origin("X", default="") == env.origins("X")[0] == value.rstrip("/")


def test_sites_may_be_named_by_their_domain(say):
    say("https://*.a.example, https://b.example")

    assert env.origins("X") == ["https://*.a.example", "https://b.example"]


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
    "a site below a path": (lambda: env.origin("X", default=""), "https://a.example/support"),
    "a site with a question": (lambda: env.origin("X", default=""), "https://a.example?x=1"),
    "a site with a place": (lambda: env.origin("X", default=""), "https://a.example/#top"),
    "a site with a user": (lambda: env.origin("X", default=""), "https://me@a.example"),
    "two sites where one is": (lambda: env.origin("X", default=""), "https://a.example,https://b.example"),
    "a list of sites with a path": (lambda: env.origins("X"), "https://a.example, https://b.example/x"),
    "a socket without a path": (lambda: env.url("X", schemes=("unix",)), "unix://"),
    "a number that no time holds": (lambda: env.integer("X", default=1), "99999999999999"),
    "a port that is none": (lambda: env.integer("X", default=1, most=65535), "65536"),
    "a word that is not listed": (lambda: env.choice("X", ("text", "json"), "text"), "xml"),
    "a host with a scheme": (lambda: env.hosts("X"), "a.example, https://b.example"),
    "a host with a port": (lambda: env.hosts("X"), "a.example:8000"),
    "a network by name": (lambda: env.networks("X"), "10.0.0.1, proxy"),
    "an address that is none": (lambda: env.networks("X"), "10.0.0.300"),
    "a time zone by its city": (lambda: env.zone("X", "UTC"), "Berlin"),
    "a time zone by its offset": (lambda: env.zone("X", "UTC"), "UTC+1"),
    "a time zone that is a path": (lambda: env.zone("X", "UTC"), "/etc/passwd"),
    "a sender without an address": (lambda: env.sender("X", "a@b"), "Support"),
    "a sender with another header": (lambda: env.sender("X", "a@b"), "a@b.example\nBcc: c@d.example"),
}


@pytest.mark.parametrize("case", BAD)
def test_a_bad_value_is_named(say, case):
    read, value = BAD[case]
    say(value)

    with pytest.raises(ImproperlyConfigured, match="X="):
        read()


@pytest.mark.parametrize("value", ["", "   ", "\t"])
def test_a_variable_that_is_set_to_nothing_is_not_set(say, value):
    say(value)

    assert (env.text("X", "d"), env.zone("X", "UTC")) == ("d", "UTC")
    assert (env.integer("X", default=5), env.flag("X", default=True)) == (5, True)
    assert (env.choice("X", ("a", "b"), "b"), env.listing("X"), env.hosts("X")) == ("b", [], [])
    assert (env.sender("X", "a@b"), env.url("X", default="http://d")) == ("a@b", "http://d")


@pytest.mark.parametrize(
    "host", ["a.example", ".a.example", "*", "[::1]", "127.0.0.1", "web_1", "A-B.example"]
)
def test_a_host_is_written_as_browsers_send_it(say, host):
    say(host)

    assert env.hosts("X") == [host]


@pytest.mark.parametrize(
    "value",
    ["smtp.example.com", "http://x", "smtp://u:hunter2@h:port", "://"],  # pragma: allowlist secret
)
def test_a_bad_mail_server_is_named_and_its_password_is_not_shown(monkeypatch, value):
    monkeypatch.setenv("EMAIL_URL", value)

    with pytest.raises(ImproperlyConfigured, match=r"EMAIL_URL=.*smtp\+tls://") as caught:
        env.email("consolemail://")

    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("value", ["sqlite://", "sqlite:///", "sqlite://:memory:"])
def test_a_database_that_keeps_nothing_is_refused(monkeypatch, value):
    monkeypatch.setenv("DATABASE_URL", value)

    with pytest.raises(ImproperlyConfigured, match="names no file"):
        env.database(default="")


def test_a_command_says_in_one_line_what_is_wrong_with_the_environment():
    bad = os.environ | {"TIME_ZONE": "Berlin", "SUPPORT_SITE_DOTENV": "0"}

    ended = subprocess.run(
        [sys.executable, "manage.py", "check"], cwd=env.BASE_DIR, env=bad, capture_output=True, text=True
    )

    assert ended.returncode == 1
    assert ended.stderr == (
        "Cannot start: TIME_ZONE='Berlin' is not a time zone. Set it to a name such as Europe/Berlin.\n"
    )


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
