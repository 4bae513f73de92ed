"""Scores articles for a question: meaning and words, as z-scores over the articles. Pure: arrays in, hits out.

score = z(cosine) + LAMBDA · z(BM25), − OTHER_LANGUAGE for an article in another language than the customer's. Equal weights
(or reciprocal rank fusion) lose to meaning alone; a small share of words gains, above all in large collections.
"""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

K1, B = 1.2, 0.75  # Okapi BM25, Robertson and Zaragoza 2009: the usual constants
LAMBDA = 0.1
OTHER_LANGUAGE = 0.1
LEAST_SPREAD = 1e-9  # below it all values are the same


# Of one article against the best others of its language: o1 and o2 are their scores, s its own. Without an embedder, cover stands
# for cos. crowd: ln Σ exp((cos of one of them − cos) / WIDTH), with itself: how many are about as close. bm25 lead: of
# ln(1 + bm25) over the best of the others.
FEATURES = (
    "cos", "s-o1", "s-o2", "cos-cos(o1)", "ln(1+bm25)", "ln(1+words)", "mean cos", "crowd", "bm25 lead",
)  # fmt: skip
CROWD, WIDTH = 30, 0.08


@dataclass(frozen=True)
class Hit:
    """place: of the article in the index. cos: −1 to 1, None without an embedder. cover: the share of the question's words,
    weighted by how rare they are, that the article has. features: what confidence is computed from (FEATURES).
    """

    place: int
    score: float
    cos: float | None
    bm25: float
    cover: float
    other_language: bool
    features: tuple[float, ...]


class Postings:
    """An inverted index: word → places and BM25 weights. Words carry their article's language: "en:refund"."""

    def __init__(self, documents: Sequence[Mapping[str, int]]) -> None:
        import numpy as np

        lengths = np.array([sum(document.values()) for document in documents], dtype=np.float64)
        norm = K1 * (1 - B + B * lengths / (lengths.mean() or 1)) if len(documents) else lengths
        lists: dict[str, tuple[list[int], list[int]]] = {}
        for place, document in enumerate(documents):
            for word, count in document.items():
                places, counts = lists.setdefault(word, ([], []))
                places.append(place)
                counts.append(count)
        self.size = len(documents)
        self.mean_length = float(lengths.mean()) if len(documents) else 0.0
        self.lists: dict[str, tuple[np.ndarray, np.ndarray]] = {}
        for word, (places, counts) in lists.items():
            at, times = np.array(places, dtype=np.int32), np.array(counts, dtype=np.float64)
            weights = self.rarity(len(at)) * times * (K1 + 1) / (times + norm[at])
            self.lists[word] = (at, weights.astype(np.float32))

    def weights_of(self, document: Mapping[str, int]) -> dict[str, float]:
        """BM25 of each word of a document beside those of the index, as rare as it is there."""
        norm = K1 * (1 - B + B * sum(document.values()) / (self.mean_length or 1))
        found = {}
        for word, count in document.items():
            holding = len(self.lists[word][0]) if word in self.lists else 1
            found[word] = self.rarity(holding) * count * (K1 + 1) / (count + norm)
        return found

    def rarity(self, holding: int) -> float:
        return math.log(1 + (self.size - holding + 0.5) / (holding + 0.5))

    def score(self, asked: Sequence[Sequence[str]]) -> "tuple[np.ndarray, np.ndarray]":
        """(BM25, cover) for each article. asked: for each word of the question, its forms by language."""
        import numpy as np

        bm25, cover = np.zeros(self.size), np.zeros(self.size)
        total = 0.0
        for forms in sorted({tuple(sorted(set(forms))) for forms in asked}):
            known = [self.lists[form] for form in forms if form in self.lists]
            rarity = self.rarity(sum(len(at) for at, _ in known))
            total += rarity
            for at, weights in known:
                bm25[at] += weights
                cover[at] += rarity
        return bm25, cover / (total or 1)


@dataclass(frozen=True)
class Scores:
    """Of each article, by place. cos: None without an embedder. codes: languages of the articles."""

    cos: "np.ndarray | None"
    bm25: "np.ndarray"
    cover: "np.ndarray"
    codes: "np.ndarray"


