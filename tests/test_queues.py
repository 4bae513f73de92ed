import pytest

from tests.queues import own_queue

NAMED = "redis://user@127.0.0.1:6379/9"


@pytest.mark.parametrize(
    ("process", "url"),
    [("", NAMED), ("gw0", "redis://user@127.0.0.1:6379/10"), ("gw7", "redis://user@127.0.0.1:6379/1")],
)
def test_each_process_has_a_queue_of_its_own(monkeypatch, process, url):
    monkeypatch.setenv("PYTEST_XDIST_WORKER", process)
    assert own_queue(NAMED) == url


def test_no_queue_is_named_where_none_was(monkeypatch):
    monkeypatch.setenv("PYTEST_XDIST_WORKER", "gw0")
    assert own_queue("") == ""
