"""What a change does to search: which probes stay, are gained and are lost. Kept on the change until it is decided.

A request measures a small collection itself. For a large one a task in the slow lane does, and the page waits for it.
"""

import hashlib
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from django.db.models import Count, Max, Sum
from django_q.tasks import async_task

from webhooks.database import clock

from ..models import Article, Change, Probe, ProbeVector, SearchState
from . import articles, asked, embedders, index, search, standing
from .articles import Live
from .embedders import EmbedderError
from .standing import Question, Standing

if TYPE_CHECKING:
    import numpy as np

MOST_IN_REQUEST = 50  # vectors made
PAIRS_IN_REQUEST = 1_000_000  # probes × articles: about 0.1 s
SLICE_S = 5  # of the slow lane, then drafts get their turn
MOST_AT_ONCE = 20
_known: tuple[index.Index, dict[tuple[int, str | None], Standing]] | None = None


@dataclass(frozen=True)
class Moved:
    """first: what stands first with the change; None: nothing is found."""

    probe: int
    first: str | None


@dataclass(frozen=True)
class Effect:
    """failing: not right before, and not with the change."""

    stay: int
    failing: int
    gained: tuple[Moved, ...]
    lost: tuple[Moved, ...]


# Pure, apart from the embedder


def of(
    now: index.Index, rows: Sequence[Live], given: Mapping[int, Live | None], questions: Sequence[Question],
    standings: Sequence[Standing], *, moved: Mapping[str, str] | None = None,
) -> Effect:  # fmt: skip
    """given: the articles as they would be, by key; None: withdrawn. moved: slugs whose probes go to another article.

    Raises EmbedderError.
    """
    held = [stood.holds(one.expected) for one, stood in zip(questions, standings, strict=True)]
    holds, first = list(held), {}
    gone = {row.pk: row.slug for row in rows if row.pk in given}
    slugs = frozenset([*gone.values(), *(row.slug for row in given.values() if row)])
    if given:
        after = standing.changed(now, rows, given)
        places = standing.altered(now, after, given, slugs, questions, standings)
        asked = [
            replace(one, expected=_moved(one.expected, moved)) for one in (questions[at] for at in places)
        ]
        for at, one, stood in zip(places, asked, standing.of(after, asked), strict=True):
            holds[at], first[at] = stood.holds(one.expected), stood.first
    return Effect(
        stay=sum(was and still for was, still in zip(held, holds, strict=True)),
        failing=sum(not was and not still for was, still in zip(held, holds, strict=True)),
        gained=_which(questions, first, [not was and still for was, still in zip(held, holds, strict=True)]),
        lost=_which(questions, first, [was and not still for was, still in zip(held, holds, strict=True)]),
    )


def _moved(expected: str | None, moved: Mapping[str, str] | None) -> str | None:
    return (moved or {}).get(expected, expected) if expected else None


def _which(
    questions: Sequence[Question], first: Mapping[int, str | None], chosen: Sequence[bool]
) -> tuple[Moved, ...]:
    return tuple(Moved(questions[at].key, first.get(at)) for at, is_one in enumerate(chosen) if is_one)


# On the tables


def ready(change: Change, *, now: datetime) -> dict[str, Any] | None:
    """What is known of an open change, measured now if that is quick; None: a task still has to measure it."""
    if not Probe.objects.exists():
        return _nothing(change, now=now)
    if is_current(change):
        return change.probe_result
    if _is_quick():
        return measure(change, now=now)
    return change.probe_result if _is_of_this_text(change) else None


def is_current(change: Change) -> bool:
    return _is_of_this_text(change) and (change.probe_result or {}).get("state") == state()


def _is_of_this_text(change: Change) -> bool:
    result = change.probe_result or {}
    return (result.get("digest"), result.get("base_version")) == (change.digest, change.base_version)


def state() -> str:
    """Moves with the live articles and with the probes."""
    facts = Probe.objects.aggregate(n=Count("pk"), last=Max("pk"), right=Sum("expected_id"))
    return f"{articles.stamp()}.{embedders.wanted()}.{facts['n']}.{facts['last']}.{facts['right']}"


def _is_quick() -> bool:
    n, name = Probe.objects.count(), embedders.wanted()
    if n * Article.objects.live().count() > PAIRS_IN_REQUEST:
        return False
    return name == embedders.WORDS or n - ProbeVector.objects.filter(embedder=name).count() <= MOST_IN_REQUEST


def measure(change: Change, *, now: datetime) -> dict[str, Any]:
    """Measures and keeps it on the change."""
    before, stands = index.current(), state()
    given, moved = after(change)
    probes = questions(before)
    standings = standings_of(before, probes)
    rows = list(articles.live())
    own = {row.pk: row for row in rows}
    given = {pk: row and _with_questions(row, change, own) for pk, row in given.items()}
    given = {pk: row for pk, row in given.items() if not _is_same(row, own.get(pk))}
    try:
        effect = of(before, rows, given, probes, standings, moved=moved)
    except EmbedderError as error:
        SearchState.objects.note(str(error))
        before = replace(before, embedder=None, vectors=None, model=index.model_of(embedders.WORDS))
        probes = [replace(one, vector=None) for one in probes]
        effect = of(before, rows, given, probes, standing.of(before, probes), moved=moved)
    return _kept(change, {
        "state": stands, "embedder": before.name, "at": now.isoformat(), "stay": effect.stay, "failing": effect.failing,
        "gained": [[one.probe, one.first] for one in effect.gained], "lost": [[one.probe, one.first] for one in effect.lost],
    })  # fmt: skip


