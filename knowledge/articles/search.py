"""Keyword search over articles, weighted by how rare each word is. Searches the list it is given and reads nothing else."""

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from ..models import Article

# Words that say nothing about the topic, in the languages of the articles.
STOP = set(
    """
    a all also an and any are as at be been but by can could did do does for from get got had has have hello hey hi
    how i if in is it its just me my need news no not now of on or our please since so some still thank thanks that
    the then there this to us want was we were what when where which why will with would you your cannot aber alle
    allem als am auch auf aus bei bekomme brauche bin bitte da dank danke das dass dem den der des die ein eine einen
    einer er es für habe haben hallo ich ihr ihre im ist kann können mein meine meinen meiner mich mir mit möchte muss
    nach nicht noch nichts oder schon sie sind tun unser unsere unserer und uns von vor war wenn wie wir wird wo zu
    zum zur
    """.split()  # noqa: SIM905
)
K1, B = 1.2, 0.75  # Okapi BM25, Robertson and Zaragoza 2009: the usual constants


@dataclass(frozen=True)
class Hit:
    article: Article
    score: float  # 0 to 1: the share of the query's weight that the article covers
    words: tuple[str, ...]


def words(text: str) -> list[str]:
    found = re.findall(r"[a-zà-ÿ0-9]+", text.lower())
    return [_stem(word) for word in found if word not in STOP and len(word) > 1]


def _stem(word: str) -> str:
    """Cuts the most common endings, so that refunded finds refund. Crude on purpose."""
    for ending in ("ungen", "ings", "ing", "ed", "en", "es", "s", "e"):
        if word.endswith(ending) and len(word) - len(ending) >= 4:
            return word[: -len(ending)]
    return word


def search(query: str, articles: Sequence[Article], *, limit: int = 3) -> list[Hit]:
    """The best articles first; those that share no word with the query are left out."""
    wanted = set(words(query))
    documents = [
        Counter(words(f"{a.title} {a.title} {a.question} {a.keywords} {a.keywords} {a.body}"))
        for a in articles
    ]
    average = sum(sum(document.values()) for document in documents) / max(1, len(documents))
    rarity = {word: _rarity(word, documents) for word in wanted}
    total = sum(rarity.values()) or 1.0
    ranked = []
    for article, document in zip(articles, documents, strict=True):
        length = K1 * (1 - B + B * sum(document.values()) / (average or 1))
        shared = [word for word in wanted if document[word]]
        rank = sum(rarity[w] * document[w] * (K1 + 1) / (document[w] + length) for w in shared)
        cover = sum(rarity[w] for w in shared) / total
        if shared:
            ranked.append((rank, Hit(article, round(cover, 2), tuple(sorted(shared)))))
    ranked.sort(key=lambda pair: (-pair[0], pair[1].article.pk))
    return [hit for _, hit in ranked[:limit]]


def _rarity(word: str, documents: Sequence[Counter]) -> float:
    holding = sum(1 for document in documents if document[word])
    return math.log(1 + (len(documents) - holding + 0.5) / (holding + 0.5))