@dataclass(frozen=True)
class Scored:
    """The candidates of one question, each with its score. among: their places, ascending.

    scale: mean and spread of meaning and of BM25, which the z-scores are made with.
    """

    scores: Scores
    among: "np.ndarray"
    codes: "np.ndarray"
    rare: "np.ndarray"
    meaning: "np.ndarray"
    foreign: "np.ndarray"
    score: "np.ndarray"
    scale: tuple[float, float, float, float]

    def rank(self, place: int) -> int | None:
        """Of an article, from 1, in the order of `hits`; None if it is not among them."""
        import numpy as np

        at = int(np.searchsorted(self.among, place))
        if at >= len(self.among) or self.among[at] != place:
            return None
        is_hit = np.ones(len(self.score), dtype=bool) if self.scores.cos is not None else self.rare > 0
        if not is_hit[at]:
            return None
        better = (self.score > self.score[at]) & is_hit
        equal = (self.score[:at] == self.score[at]) & is_hit[:at]
        return 1 + int(better.sum()) + int(equal.sum())


def find(scores: Scores, *, language: str, among: "np.ndarray", words: int, most: int) -> list[Hit]:
    """Best first. language: of the question, "" if it is not known. among: places of the candidates. words: of the question.

    Equal scores are ordered by place. Without an embedder, articles that share no word are left out.
    """
    return hits(scored(scores, language=language, among=among), words=words, most=most) if len(among) else []


def scored(scores: Scores, *, language: str, among: "np.ndarray") -> Scored:
    """among: at least one place."""
    codes, rare = scores.codes[among], scores.bm25[among]
    meaning = (scores.cover if scores.cos is None else scores.cos)[among]
    foreign = (codes != language) & (language != "")
    of_meaning, of_words = _scale(meaning), _scale(rare)
    score = _z(rare, of_words)
    if scores.cos is not None:
        score = _z(meaning, of_meaning) + LAMBDA * score
    score = score - OTHER_LANGUAGE * foreign
    return Scored(scores, among, codes, rare, meaning, foreign, score, (*of_meaning, *of_words))


def hits(found: Scored, *, words: int, most: int) -> list[Hit]:
    import numpy as np

    scores, codes, rare, meaning, score = found.scores, found.codes, found.rare, found.meaning, found.score
    best = _best(score, most)
    mean, hits = found.scale[0], []
    rivals = {}
    for code in set(codes[best].tolist()):
        own_language = np.flatnonzero(codes == code)
        rivals[code] = own_language[_best(score[own_language], CROWD + 1)]
    for at in best:
        # A translation of the article is not its rival: others are those of the same language.
        others = rivals[codes[at]][rivals[codes[at]] != at][:CROWD]
        # Without a second or third article, the means stand for their scores: 0, as of all z-scores.
        first, second = (float(score[others[n]]) if len(others) > n else 0.0 for n in (0, 1))
        own, next_best = float(meaning[at]), float(meaning[others[0]]) if len(others) else mean
        crowd = math.log1p(float(np.exp((meaning[others] - own) / WIDTH).sum()))
        lead = math.log1p(float(rare[at])) - math.log1p(float(rare[others].max(initial=0)))
        features = (
            own, float(score[at]) - first, float(score[at]) - second, own - next_best, math.log1p(float(rare[at])),
            math.log1p(words), mean, crowd, lead,
        )  # fmt: skip
        place, cos = int(found.among[at]), None if scores.cos is None else own
        cover = float(scores.cover[place])
        hits.append(
            Hit(place, float(score[at]), cos, float(rare[at]), cover, bool(found.foreign[at]), features)
        )
    return [hit for hit in hits if scores.cos is not None or hit.bm25 > 0]


def _best(score: "np.ndarray", most: int) -> "np.ndarray":
    """The positions of the highest scores, best first; equal ones by position. Sorts only those that can be among them."""
    import numpy as np

    near = np.arange(len(score))
    if most < len(score):
        near = np.flatnonzero(score >= np.partition(score, -most)[-most])
    return near[np.lexsort((near, -score[near]))][:most]


def _scale(values: "np.ndarray") -> tuple[float, float]:
    return float(values.mean()), float(values.std())


def _z(values: "np.ndarray", scale: tuple[float, float]) -> "np.ndarray":
    mean, spread = scale
    return (values - mean) / spread if spread > LEAST_SPREAD else values * 0


def counted(words: Sequence[str], language: str) -> Counter[str]:
    return Counter(f"{language}:{word}" for word in words)
