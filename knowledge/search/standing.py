"""Where many questions stand in an index: the best article, its confidence, and the rank of the right one. Reads no table.

The same as search.within for each question, with one matrix product for all of them.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..text.words import words
from . import confidence, embedders, index, ranking, search
from .articles import Live

if TYPE_CHECKING:
    import numpy as np

CHUNK = 256  # questions a product: 10 MB at 10,000 articles
CLOSE = 20  # articles near the top, on which confidence and the first place can depend
EVERY = 500_000  # questions × articles: up to here all are ranked again
MARGIN = 0.3  # of a score: how far one article's estimated score may be off
NEAR_TIE = 0.02  # of a score: the first two can change places when all scores move a little


@dataclass(frozen=True)
class Question:
    """expected: slug of the right article, None: no article is right. vector: None without an embedder.

    language: as it was detected when the question was saved.
    """

    key: int
    text: str
    expected: str | None
    vector: "np.ndarray | None"
    language: str = ""


@dataclass(frozen=True)
class Standing:
    """first: the slug of the best article. p: its confidence. rank: of the right article, from 1.

    close: the best articles; cut: the lowest score among them. lead: of the best over the second.
    """

    first: str | None
    p: float
    rank: int | None
    asked: search.Asked
    close: frozenset[str]
    cut: float
    lead: float
    scale: tuple[float, float, float, float]  # ranking.Scored

    def holds(self, expected: str | None) -> bool:
        """The right article stands first, or nothing is drafted where none is right."""
        if expected is None:
            return self.first is None or self.p < confidence.DRAFT_FROM
        return self.first == expected


def of(now: index.Index, questions: Sequence[Question]) -> list[Standing]:
    """In the order of the questions."""

    found: list[Standing] = []
    among = search.candidates(now)
    known = _matrix(questions) if now.vectors is not None else None
    model = now.model if known is not None or now.vectors is None else index.model_of(embedders.WORDS)
    for start in range(0, len(questions), CHUNK):
        some = questions[start : start + CHUNK]
        cosines: Sequence[Any] = [None] * len(some)
        if known is not None and now.vectors is not None:
            cosines = known[start : start + CHUNK] @ now.vectors.T
        found += [
            _standing(now, one, cos, among, model) for one, cos in zip(some, cosines, strict=True)
        ]  # fmt: skip
    return found


def _matrix(questions: Sequence[Question]) -> "np.ndarray | None":
    """None if one of them has no vector."""
    import numpy as np

    vectors = [one.vector for one in questions if one.vector is not None]
    return np.stack(vectors) if vectors and len(vectors) == len(questions) else None


def _standing(
    now: index.Index,
    question: Question,
    cos: "np.ndarray | None",
    among: "np.ndarray",
    model: confidence.Model,
) -> Standing:
    import numpy as np

    asked = search.read(now, question.text, language=question.language)
    if not asked.text or not len(among):
        return Standing(None, 0.0, None, asked, frozenset(), -np.inf, np.inf, (0, 0, 0, 0))
    bm25, cover = now.postings.score(asked.forms)
    scores = ranking.Scores(cos, bm25, cover, now.codes)
    scored = ranking.scored(scores, language=asked.code, among=among)
    hits = ranking.hits(scored, words=len(asked.forms), most=1)
    place = now.places.get(question.expected or "")
    near = min(CLOSE, len(among))
    best = np.sort(np.partition(scored.score, -near)[-near:])[::-1]
    close = frozenset(
        now.live[at].slug for at in among[np.flatnonzero(scored.score >= best[-1])[: 2 * CLOSE]]
    )
    return Standing(
        now.live[hits[0].place].slug if hits else None, model.p(hits[0].features) if hits else 0.0,
        None if place is None else scored.rank(place), asked, close, float(best[-1]),
        float(best[0] - best[1]) if near > 1 else np.inf, scored.scale,
    )  # fmt: skip


def changed(now: index.Index, rows: Iterable[Live], given: Mapping[int, Live | None]) -> index.Index:
    """The index as it would be. rows: the live articles with their texts. given: by key; None: withdrawn.

    Embeds only the articles that are given. Raises EmbedderError.
    """
    import numpy as np

    known = {one.pk for one in now.live}  # and not an article that was published a moment ago
    kept = {row.pk: row for row in rows if row.pk in known} | dict(given)
    after = sorted((row for row in kept.values() if row), key=lambda row: row.slug)
    vectors = None
    if now.embedder is not None and now.vectors is not None:
        old = {one.pk: now.vectors[place] for place, one in enumerate(now.live)}
        fresh = [row for row in given.values() if row]
        if fresh:
            made = index.compared(fresh, now.embedder)
            old |= {row.pk: made[at] for at, row in enumerate(fresh)}
        vectors = np.stack([old[row.pk] for row in after]).astype(np.float32) if after else None
    return index.of(after, embedder=now.embedder, vectors=vectors, model=now.model, stamp=now.stamp)


def altered(
    before: index.Index, after: index.Index, given: Mapping[int, Live | None], slugs: frozenset[str],
    questions: Sequence[Question], standings: Sequence[Standing],
) -> list[int]:  # fmt: skip
    """Positions of the questions whose standing the given articles can alter. slugs: theirs.

    In a small collection one article moves all scores a little, so every question is among them. In a large one, those that
    the article answered, where it was near the top, or where it comes near the top.
    """
    if len(questions) * len(before.live) <= EVERY:
        return list(range(len(questions)))
    near = {
        at for at, (one, stood) in enumerate(zip(questions, standings, strict=True))
        if one.expected in slugs or stood.close & slugs or stood.lead < NEAR_TIE
    }  # fmt: skip
    for row in given.values():
        if row:
            near |= _comes_near(before, after, row, questions, standings)
    return sorted(near)


def _comes_near(
    before: index.Index, after: index.Index, row: Live, questions: Sequence[Question], standings: Sequence[Standing]
) -> set[int]:  # fmt: skip
    """Its score for each question, on the scale of the others as they are."""

    code, weights = index.base(row.language), _weights(before, row)
    known, cosines = _matrix(questions), None
    if after.vectors is not None and known is not None:
        cosines = known @ after.vectors[after.places[row.slug]]
    found = set()
    for at, stood in enumerate(standings):
        mean, spread, rare_mean, rare_spread = stood.scale
        rare = sum(weights.get(form, 0.0) for forms in stood.asked.forms for form in forms)
        score = (rare - rare_mean) / rare_spread if rare_spread > ranking.LEAST_SPREAD else 0.0
        if cosines is not None:
            meaning = (float(cosines[at]) - mean) / spread if spread > ranking.LEAST_SPREAD else 0.0
            score = meaning + ranking.LAMBDA * score
        foreign = stood.asked.code not in ("", code)
        if score - ranking.OTHER_LANGUAGE * foreign >= stood.cut - MARGIN:
            found.add(at)
    return found


def _weights(before: index.Index, row: Live) -> dict[str, float]:
    text = " ".join((row.words, *row.asked))
    counts = ranking.counted(words(text, language=row.language), index.base(row.language))
    return before.postings.weights_of(counts)
