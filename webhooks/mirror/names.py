"""What users, bots, assistants and teams are called: one identity may have several names, and one name several."""

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from django.db.models import Max, Min

from ..models import KnownName, Source
from .identities import USER


def keep(source: Source, named: Iterable[tuple[str, dict[str, Any]]], *, at: float) -> None:
    """named: (identity, what Chatwoot says of it). One row a name and day: a set that only grows, so nobody waits for it."""
    rows = [
        KnownName(
            source=source, kind=who.partition("/")[0], number=int(who.partition("/")[2]), name=str(card.get("name") or "")[:255],
            email=str(card.get("email") or "")[:254].lower(), day=datetime.fromtimestamp(at, UTC).date(),
        )
        for who, card in named
        if who and card.get("name")
    ]  # fmt: skip
    if rows:
        KnownName.objects.bulk_create(rows, ignore_conflicts=True)


def newest(*kinds: str) -> dict[str, str]:
    """Unique identity → the name it bears now; two of one name are told apart by account and number."""
    found: dict[str, tuple[str, str]] = {}
    rows = KnownName.objects.filter(kind__in=kinds).values_list(
        "source", "source__slug", "kind", "number", "name"
    )
    for source, slug, kind_, number, name in rows.annotate(last=Max("day"), first=Min("day")).order_by(
        "last", "first", "name"
    ):
        found[f"{source}/{kind_}/{number}"] = name, f"{slug} {number}"
    alike = Counter(name for name, _ in found.values())
    return {who: f"{name} ({where})" if alike[name] > 1 else name for who, (name, where) in found.items()}


def by_email(source: int) -> dict[str, str]:
    """A user's address → the identity, of one account."""
    rows = KnownName.objects.filter(source=source, kind=USER).exclude(email="").order_by("day", "pk")
    return {email: f"{USER}/{number}" for email, number in rows.values_list("email", "number")}
