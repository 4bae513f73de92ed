"""What a change does to search, as its page shows it. Questions of inboxes that the reader cannot see are only counted."""

from datetime import datetime
from typing import Any

from django.contrib.auth.models import User

from ..models import Article, Change, Probe
from ..search import probe_effect


def facts(change: Change, user: User, *, now: datetime, url: str, asks: bool = False) -> dict[str, Any]:
    """probes: None while nothing is known. waiting: a task measures, and the page asks again. asks: start that task."""
    is_open = change.status == Change.Status.OPEN
    found = probe_effect.ready(change, now=now) if is_open else change.probe_result
    waiting = is_open and Probe.objects.exists() and not probe_effect.is_current(change)
    if waiting and asks:
        probe_effect.ask(change)
    return {
        "probes": _readable(found, user) if found and (found["stay"] or found["failing"] or found["gained"] or found["lost"])
        else None,
        "probes_waiting": waiting, "probes_url": url, "is_open": is_open, "change": change,
    }  # fmt: skip


def _readable(found: dict[str, Any], user: User) -> dict[str, Any]:
    rows = Probe.objects.visible_to(user).select_related("expected__current").in_bulk(
        [key for key, _ in (*found["lost"], *found["gained"])]
    )  # fmt: skip
    slugs = {slug for _, slug in (*found["lost"], *found["gained"]) if slug}
    titles = {row.slug: row.title for row in Article.objects.filter(slug__in=slugs).with_texts()}
    read = {"stay": found["stay"], "failing": found["failing"], "at": datetime.fromisoformat(found["at"])}
    for name in ("gained", "lost"):
        shown = [(rows[key], titles.get(slug, slug)) for key, slug in found[name] if key in rows]
        read |= {name: shown, f"n_{name}": len(found[name]), f"hidden_{name}": len(found[name]) - len(shown)}
    return read | {"pinned": any(probe.pinned for probe, _ in read["lost"])}
