"""Secrets at rest: one text field, encrypted with Fernet. Nothing else in the project encrypts."""

import base64
import hashlib
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import models


def keyring() -> MultiFernet:
    """The first of ENCRYPTION_KEYS encrypts and all of them decrypt, which makes a rotation possible."""
    keys = settings.ENCRYPTION_KEYS
    if not keys:
        # Development only: support_site/configuration/checks.py refuses this with DEBUG off.
        keys = [base64.urlsafe_b64encode(hashlib.sha256(settings.SECRET_KEY.encode()).digest()).decode()]
    try:
        return MultiFernet([Fernet(key) for key in keys])
    except ValueError as error:
        raise ImproperlyConfigured(
            f"ENCRYPTION_KEYS holds something that is not a Fernet key: {error}"
        ) from error


class Unreadable(ImproperlyConfigured):
    """None of ENCRYPTION_KEYS wrote this secret."""


def read(sealed: str) -> str:
    """The text behind a stored Fernet token. Raises Unreadable."""
    try:
        return keyring().decrypt(sealed.encode()).decode()
    except InvalidToken as error:
        raise Unreadable(
            "A stored secret cannot be decrypted with ENCRYPTION_KEYS: put back the key it was encrypted with."
        ) from error


class EncryptedTextField(models.TextField):
    """Text that is a Fernet token in the database. Never filter by it: equal texts have different tokens."""

    def get_prep_value(self, value: str | None) -> str | None:
        value = super().get_prep_value(value)
        return keyring().encrypt(value.encode()).decode() if value else value

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> str | None:
        return read(value) if value else value