def _with_questions(row: Live, change: Change, own: Mapping[int, Live]) -> Live:
    """The article's questions go with it, with those of the article that it takes in, and those that the change adds."""
    taken = [own[pk].asked for pk in (row.pk, change.merges_id) if pk is not None and pk in own]
    added = change.questions.order_by("-at", "-pk").values_list("text", flat=True)
    return replace(row, asked=tuple([*added, *(text for texts in taken for text in texts)][: asked.MOST]))


def _is_same(row: Live | None, live: Live | None) -> bool:
    """Nothing that search reads differs."""
    return row == live if row is None or live is None else replace(row, version=live.version) == live


def _nothing(change: Change, *, now: datetime) -> dict[str, Any]:
    return {
        "digest": change.digest, "base_version": change.base_version, "state": "", "at": now.isoformat(), "stay": 0,
        "failing": 0, "gained": [], "lost": [],
    }  # fmt: skip


def _kept(change: Change, found: dict[str, Any]) -> dict[str, Any]:
    change.probe_result = {"digest": change.digest, "base_version": change.base_version} | found
    Change.objects.filter(pk=change.pk, status=Change.Status.OPEN, digest=change.digest).update(
        probe_result=change.probe_result
    )
    return change.probe_result


def after(change: Change) -> tuple[dict[int, Live | None], dict[str, str]]:
    """(the articles as the change would leave them, slugs whose probes go along with it)"""
    article, proposed = change.article, change.proposed
    if change.kind == Change.Kind.WITHDRAW:
        return {article.pk: None}, {}
    text = {
        name: proposed.get(name, getattr(article, name) if article.version else "")
        for name in ("title", "question", "body", "keywords")
    }
    last = proposed.get("valid_until", article.valid_until)
    chosen = proposed.get("inboxes")
    inboxes = article.inboxes.values_list("pk", flat=True) if chosen is None else chosen
    row = Live(
        article.pk, article.slug, proposed.get("language", article.language), **text, version=article.version + 1,
        valid_until=date.fromisoformat(last) if isinstance(last, str) else last, inboxes=frozenset(inboxes),
    )  # fmt: skip
    if change.merges is None:
        return {article.pk: row}, {}
    return {article.pk: row, change.merges.pk: None}, {change.merges.slug: article.slug}


def standings_of(now: index.Index, probes: Sequence[Question]) -> list[Standing]:
    """Kept in this process while its index is the same."""
    global _known
    known = _known[1] if _known and _known[0] is now else {}
    fresh = [one for one in probes if (one.key, one.expected) not in known]
    known |= zip(((one.key, one.expected) for one in fresh), standing.of(now, fresh), strict=True)
    _known = (now, known)
    return [known[one.key, one.expected] for one in probes]


# Questions with their vectors


def questions(now: index.Index) -> list[Question]:
    """All probes, in the order of their keys."""
    rows = list(Probe.objects.order_by("pk").values_list("pk", "question", "expected__slug", "language"))
    vectors = vectors_of([row[:2] for row in rows], now)
    return [Question(pk, text, slug, vectors.get(pk), language) for pk, text, slug, language in rows]


def vectors_of(rows: Sequence[tuple[int, str]], now: index.Index) -> dict[int, "np.ndarray"]:
    """rows: (key, question). Makes and keeps those that are missing; empty without an embedder, or if it fails.

    They are of the questions as search compares them, without slips.
    """
    import numpy as np

    embedder = now.embedder
    if embedder is None:
        return {}
    rows = [(pk, search.corrected(text, now)) for pk, text in rows]
    digests = {pk: hashlib.sha256(text.encode("utf-8", "replace")).hexdigest() for pk, text in rows}
    stored = ProbeVector.objects.filter(embedder=embedder.name).values_list("probe", "digest", "vector")
    found = {
        pk: np.frombuffer(bytes(vector), dtype="<f4")
        for pk, digest, vector in stored
        if digest == digests.get(pk)
    }
    found = {pk: vector for pk, vector in found.items() if not embedder.dims or len(vector) == embedder.dims}
    missing = [row for row in rows if row[0] not in found]
    if not missing:
        return found
    try:
        made = embedder.embed([text for _, text in missing])
    except EmbedderError as error:
        SearchState.objects.note(str(error))
        return {}
    fresh = {pk: made[at].astype("<f4") for at, (pk, _) in enumerate(missing)}
    ProbeVector.objects.bulk_create(
        [ProbeVector(probe_id=pk, embedder=embedder.name, digest=digests[pk], vector=vector.tobytes())
         for pk, vector in fresh.items()],
        update_conflicts=True, unique_fields=["embedder", "probe"], update_fields=["digest", "vector"],
    )  # fmt: skip
    return found | fresh


# In the slow lane


def wake(*, now: datetime) -> None:
    """The chore: starts a task if a change was opened or edited since it was measured. It loads no embedder."""
    if _unmeasured().exists() and Probe.objects.exists():
        async_task("knowledge.search.probe_effect.run", cluster="slow")


def ask(change: Change) -> None:
    """Somebody looks at a change that was measured before the articles or the probes moved."""
    async_task("knowledge.search.probe_effect.run", change.pk, cluster="slow")


def run(wanted: int | None = None) -> int:
    """Measures open changes, newest first, until the slice is over. Returns how many."""
    done, ends = 0, time.monotonic() + SLICE_S
    found = Change.objects.filter(pk=wanted, status=Change.Status.OPEN) if wanted else _unmeasured()
    for change in found.select_related("article__current", "merges").order_by("-pk")[:MOST_AT_ONCE]:
        if done and time.monotonic() > ends:
            break
        measure(change, now=clock.now())
        done += 1
    return done


def _unmeasured() -> Any:
    return Change.objects.filter(status=Change.Status.OPEN, probe_result__isnull=True)
