"""A new key in front, one command, and the old key can go."""

import io

import pytest
from cryptography.fernet import Fernet
from django.contrib.auth.models import User
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command

from knowledge.models import ChatwootToken
from tests.factories import SECRET, make_source
from webhooks.models import SecondFactor, Source, SourceSecret

pytestmark = pytest.mark.django_db


def rotate() -> str:
    out = io.StringIO()
    call_command("rotate_keys", stdout=out)
    return out.getvalue()


@pytest.fixture
def keys(settings) -> tuple[str, str]:
    """A source and a person's token, written with the old key; (old, new)."""
    old, new = (Fernet.generate_key().decode() for _ in range(2))
    settings.ENCRYPTION_KEYS = [old]
    source = make_source(api_token="token-of-acme", unsigned_token="")
    lea = User.objects.create(username="lea")
    SecondFactor.objects.create(user=lea, key="00ff", recovery_codes="abcdefgh")
    ChatwootToken.objects.create(
        user=lea, source=source, token="token-of-lea", sender_id=7,
        checked_at="2026-11-23T09:00Z",
    )  # fmt: skip
    return old, new


def test_after_rotating_the_old_key_can_be_taken_away(keys, settings):
    old, new = keys
    settings.ENCRYPTION_KEYS = [new, old]

    said = rotate()

    settings.ENCRYPTION_KEYS = [new]
    assert said.startswith("5 secrets")
    assert Source.objects.get().api_token == "token-of-acme"
    assert SourceSecret.objects.get().secret == SECRET
    assert ChatwootToken.objects.get().token == "token-of-lea"
    assert SecondFactor.objects.get().key == "00ff"
    assert SecondFactor.objects.get().recovery_codes == "abcdefgh"


def test_before_rotating_the_old_key_is_needed(keys, settings):
    settings.ENCRYPTION_KEYS = [keys[1]]

    with pytest.raises(ImproperlyConfigured, match="put back the key it was encrypted with"):
        Source.objects.get()


def test_an_empty_secret_stays_empty(keys, settings):
    settings.ENCRYPTION_KEYS = [keys[1], keys[0]]

    rotate()

    assert Source.objects.get().unsigned_token == ""


def test_a_secret_that_no_key_reads_is_named_and_the_others_are_rotated(keys, settings):
    old, new = keys
    settings.ENCRYPTION_KEYS = [Fernet.generate_key().decode()]
    other = make_source("beta", secret="another")
    settings.ENCRYPTION_KEYS = [new, old]

    with pytest.raises(
        CommandError, match=f"^5 secrets were encrypted again, but none .* webhooks.Source {other.pk}, "
    ):
        rotate()

    settings.ENCRYPTION_KEYS = [new]
    assert Source.objects.get(slug="acme").api_token == "token-of-acme"
