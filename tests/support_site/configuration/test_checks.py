"""The system checks: each problem has an id and a hint, and a correct installation has none."""

import pytest
from cryptography.fernet import Fernet
from django.core.checks import ERROR, WARNING

from support_site.configuration import checks

GOOD_KEY = "k2#Vt8!pQz7&Lm4@Xc9%Rb6^Ns3*Hd5(Jw1)Yg0-Fa=Te+Uo"


@pytest.fixture
def site(settings):
    settings.DEBUG, settings.SECRET_KEY = False, GOOD_KEY
    settings.ENCRYPTION_KEYS = [Fernet.generate_key().decode()]
    return settings


def ids(check) -> list[str]:
    found = check(None)
    assert all(message.hint for message in found)
    return [message.id for message in found]


def test_a_good_installation_has_no_trouble(site):
    assert [
        ids(check) for check in (checks.handlers_import, checks.timeouts_in_order, checks.keys_are_set)
    ] == [[], [], []]


@pytest.mark.parametrize("name", ["IN_HANDLERS", "OUT_HANDLERS", "ON_DEAD_LETTER"])
@pytest.mark.parametrize("path", ["webhooks.nowhere.do", "webhooks.mirror.handlers.nothing", "nonsense"])
def test_a_handler_that_does_not_import_is_an_error(site, name, path):
    setattr(site, name, {"message_created": [path]} if name == "IN_HANDLERS" else {"reply.send": path})

    assert ids(checks.handlers_import) == ["support.E001"]


ORDERS = {
    "a drain longer than django-q2 allows": {"SLICE_S": 40},
    "a handler longer than django-q2 allows": {"LANE_TIMEOUT_S": {"in": 10, "send": 20, "slow": 75}},
    "run again before it is ended": {"Q_RETRY_S": 75},
}


@pytest.mark.parametrize("changed", ORDERS.values(), ids=ORDERS)
def test_timeouts_out_of_order_are_an_error(site, changed):
    for name, value in changed.items():
        setattr(site, name, value)

    assert ids(checks.timeouts_in_order) == ["support.E002"]


WEAK = {"short": "abc", "one letter": "a" * 60, "the default": "insecure-development-key-" + GOOD_KEY}


@pytest.mark.parametrize("key", WEAK.values(), ids=WEAK)
def test_a_weak_secret_key_is_an_error(site, key):
    site.SECRET_KEY = key

    assert ids(checks.keys_are_set) == ["support.E003"]


def test_no_encryption_key_is_an_error(site):
    site.ENCRYPTION_KEYS = []

    assert ids(checks.keys_are_set) == ["support.E004"]


def test_an_encryption_key_that_is_none_is_an_error(site):
    site.ENCRYPTION_KEYS = [*site.ENCRYPTION_KEYS, "not a key"]

    assert ids(checks.keys_are_set) == ["support.E005"]


@pytest.mark.parametrize(
    ("debug", "level"), [(True, WARNING), (False, ERROR)], ids=["development", "production"]
)
def test_missing_keys_stop_production_and_warn_a_developer(site, debug, level):
    site.DEBUG, site.SECRET_KEY, site.ENCRYPTION_KEYS = debug, "weak", []

    assert [message.level for message in checks.keys_are_set(None)] == [level, level]
