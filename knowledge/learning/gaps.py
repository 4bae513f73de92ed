"""Gaps: topics that customers ask about and no draft answers. Pure: questions and vectors in, topics out.

Average linkage: two groups of questions become one while the mean cosine between them is at least the embedder's threshold.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING

from ..search import embedders
from ..text import facts
from ..text.words import plain_words, words

if TYPE_CHECKING:
    import numpy as np

LEAST_CUSTOMERS = 5
SHARE_OF_WORDS = 0.3  # of a vector, beside meaning
# Strict first: what makes no topic of its own is grouped again, less strictly, so that one loose topic does not swallow others.
# Chosen on a part of BANKING77; tests/bench/test_bench_gaps.py measures on another part.
PASSES = {
    embedders.USE: (0.58, 0.50, 0.44), embedders.MINILM: (0.58, 0.50, 0.44), embedders.WORDS: (0.40, 0.30, 0.24),
}  # fmt: skip
# For other embedders: standard deviations above the mean cosine of two questions. Models use different parts of the scale.
SPREADS = (3.5, 2.8, 2.2)
TITLE_WORDS, LEAST_LETTERS, MOST_MARKS = 4, 3, 30
LEAST_OF_BEST = 5  # a word of a title has at least a fifth of the weight of the best one
FEW = 20  # questions, so that words count as rare although few others are there


@dataclass(frozen=True)
class Asked:
    """One turn. key: of its message. text: masked."""

    key: int
    customer: int
    at: datetime
    text: str
    language: str = ""


@dataclass(frozen=True)
class Topic:
    """Most typical first: medoid is the question nearest to all others. closeness: mean cosine to the others, by key."""

    asked: Sequence[Asked]
    closeness: dict[int, float]

    @property
    def medoid(self) -> Asked:
        return self.asked[0]

    @property
    def customers(self) -> set[int]:
        return {one.customer for one in self.asked}

    @property
    def language(self) -> str:
        return Counter(one.language for one in self.asked).most_common(1)[0][0]


def topics(
    asked: Sequence[Asked], vectors: "np.ndarray", *, passes: Sequence[float], least: int = LEAST_CUSTOMERS,
    erased: Mapping[int, frozenset[int]] | None = None,
) -> list[Topic]:  # fmt: skip
    """Of at least so many customers, the largest first. vectors: a row of length 1 for each question.

    erased: by key, customers who asked the same and whose words were erased; they still count for the topic.
    """
    found, left = list[Topic](), list(range(len(asked)))
    for threshold in passes:
        groups = clusters(vectors[left], threshold=threshold) if left else []
        made = [_topic(asked, vectors, [left[at] for at in group]) for group in groups]
        large = [topic for topic in made if len(_counted(topic, erased or {})) >= least]
        used = {one.key for topic in large for one in topic.asked}
        found, left = found + large, [at for at in left if asked[at].key not in used]
    if found and left and len(passes) > 1:
        found = _joined(asked, vectors, found, left, threshold=passes[1])
    return sorted(found, key=lambda one: (-len(one.customers), one.medoid.key))


def _counted(topic: Topic, erased: Mapping[int, frozenset[int]]) -> set[int]:
    return topic.customers.union(*(erased.get(one.key, ()) for one in topic.asked))


def _joined(
    asked: Sequence[Asked], vectors: "np.ndarray", found: Sequence[Topic], left: Sequence[int], *, threshold: float
) -> list[Topic]:  # fmt: skip
    """What is left joins the topic that it is nearest to, if it is near enough."""
    import numpy as np

    place_of = {one.key: place for place, one in enumerate(asked)}
    members = [[place_of[one.key] for one in topic.asked] for topic in found]
    means = np.array([vectors[places].mean(axis=0) for places in members])
    near = vectors[list(left)] @ means.T
    for row, place in enumerate(left):
        best = int(np.argmax(near[row]))
        if near[row, best] >= threshold:
            members[best].append(place)
    return [_topic(asked, vectors, places) for places in members]


def _topic(asked: Sequence[Asked], vectors: "np.ndarray", places: Sequence[int]) -> Topic:
    near = vectors[places] @ vectors[places].sum(axis=0) / len(places)
    closeness = {asked[at].key: round(float(own), 4) for at, own in zip(places, near, strict=True)}
    return Topic(
        sorted((asked[at] for at in places), key=lambda one: (-closeness[one.key], one.key)), closeness
    )


def clusters(vectors: "np.ndarray", *, threshold: float) -> list[list[int]]:
    """Average linkage by chains of nearest neighbours (Murtagh 1983): quadratic in the questions, in time and memory.

    A merge never brings two groups nearer to a third than the nearer of both was, so a group whose nearest neighbour is
    too far is done.
    """
    import numpy as np

    count = len(vectors)
    near = (vectors @ vectors.T).astype(np.float64).round(6)
    near = np.minimum(near, near.T)  # a product's last digits differ by side, and a chain would never end
    np.fill_diagonal(near, -np.inf)
    sizes, members = np.ones(count), {place: [place] for place in range(count)}
    waiting, chain, done = set(range(count)), list[int](), list[list[int]]()
    while waiting:
        if not chain:
            chain.append(min(waiting))
        at = chain[-1]
        best = int(np.argmax(near[at]))
        if near[at, best] < threshold:
            done.append(members.pop(at))
            waiting.discard(at)
            near[at, :] = near[:, at] = -np.inf
            chain.pop()
        elif len(chain) > 1 and near[at, chain[-2]] >= near[at, best]:
            kept, gone = chain[-2], at
            del chain[-2:]
            merged = (sizes[kept] * near[kept] + sizes[gone] * near[gone]) / (sizes[kept] + sizes[gone])
            sizes[kept] += sizes[gone]
            members[kept] += members.pop(gone)
            near[kept, :] = near[:, kept] = merged
            near[gone, :] = near[:, gone] = near[kept, kept] = -np.inf
            waiting.discard(gone)
        else:
            chain.append(best)
    return [sorted(places) for places in done]


def passes_of(name: str, vectors: "np.ndarray") -> tuple[float, ...]:
    """The thresholds of an embedder."""
    if name in PASSES or len(vectors) < 2:
        return PASSES.get(name, PASSES[embedders.USE])
    import numpy as np

    near = (vectors @ vectors.T)[np.triu_indices(len(vectors), k=1)]
    return tuple(float(near.mean() + spread * near.std()) for spread in SPREADS)


def with_words(meaning: "np.ndarray", said: "np.ndarray") -> "np.ndarray":
    """One vector of both. Their cosine is the weighted mean of the two."""
    import numpy as np

    part = math.sqrt(SHARE_OF_WORDS)
    return np.hstack([math.sqrt(1 - SHARE_OF_WORDS) * meaning, part * said]).astype(np.float32)


def word_vectors(asked: Sequence[Asked]) -> "np.ndarray":
    """Without an embedder: tf-idf of the words, of length 1. Words of one question alone say nothing about others."""
    import numpy as np

    counts = [Counter(words(one.text, language=one.language)) for one in asked]
    known = _rarity(counts)
    places = {word: place for place, word in enumerate(sorted(known))}
    vectors = np.zeros((len(asked), max(len(places), 1)), dtype=np.float32)
    for row, count in enumerate(counts):
        for word, times in count.items():
            if word in places:
                vectors[row, places[word]] = (1 + math.log(times)) * known[word]
    return embedders.unit(vectors)


def _rarity(counts: Sequence[Counter[str]]) -> dict[str, float]:
    holding = Counter(word for count in counts for word in count)
    return {word: math.log(1 + len(counts) / number) for word, number in holding.items() if number > 1}


def marks(topic: Topic, everything: Sequence[Asked]) -> dict[str, float]:
    """The words that mark it, each used by at least three customers, by how much: nobody's own text, and no fact that they state.

    Of the language in which most ask: a title in two languages is read by nobody.
    """
    said: dict[str, set[int]] = defaultdict(set)
    for one in topic.asked:
        for word in _marking(one.text, one.language) if one.language == topic.language else ():
            said[word].add(one.customer)
    others = Counter(
        word
        for one in everything
        if one.key not in topic.closeness
        for word in _marking(one.text, one.language)
    )
    rest, least = len(everything) - len(topic.asked), max(3, len(topic.customers) // 4)
    found = {
        word: len(people) * len(word) * math.log((len(everything) + FEW) / (others[word] + len(people)))
        for word, people in said.items()
        if len(people) >= least and len(word) >= LEAST_LETTERS and word.isalpha()
        and others[word] * len(topic.asked) * 2 <= len(people) * rest
    }  # fmt: skip
    return {word: found[word] for word in sorted(found, key=lambda word: (-found[word], word))[:MOST_MARKS]}


def title(marks: Mapping[str, float], meant: Mapping[str, float] | None = None) -> str:
    """Up to TITLE_WORDS of the marks. meant: the cosine of each to the questions, from which words such as "because" are far."""
    weights = {word: weight * max((meant or {}).get(word, 1.0), 0.0) ** 2 for word, weight in marks.items()}
    best = sorted(weights, key=lambda word: (-weights[word], word))[:TITLE_WORDS]
    return ", ".join(word for word in best if weights[word] * LEAST_OF_BEST >= weights[best[0]]).capitalize()


@lru_cache(maxsize=2_000)  # each topic is compared with all questions
def _marking(text: str, language: str) -> frozenset[str]:
    """Its words, without those of numbers, days, links and the like: a title says what is asked, not what customers claim."""
    return frozenset(plain_words(facts.without(text, language=language)))
