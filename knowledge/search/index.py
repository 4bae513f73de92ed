"""The index of this process: vectors and postings of the live articles, rebuilt when their stamp moves.

Vectors are kept in the database, one per article and embedder, so that a process loads them. A background task makes them
(reindexing.py); a request makes at most MOST_IN_REQUEST, and ranks the others by words until theirs are there.
"""

import hashlib
import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING

from ..models import ArticleVector, Calibration, SearchState
from ..text.words import plain_words, words
from . import articles, asked, confidence, embedders, ranking, spelling
from .articles import Live
from .embedders import Embedder, EmbedderError

if TYPE_CHECKING:
    import numpy as np

MOST_IN_REQUEST = 50
TRY_AGAIN_S = 5  # while vectors are missing
_building = threading.Lock()
_index: "Index | None" = None
# Digests of an article's text and questions → its words without endings, and as they are written.
_counted: dict[tuple[str, str], tuple[Counter[str], Counter[str]]] = {}


@dataclass(frozen=True)
class Index:
    """live: the articles in the order of their slugs, without their bodies. vectors: a row per article, None without any.

    missing: how many articles have no vector yet; their row repeats the mean, so that words alone decide on them.
    """

    stamp: str
    embedder: Embedder | None
    live: Sequence[Live]
    postings: ranking.Postings
    vocabulary: spelling.Vocabulary
    vectors: "np.ndarray | None"
    missing: int
    model: confidence.Model
    built_at: float

    @cached_property
    def languages(self) -> tuple[str, ...]:
        return tuple(sorted({base(one.language) for one in self.live}))

    @cached_property
    def codes(self) -> "np.ndarray":
        """The language of each article."""
        import numpy as np

        return np.array([base(one.language) for one in self.live], dtype="<U2")

    @cached_property
    def places(self) -> dict[str, int]:
        return {one.slug: place for place, one in enumerate(self.live)}

    @cached_property
    def limited(self) -> dict[int, frozenset[int]]:
        """Articles that belong to some inboxes only."""
        return {place: one.inboxes for place, one in enumerate(self.live) if one.inboxes}

    @cached_property
    def ending(self) -> dict[int, date]:
        """Articles with a last day."""
        return {place: one.valid_until for place, one in enumerate(self.live) if one.valid_until}

    @property
    def name(self) -> str:
        return self.embedder.name if self.embedder and self.vectors is not None else embedders.WORDS


def current() -> Index:
    """Cheap while nothing has changed: one query for the stamp."""
    global _index
    stamp, embedder = articles.stamp(), usable_embedder()
    if _index is None or not _is_fresh(_index, stamp, embedder):
        with _building:
            if _index is None or not _is_fresh(_index, stamp, embedder):
                _index = build(stamp, embedder)
    return _index


def forget() -> None:
    """The next search reads everything again."""
    global _index
    _index = None
    _counted.clear()


def usable_embedder() -> Embedder | None:
    """None if there is none, or if it cannot be used; then the health page says why."""
    try:
        return embedders.current()
    except EmbedderError as error:
        SearchState.objects.note(str(error))
        return None


def _is_fresh(index: Index, stamp: str, embedder: Embedder | None) -> bool:
    same = index.stamp == stamp and _name(index.embedder) == _name(embedder)
    return same and not (index.missing and time.monotonic() > index.built_at + TRY_AGAIN_S)


def _name(embedder: Embedder | None) -> str:
    return embedder.name if embedder else embedders.WORDS


def build(stamp: str, embedder: Embedder | None, *, most: int = MOST_IN_REQUEST) -> Index:
    """From the tables alone: it does not matter in which order the articles changed."""
    rows = list(articles.live())
    vectors, missing = _vectors(rows, embedder, most) if embedder else (None, 0)
    name = _name(embedder) if vectors is not None else embedders.WORDS
    return of(rows, embedder=embedder, vectors=vectors, model=model_of(name), stamp=stamp, missing=missing)


def of(
    rows: Sequence[Live], *, embedder: Embedder | None, vectors: "np.ndarray | None", model: confidence.Model,
    stamp: str = "", missing: int = 0,
) -> Index:  # fmt: skip
    """Reads no table."""
    digests = [(text_digest(row), asked.digest(row.asked)) for row in rows]
    for row, digest in zip(rows, digests, strict=True):
        if digest not in _counted:
            text = " ".join((row.words, *row.asked))
            stems = ranking.counted(words(text, language=row.language), base(row.language))
            _counted[digest] = (stems, Counter(plain_words(text)))
    postings = ranking.Postings([_counted[digest][0] for digest in digests])
    written: Counter[str] = Counter()
    for digest in digests:
        written.update(_counted[digest][1])
    for digest in set(_counted) - set(digests):
        del _counted[digest]
    light = [replace(row, body="", keywords="", asked=()) for row in rows]
    vocabulary = spelling.Vocabulary(written)
    return Index(stamp, embedder, light, postings, vocabulary, vectors, missing, model, time.monotonic())


