"""Write every stored secret anew with the first of ENCRYPTION_KEYS, so that the keys after it can be taken away."""

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError
from django.db import models, transaction

from webhooks.database.encryption import EncryptedTextField


class Command(BaseCommand):
    help = (
        "Put a new key in front of ENCRYPTION_KEYS, restart everything, run this, then take the old keys away. "
        "Safe while the site runs, and to run again."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        written, unreadable = 0, []
        for model, names in _encrypted():
            for pk in model._base_manager.values_list("pk", flat=True).order_by("pk"):
                try:
                    written += _write_anew(model, pk, names)
                except ImproperlyConfigured:
                    unreadable.append(f"{model._meta.label} {pk}")
        if unreadable:
            raise CommandError(
                f"{written} secrets were written anew, but none of ENCRYPTION_KEYS reads those of "
                f"{', '.join(unreadable)}: put the key they were written with back, and run this again."
            )
        self.stdout.write(
            f"{written} secrets stand under the first key. The others can go from ENCRYPTION_KEYS."
        )


def _encrypted() -> Iterator[tuple[type[models.Model], list[str]]]:
    for model in apps.get_models():
        names = [field.attname for field in model._meta.fields if isinstance(field, EncryptedTextField)]
        if names and not model._meta.proxy:
            yield model, names


def _write_anew(model: type[models.Model], pk: Any, names: list[str]) -> int:
    """Reading decrypts, writing encrypts. Under the row's lock: somebody may be changing the secret."""
    with transaction.atomic():
        rows = model._base_manager.filter(pk=pk)
        held = rows.select_for_update().values(*names).first()
        filled = {name: value for name, value in (held or {}).items() if value}
        if filled:
            rows.update(**filled)
    return len(filled)
