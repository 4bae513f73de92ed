"""The sentence of an article that answers a question, and the sentence of the customer's that asks it."""

from collections.abc import Sequence

from ..models import SearchState
from ..text.words import sentences, words
from . import index
from .embedders import EmbedderError

MOST_SENTENCES = 40
MOST_SENTENCE = 400  # characters


def answering_sentence(question: str, body: str, *, language: str = "") -> str:
    """As it stands in the body, cut after MOST_SENTENCE characters. Empty only if the body is."""
    return _best(question, sentences(body, language=language)[:MOST_SENTENCES], language)


def asking_sentence(question: str, title: str, *, language: str = "") -> str:
    """Of a long message, what is about the article."""
    return _best(title, sentences(question, language=language)[:MOST_SENTENCES], language)


def _best(wanted: str, among: Sequence[str], language: str) -> str:
    if not among:
        return ""
    scores = _by_meaning(wanted, among) or _by_words(wanted, among, language)
    best = max(range(len(among)), key=lambda at: (scores[at], -at))
    return among[best][:MOST_SENTENCE]


def _by_meaning(wanted: str, among: Sequence[str]) -> list[float]:
    embedder = index.usable_embedder()
    if embedder is None or len(among) == 1:
        return []
    try:
        vectors = embedder.embed([wanted, *(one[:MOST_SENTENCE] for one in among)])
    except EmbedderError as error:
        SearchState.objects.note(str(error))
        return []
    return [float(score) for score in vectors[1:] @ vectors[0]]


def _by_words(wanted: str, among: Sequence[str], language: str) -> list[float]:
    """Shared words of the sentence, for its length: a long one shares some by chance."""
    asked = set(words(wanted, language=language))
    found = [set(words(one, language=language)) for one in among]
    return [len(asked & own) / (len(own) + 1) ** 0.5 for own in found]
