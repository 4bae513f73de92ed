"""Whose inboxes a report covers. The saved report covers every inbox; a Lead reads a week of their own inboxes."""

import hashlib

from django.contrib.auth.models import User

from webhooks.accounts import access

EVERYONE = User(is_superuser=True)  # never saved: stands for a reader of every inbox
ALL = "all"


def scope(reader: User) -> str:
    """The same for readers who see the same, so that they can share a calculated week. Short enough for any cache's key."""
    if access.sees_every_inbox(reader):
        return ALL
    inboxes = list(access.inboxes_of(reader).order_by("pk").values_list("pk", flat=True))
    return hashlib.sha256(repr((inboxes, sorted(access.group_names(reader)))).encode()).hexdigest()[:32]
