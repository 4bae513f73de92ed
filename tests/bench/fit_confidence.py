"""Fits the shipped coefficients of confidence and writes them to knowledge/search/shipped/coefficients.json.

    BANKING77_CSV=train.csv python -m tests.bench.fit_confidence [words] [use] [minilm]

From collections of different sizes: part of the bank's articles, with and without others around. A question counts as answered if
the best article is the right one; those whose article is left out, and those of other trades, never are. The articles have no
confirmed questions, as on a new desk: by the time they do, the desk has its own calibration. Reads the fitting half of the
questions only. The figures that it writes are of topics that the coefficients they judge have not seen.
"""

import os
import random
import sys

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "support_site.settings")
django.setup()

import json  # noqa: E402
from collections.abc import Sequence  # noqa: E402

import numpy as np  # noqa: E402

from knowledge.search import confidence, embedders, index, search  # noqa: E402
from knowledge.search.articles import Live  # noqa: E402
from knowledge.search.ranking import FEATURES  # noqa: E402
from tests.bench import collection  # noqa: E402

SIZES = (6, 12, 25, 38, 77)
REPEATED = 6
GONE = 0.4  # of the questions are also asked without their article
EACH = 16  # questions per topic
Rows = tuple[list[tuple[float, ...]], list[bool]]


class Remembering:
    """Asks the embedder for each text once."""

    def __init__(self, embedder: embedders.Embedder) -> None:
        self.embedder, self.name, self.dims, self.knows = (
            embedder,
            embedder.name,
            embedder.dims,
            embedder.knows,
        )
        self.known: dict[str, np.ndarray] = {}

    def embed(self, texts: Sequence[str]) -> np.ndarray:
        for text in texts:
            if text not in self.known:
                self.known[text] = self.embedder.embed([text])[0]
        return np.array([self.known[text] for text in texts]).reshape(len(texts), self.dims)


def embedder_of(kind: str) -> embedders.Embedder | None:
    return None if kind == embedders.WORDS else Remembering(embedders._loaded(kind))


def examples(topics: list[str], embedder: embedders.Embedder | None, *, seed: int) -> Rows:
    chance = random.Random(seed)
    live = [one for one in collection.bank() if one.slug in topics]
    around = collection.fillers(300)
    asked = [one for one in collection.questions(EACH, fitted=True, seed=seed) if one[1] in topics]
    off = collection.off_topic(fitted=True)
    features: list[tuple[float, ...]] = []
    labels: list[bool] = []
    for size in [size for size in SIZES if size <= len(live)] * REPEATED:
        some = chance.sample(live, size) + chance.choice(([], [], chance.sample(around, 60), around))
        made = _index(sorted(some, key=lambda one: one.slug), embedder)
        inside = [one for one in asked if one[1] in made.places]
        for question, expected in chance.sample(inside, min(60, len(inside))) + chance.sample(off, 6):
            for without in ([], [expected] if expected and chance.random() < GONE else None):
                if without is None or len(some) < 2:
                    continue
                answers = search.within(made, question, limit=1, without=without).answers
                if answers:
                    features.append(answers[0].hit.features)
                    labels.append(not without and answers[0].live.slug == expected)
    return features, labels


def _index(live: list[Live], embedder: embedders.Embedder | None) -> index.Index:
    matrix = index.compared(live, embedder) if embedder else None
    return index.of(
        live, embedder=embedder, vectors=matrix, model=confidence.Model((0.0,) * (len(FEATURES) + 1))
    )


def main() -> None:
    kinds = sys.argv[1:] or [embedders.WORDS, embedders.USE]
    table = json.loads(confidence.SHIPPED.read_text()) if confidence.SHIPPED.exists() else {}
    topics = sorted(one.slug for one in collection.bank())
    random.Random(7).shuffle(topics)
    half = len(topics) // 2
    for kind in kinds:
        embedder = embedder_of(kind)
        seen, unseen = examples(topics[:half], embedder, seed=1), examples(topics[half:], embedder, seed=2)
        model = confidence.fit(*seen)
        p = [model.p(row) for row in unseen[0]]
        drafted = [
            label for chance, label in zip(p, unseen[1], strict=True) if chance >= confidence.DRAFT_FROM
        ]
        judged = {
            "n": len(p), "ece": round(confidence.calibration_error(p, unseen[1]), 4),
            "auc": round(confidence.separation(p, unseen[1]), 4), "drafted": len(drafted),
            "right_among_drafted": round(sum(drafted) / max(len(drafted), 1), 4),
        }  # fmt: skip
        print(f"{kind}: on unseen topics {judged}")
        whole = examples(topics, embedder, seed=3)
        fitted = confidence.fit(*whole)
        table[kind] = {
            "coefficients": list(fitted.coefficients),
            "examples": len(whole[1]),
            "right": sum(whole[1]),
            "on_unseen_topics": judged,
        }
    confidence.SHIPPED.write_text(json.dumps(table, indent=1, sort_keys=True) + "\n")
    print(f"Wrote {confidence.SHIPPED}")


if __name__ == "__main__":
    main()