def model_of(name: str) -> confidence.Model:
    """The desk's own calibration, or the shipped one."""
    own = (
        Calibration.objects.filter(embedder=name, active=True).values_list("coefficients", flat=True).first()
    )
    # One that was fitted before a feature was added does not apply.
    if own and len(own) == len(ranking.FEATURES) + 1:
        return confidence.Model(tuple(own))
    return confidence.shipped(name)


@dataclass(frozen=True)
class Stored:
    """Of one article: its own vector and the mean of its questions (b"" without any), each with the digest of the texts."""

    digest: str = ""
    vector: bytes = b""
    asked: bytes = b""
    asked_count: int = 0
    asked_digest: str = ""


MISSING = Stored()


def _vectors(rows: Sequence[Live], embedder: Embedder, most: int) -> "tuple[np.ndarray | None, int]":
    """(a row per article or None, how many are missing)"""
    stored = load(embedder)
    missing = [row for row in rows if stored.get(row.pk, MISSING).digest != text_digest(row)]
    if missing and len(missing) <= most:
        try:
            made = make(missing, embedder)
        except EmbedderError as error:
            SearchState.objects.note(str(error))
        else:
            stored |= {
                pk: replace(stored.get(pk, MISSING), digest=digest, vector=vector)
                for pk, (digest, vector) in made.items()
            }
            missing = []
    known = {row.pk for row in rows} - {row.pk for row in missing}
    dims = {len(stored[pk].vector) // 4 for pk in known}
    if len(dims) != 1:
        return None, len(missing)
    matrix = _folded([stored[row.pk] if row.pk in known else None for row in rows], dims.pop())
    if missing:
        mean = matrix.sum(axis=0) / len(known)
        matrix[[row.pk not in known for row in rows]] = mean
    return matrix, len(missing)


def _folded(rows: Sequence[Stored | None], dims: int) -> "np.ndarray":
    """A row of zeros for None."""
    import numpy as np

    own, questions = (np.zeros((len(rows), dims), dtype=np.float32) for _ in range(2))
    counts = np.zeros(len(rows))
    for place, row in enumerate(rows):
        if row is None:
            continue
        own[place] = np.frombuffer(row.vector, dtype="<f4")
        if len(row.asked) == dims * 4:
            questions[place], counts[place] = np.frombuffer(row.asked, dtype="<f4"), row.asked_count
    taught = counts > 0
    own[taught] = asked.folded(own[taught], questions[taught], counts[taught])
    return own


def load(embedder: Embedder) -> dict[int, Stored]:
    """article → its vectors. Those of another length, from before the model changed, are left out."""
    rows = ArticleVector.objects.filter(embedder=embedder.name).values_list(
        "article", "digest", "vector", "asked", "asked_count", "asked_digest"
    )
    found = {
        pk: Stored(digest, bytes(vector), bytes(mean), count, of_questions)
        for pk, digest, vector, mean, count, of_questions in rows.iterator()
    }
    return {pk: row for pk, row in found.items() if not embedder.dims or len(row.vector) == embedder.dims * 4}


def make(rows: Sequence[Live], embedder: Embedder) -> dict[int, tuple[str, bytes]]:
    """Embeds the articles' own texts and stores their vectors. Raises EmbedderError."""
    vectors = vectors_of(rows, embedder)
    made = {row.pk: (text_digest(row), vectors[at].astype("<f4").tobytes()) for at, row in enumerate(rows)}
    ArticleVector.objects.bulk_create(
        [ArticleVector(article_id=pk, embedder=embedder.name, digest=digest, vector=vector)
         for pk, (digest, vector) in made.items()],
        update_conflicts=True, unique_fields=["embedder", "article"], update_fields=["digest", "vector"],
    )  # fmt: skip
    return made


def vectors_of(rows: Sequence[Live], embedder: Embedder) -> "np.ndarray":
    """The mean of title, question and whole text, each of length 1: better than the whole text alone, in which a short title
    counts for little.
    """
    import numpy as np

    parts = [
        [row.title, row.question, f"{row.title}. {row.question} {row.keywords} {row.body}"] for row in rows
    ]
    flat = embedder.embed([part for own in parts for part in own if part.strip()])
    sums, at = np.zeros((len(rows), flat.shape[1]), dtype=np.float32), 0
    for place, own in enumerate(parts):
        filled = sum(bool(part.strip()) for part in own)
        sums[place] = flat[at : at + filled].sum(axis=0)
        at += filled
    return embedders.unit(sums)


def compared(rows: Sequence[Live], embedder: Embedder) -> "np.ndarray":
    """What a question is compared with: each article's own vector with the share of its questions. Stores nothing."""
    vectors = vectors_of(rows, embedder)
    stored = [
        Stored(
            vector=own.astype("<f4").tobytes(),
            asked=asked.mean(row.asked, embedder),
            asked_count=len(row.asked),
        )
        for row, own in zip(rows, vectors, strict=True)
    ]
    return _folded(stored, vectors.shape[1])


def text_digest(row: Live) -> str:
    parts = (row.language, row.title, row.question, row.body, row.keywords)
    return hashlib.sha256("\0".join(parts).encode("utf-8", "replace")).hexdigest()


def base(language: str) -> str:
    return language.lower()[:2]
