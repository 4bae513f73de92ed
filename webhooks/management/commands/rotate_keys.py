"""Encrypt every stored secret again with the first of ENCRYPTION_KEYS, so that the other keys can be removed."""

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError
from django.db import models, transaction

from webhooks.database.encryption import EncryptedTextField


class Command(BaseCommand):
    help = (
        "Encrypt all stored secrets again: put a new key first in ENCRYPTION_KEYS, restart everything, run this, then remove "
        "the old keys. Safe to run while the site is running, and to repeat."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        written, unreadable = 0, []
        for model, names in _encrypted():
            for pk in model._base_manager.values_list("pk", flat=True).order_by("pk"):
                try:
                    written += _encrypt_again(model, pk, names)
                except ImproperlyConfigured:
                    unreadable.append(f"{model._meta.label} {pk}")
        if unreadable:
            raise CommandError(
                f"{written} secrets were encrypted again, but none of ENCRYPTION_KEYS can read those of "
                f"{', '.join(unreadable)}: put back the key they were encrypted with, and run this again."
            )
        self.stdout.write(
            f"{written} secrets are encrypted with the first key. Remove the others from ENCRYPTION_KEYS."
        )


def _encrypted() -> Iterator[tuple[type[models.Model], list[str]]]:
    for model in apps.get_models():
        names = [field.attname for field in model._meta.fields if isinstance(field, EncryptedTextField)]
        if names and not model._meta.proxy:
            yield model, names


def _encrypt_again(model: type[models.Model], pk: Any, names: list[str]) -> int:
    """Reading decrypts, writing encrypts. Under the row's lock, since someone may be changing the secret."""
    with transaction.atomic():
        rows = model._base_manager.filter(pk=pk)
        held = rows.select_for_update().values(*names).first()
        filled = {name: value for name, value in (held or {}).items() if value}
        if filled:
            rows.update(**filled)
    return len(filled)
