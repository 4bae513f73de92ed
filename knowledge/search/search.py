"""Searches the live articles for a question: the one way in for the drafters, the API and the pages."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from ..models import Article, SearchState
from ..text import languages
from ..text.words import plain_words, words
from . import embedders, index, ranking, spelling
from .articles import Live
from .embedders import EmbedderError

if TYPE_CHECKING:
    import numpy as np

MOST_QUESTION = 4000  # characters
MOST_WORDS = 400


@dataclass(frozen=True)
class Answer:
    """One article. confidence: how probable it is that it answers the question, 0 to 1."""

    live: Live
    hit: ranking.Hit
    confidence: float

    @property
    def parts(self) -> dict[str, Any]:
        """What the score is made of. meaning: cosine, None without an embedder. words: BM25. cover: 0 to 1."""
        return {
            "meaning": None if self.hit.cos is None else round(self.hit.cos, 4),
            "words": round(self.hit.bm25, 4),
            "cover": round(self.hit.cover, 4),
            "other_language": self.hit.other_language,
        }


@dataclass(frozen=True)
class Result:
    """language: of the question. embedder: the one that was used, or "words"."""

    language: str
    embedder: str
    answers: tuple[Answer, ...]


def search(
    question: str, *, limit: int = 3, language: str = "", inboxes: Collection[int] | None = None, without: Collection[str] = ()
) -> Result:  # fmt: skip
    """language: where the caller knows it. inboxes: keys; leaves out articles of others only. without: slugs to leave out."""
    return within(index.current(), question, limit=limit, language=language, inboxes=inboxes, without=without)


def within(
    now: index.Index, question: str, *, limit: int = 3, language: str = "", inboxes: Collection[int] | None = None,
    without: Collection[str] = (),
) -> Result:  # fmt: skip
    """The same in a given index."""
    asked = read(now, question, language=language)
    among = candidates(now, inboxes, without)
    if not asked.text or not len(among):
        return Result(asked.language, now.name, ())
    bm25, cover = now.postings.score(asked.forms)
    cos, name = _cosines(asked.text, now), now.name
    model = now.model
    if cos is None and now.vectors is not None:  # the embedder failed for this question
        model, name = index.model_of(embedders.WORDS), embedders.WORDS
    scores = ranking.Scores(cos, bm25, cover, now.codes)
    found = ranking.find(scores, language=asked.code, among=among, words=len(asked.forms), most=limit)
    return Result(
        asked.language, name, tuple(Answer(now.live[hit.place], hit, model.p(hit.features)) for hit in found)
    )


@dataclass(frozen=True)
class Asked:
    """A question as an index reads it. code: of its language, "" if that is not known. forms: of each word, by language."""

    text: str
    language: str
    code: str
    forms: list[list[str]]


def read(now: index.Index, question: str, *, language: str = "") -> Asked:
    text = question[:MOST_QUESTION].strip()
    language = language or languages.language(text, likely=now.languages)
    text = corrected(text, now)
    known = language not in (languages.UNKNOWN, languages.NONE)
    words_asked = list(dict.fromkeys(plain_words(text)))[:MOST_WORDS]
    forms = [_forms(word, now.languages) for word in words_asked]
    return Asked(text, language, index.base(language) if known else "", forms)


def corrected(question: str, now: index.Index) -> str:
    """The question as it is compared: without slips in words that the articles have (spelling.py)."""
    vectors = now.embedder if now.vectors is not None else None

    def is_known(word: str) -> bool:
        return (
            word in now.vocabulary.counts
            or any(form in now.postings.lists for form in _forms(word, now.languages))
            or (vectors is not None and vectors.knows(word))
        )

    return spelling.corrected(question, now.vocabulary, is_known=is_known)


def candidates(
    now: index.Index, inboxes: Collection[int] | None = None, without: Collection[str] = ()
) -> "np.ndarray":
    """Places, ascending."""
    import numpy as np

    out = {now.places[slug] for slug in without if slug in now.places}
    if inboxes is not None:
        out |= {place for place, own in now.limited.items() if own.isdisjoint(inboxes)}
    today = timezone.localdate()
    out |= {place for place, last in now.ending.items() if last < today}
    return np.delete(np.arange(len(now.live)), sorted(out))


def rows_of(answers: Collection[Answer]) -> dict[int, Article]:
    found = Article.objects.with_texts().filter(pk__in=[answer.live.pk for answer in answers])
    return {article.pk: article for article in found}


def _forms(word: str, known: Collection[str]) -> list[str]:
    """The word as it would stand in an article of each language."""
    return [f"{language}:{words(word, language=language)[0]}" for language in known]


def _cosines(question: str, now: index.Index) -> "np.ndarray | None":
    """None where there is no embedder, it fails, or it has changed the length of its vectors."""
    if now.embedder is None or now.vectors is None:
        return None
    try:
        vector = now.embedder.embed([question])[0]
    except EmbedderError as error:
        SearchState.objects.note(str(error))
        return None
    if len(vector) != now.vectors.shape[1]:
        SearchState.objects.note(
            "the embedder returns vectors of another length than before: run reindex_articles"
        )
        return None
    return now.vectors @ vector
