"""Collections of articles and questions that search is measured and fitted on, built without a database."""

import csv
import os
import random
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from django.db.models import F

from knowledge.models import Article, ArticleVector, ArticleVersion, Change
from knowledge.search import confidence, embedders, index, search
from knowledge.search.articles import Live
from knowledge.search.measuring import Outcome
from tests.factories import NOW, make_editor

HERE = Path(__file__).parent / "collections"
BANKING = Path(os.environ.get("BANKING77_CSV", ""))
Asked = tuple[str, str | None]  # a question, and the slug that answers it
# Articles of other trades with the same verbs.
VERBS = ("Cancel", "Change", "Order", "Activate", "Track", "Renew", "Verify", "Close", "Return", "Upgrade")
THINGS = (
    "gym membership", "hotel room", "train ticket", "insurance", "magazine", "phone contract", "rental car", "course",
    "parking permit", "warranty", "electricity contract", "library card", "dental appointment", "flower delivery",
    "streaming account", "cooking box", "concert seat", "bicycle", "water meter", "visa application", "garden shed",
    "language class", "printer", "sofa", "loyalty card", "house key", "swimming lesson", "donation", "dog licence", "translation",
)  # fmt: skip
ENDS = ("online", "by telephone", "abroad", "for a child", "after a month", "as a gift", "for a company", "at the counter",
        "before the term ends", "without fees", "in winter", "for two persons", "with a voucher", "a second time",
        "by post", "on a Sunday", "for students", "in instalments", "within a day", "in another city", "for a group",
        "from a partner", "with an invoice", "as a senior", "by app", "for a friend", "at home", "during a strike",
        "for one week", "after a move", "without a receipt", "in the evening", "in advance", "for free")  # fmt: skip


def rows(name: str) -> list[dict[str, str]]:
    with (HERE / name).open() as file:
        return list(csv.DictReader(file, delimiter="|"))


def bank() -> list[Live]:
    return [
        Live(number, row["slug"], "en", row["title"], row["question"], row["body"], "", 1)
        for number, row in enumerate(sorted(rows("bank.csv"), key=lambda row: row["slug"]))
    ]


def fillers(count: int) -> list[Live]:
    every = [(verb, thing, end) for end in ENDS for thing in THINGS for verb in VERBS]
    return [
        Live(
            10_000 + number, f"filler-{number:05}", "en", f"{verb} a {thing} {end}", f"How do I {verb.lower()} my {thing} {end}?",
            f"You can {verb.lower()} your {thing} {end}: open {thing}, choose {verb}, confirm. It takes {number % 9 + 1} days.",
            "", 1,
        )
        for number, (verb, thing, end) in enumerate(every[:count])
    ]  # fmt: skip


def questions(each: int, *, fitted: bool, seed: int = 1) -> list[Asked]:
    """From the training part of BANKING77: `each` per topic. fitted: from the half that constants and coefficients are chosen
    on (even rows); the other half (odd rows) measures them, and nothing is chosen there.
    """
    with BANKING.open() as file:
        asked: dict[str, list[str]] = {}
        for number, row in enumerate(csv.DictReader(file)):
            if (number % 2 == 0) == fitted:
                asked.setdefault(row["category"], []).append(row["text"])
    chance = random.Random(seed)
    return [
        (text, slug)
        for slug in sorted(asked)
        for text in chance.sample(asked[slug], min(each, len(asked[slug])))
    ]


def taught(live: Sequence[Live], each: int) -> list[Live]:
    """The articles with `each` confirmed questions, from the half that does not measure."""
    lead: dict[str, list[str]] = {}
    for text, slug in questions(each, fitted=True, seed=1000):
        lead.setdefault(str(slug), []).append(text)
    return [replace(row, asked=tuple(lead.get(row.slug, ()))) for row in live]


def in_languages() -> list[tuple[str, str, str | None]]:
    return [(row["language"], row["question"], row["slug"] or None) for row in rows("languages.csv")]


def off_topic(*, fitted: bool) -> list[Asked]:
    """Halves as of `questions`."""
    every = rows("off_topic.csv")[0 if fitted else 1 :: 2]
    return [(row["question"], None) for row in every]


def slips(text: str, *, share: float, chance: random.Random) -> str:
    """A letter lost, doubled, swapped or replaced in a share of the longer words, never the first letter."""
    return " ".join(
        _slip(word, chance) if len(word) > 3 and chance.random() < share else word for word in text.split()
    )


def _slip(word: str, chance: random.Random) -> str:
    at = chance.randrange(1, len(word) - 1)
    other = chance.choice("abcdefghijklmnopqrstuvwxyz")
    return chance.choice(
        (
            word[:at] + word[at + 1 :], word[:at] + word[at] + word[at:],
            word[:at] + word[at + 1] + word[at] + word[at + 2 :], word[:at] + other + word[at + 1 :],
        )
    )  # fmt: skip


def build(
    live: Sequence[Live], embedder: embedders.Embedder | None, vectors: np.ndarray | None = None
) -> index.Index:
    if embedder and vectors is None:
        vectors = index.compared(live, embedder)
    return index.of(
        live,
        embedder=embedder,
        vectors=vectors,
        model=confidence.shipped(embedder.name if embedder else "words"),
    )


def outcome(made: index.Index, question: str, expected: str | None, **how: object) -> Outcome:
    answers = search.within(made, question, limit=5, **how).answers  # type: ignore[arg-type]
    rank = next((at for at, one in enumerate(answers, 1) if one.live.slug == expected), None)
    return Outcome(expected, rank, answers[0].confidence if answers else 0.0, bool(answers))


def store(live: Sequence[Live], vectors: np.ndarray | None, embedder: embedders.Embedder | None) -> None:
    """The articles as rows of an empty database, with their vectors."""
    by, now = make_editor(), NOW
    Article.objects.bulk_create(Article(pk=row.pk, slug=row.slug, language=row.language) for row in live)
    Change.objects.bulk_create(
        Change(
            pk=row.pk,
            kind="NEW",
            origin="PERSON",
            article_id=row.pk,
            base_version=0,
            digest=row.slug,
            created_at=now,
        )
        for row in live
    )
    ArticleVersion.objects.bulk_create(
        ArticleVersion(
            pk=row.pk, article_id=row.pk, change_id=row.pk, number=1, approved_by=by, approved_at=now,
            title=row.title, question=row.question, body=row.body,
        ) for row in live
    )  # fmt: skip
    Article.objects.update(current_id=F("pk"), version=1, status="LIVE")
    if embedder and vectors is not None:
        ArticleVector.objects.bulk_create(
            ArticleVector(
                article_id=row.pk, embedder=embedder.name, digest=index.text_digest(row), vector=vector.tobytes()
            ) for row, vector in zip(live, vectors.astype("<f4"), strict=True)
        )  # fmt: skip
