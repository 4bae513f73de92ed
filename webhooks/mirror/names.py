"""What users, bots, assistants and teams are called: one identity may have several names, and one name several."""

import functools
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from django.db import transaction
from django.db.models import Max, Min

from ..models import KnownName, Source
from .identities import USER

MOST_KEPT = 10_000
_kept: set[tuple[Any, ...]] = (
    set()
)  # rows of this day that are certainly committed: each message names the same few people


def forget() -> None:
    """As after a start."""
    _kept.clear()


def keep(source: Source, named: Iterable[tuple[str, dict[str, Any]]], *, at: float) -> None:
    """named: (identity, what Chatwoot says of it). One row per name and day: a set that only grows, so no lock is needed."""
    day = datetime.fromtimestamp(at, UTC).date()
    facts = {
        (source.pk, who, str(card.get("name") or ""), str(card.get("email") or ""), day)
        for who, card in named
        if who
    }
    if facts <= _kept:
        return
    rows = [
        KnownName(
            source=source, kind=who.partition("/")[0], number=int(who.partition("/")[2]), name=name[:255],
            email=email[:254].lower(), day=day,
        )
        for _, who, name, email, _ in sorted(facts)
        if name
    ]  # fmt: skip
    if rows:  # in one statement and one order: two workers with the same two names never wait for each other
        KnownName.objects.bulk_create(rows, ignore_conflicts=True)
    transaction.on_commit(functools.partial(_remember, facts))


def _remember(facts: set[tuple[Any, ...]]) -> None:
    if len(_kept) > MOST_KEPT:
        _kept.clear()
    _kept.update(facts)


def newest(*kinds: str) -> dict[str, tuple[str, str]]:
    """Unique identity → (acme/user/3 for 1/user/3, its current name); two with one name are distinguished by account and
    number.
    """
    found: dict[str, tuple[str, str, str]] = {}
    rows = KnownName.objects.filter(kind__in=kinds).values("source", "source__slug", "kind", "number", "name")
    for row in rows.annotate(last=Max("day"), first=Min("day")).order_by("last", "first", "name"):
        slug, number, who = row["source__slug"], row["number"], f"{row['kind']}/{row['number']}"
        found[f"{row['source']}/{who}"] = f"{slug}/{who}", row["name"], f"{slug} {number}"
    alike = Counter(name for _, name, _ in found.values())
    return {
        who: (shown, f"{name} ({where})" if alike[name] > 1 else name)
        for who, (shown, name, where) in found.items()
    }


def of(source: int, kind: str) -> dict[int, str]:
    """The users, bots or teams that one account has named: number → current name; alike ones with their number."""
    rows = KnownName.objects.filter(source=source, kind=kind).order_by("day", "pk")
    found = dict(rows.values_list("number", "name"))
    alike = Counter(found.values())
    return {number: f"{name} ({number})" if alike[name] > 1 else name for number, name in found.items()}


def emails(source: int, who: str) -> set[str]:
    """Under which addresses this one was ever known."""
    kind, _, number = who.partition("/")
    rows = KnownName.objects.filter(source=source, kind=kind, number=int(number)).exclude(email="")
    return set(rows.values_list("email", flat=True))


def by_email(source: int) -> dict[str, str]:
    """A user's address → the identity, of one account."""
    rows = KnownName.objects.filter(source=source, kind=USER).exclude(email="").order_by("day", "pk")
    return {email: f"{USER}/{number}" for email, number in rows.values_list("email", "number")}
