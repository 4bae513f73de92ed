"""How well search finds, how sure it is, and what a query costs. BENCH_RECORD=1 writes docs/search.json and its table.

Needs BANKING77_CSV, the training part of BANKING77, of which the odd rows measure. Constants and coefficients were chosen on the
even ones: other questions about the same topics. On topics that were not seen, fit_confidence.py prints the figures.
"""

import random
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

import pytest

from knowledge.search import embedders, index
from knowledge.search.measuring import Figure, Outcome, figures, share
from knowledge.text import languages
from tests.bench import collection, recorded_search
from tests.bench.rounds import limit, percentile
from tests.factories import make_client, make_lead

pytestmark = pytest.mark.skipif(not collection.BANKING.is_file(), reason="BANKING77_CSV names no file")
EACH = 10  # questions per topic
SEED = 11  # not one of fit_confidence.py's


@pytest.fixture(scope="module", params=[embedders.USE, embedders.MINILM, embedders.WORDS])
def embedder(request):
    if request.param == embedders.MINILM and embedders._missing(embedders.MINILM):
        pytest.skip("the extra meaning-en is not installed")
    return None if request.param == embedders.WORDS else embedders._loaded(request.param)


@pytest.fixture(scope="module")
def bank(embedder):
    return collection.build(collection.bank(), embedder)


@dataclass(frozen=True)
class Target:
    """title: in docs/search.md. figure: one of those of `figures`."""

    title: str
    figure: str
    wanted: float
    at_most: bool = False


def report(
    title: str, outcomes: Sequence[Outcome], *targets: Target, name: str, only: Sequence[str] = ()
) -> None:
    """Prints the figures, and notes those of the default embedder that have a target."""
    print(f"\n{name}, {title}")
    found: dict[str, Figure] = {figure.name: figure for figure in figures(outcomes)}
    wanted = {one.figure: one for one in targets}
    for figure in found.values():
        if not only or figure.name in only:
            goal = wanted.get(figure.name)
            print(
                f"  {figure}" + (f"   wanted {'≤' if goal.at_most else '≥'} {goal.wanted:g}" if goal else "")
            )
    if name == embedders.USE:
        for goal in targets:
            recorded_search.share(goal.title, found[goal.figure], goal.wanted, at_most=goal.at_most)


RECALL = ("recall@1", "recall@3", "recall@5", "MRR")
SILENT = "silent, of unanswerable"


def test_recall_on_the_bank(bank):
    asked = collection.questions(EACH, fitted=False, seed=SEED)
    report(
        "77 articles", [collection.outcome(bank, *one) for one in asked],
        Target("recall at 3, 77 articles as written", "recall@3", 0.84), name=bank.name, only=RECALL,
    )  # fmt: skip
    chance = random.Random(SEED)
    slipped = [(collection.slips(text, share=0.25, chance=chance), slug) for text, slug in asked]
    report(
        "slips in 25 % of the words", [collection.outcome(bank, *one) for one in slipped],
        Target("recall at 3, slips in a quarter of the words", "recall@3", 0.80), name=bank.name, only=RECALL,
    )  # fmt: skip


@pytest.mark.parametrize("each", [1, 5, 20])
def test_recall_after_confirmed_questions(embedder, each):
    """Questions of each article that a person approved, from the other half."""
    asked = collection.questions(EACH, fitted=False, seed=SEED)
    made = collection.build(collection.taught(collection.bank(), each), embedder)
    targets = [Target("recall at 3, 5 confirmed questions an article", "recall@3", 0.90)] if each == 5 else []
    report(
        f"77 articles with {each} confirmed questions each", [collection.outcome(made, *one) for one in asked], *targets,
        name=made.name, only=RECALL,
    )  # fmt: skip


@pytest.mark.parametrize("taught", [0, 5])
def test_confidence_on_the_mix(embedder, taught):
    """The usual questions, those of other trades, and the usual ones without their article."""
    bank = collection.build(collection.taught(collection.bank(), taught), embedder)
    print(f"\n{taught} confirmed questions an article")
    asked = collection.questions(4, fitted=False, seed=SEED)
    good = [collection.outcome(bank, *one) for one in asked]
    gone = [collection.outcome(bank, text, None, without=[slug]) for text, slug in asked]
    off = [collection.outcome(bank, *one) for one in collection.off_topic(fitted=False)]
    after = f", {taught} confirmed questions an article" if taught else ""
    report(
        "the mix", good + gone[::3] + off, Target(f"right among drafted{after}", "right among drafted", 0.85),
        Target(f"calibration error (ECE){after}", "ECE", 0.06, at_most=True),
        Target(f"AUC of the confidence{after}", "AUC", 0.84), name=bank.name,
    )  # fmt: skip
    report("the article is gone", gone, Target(f"silent where the article is gone{after}", SILENT, 0.75),
           name=bank.name, only=[SILENT])  # fmt: skip
    report("off topic", off, Target(f"silent on questions of other trades{after}", SILENT, 0.97),
           name=bank.name, only=[SILENT])  # fmt: skip


@pytest.mark.parametrize(
    ("code", "language", "wanted"),
    [("de", "German", 0.90), ("es", "Spanish", 0.90), ("pt", "Portuguese", 0.90), ("ar", "Arabic", 0.80)],
)
def test_other_languages(bank, code, language, wanted):
    """Questions in other languages, English articles."""
    if bank.name == embedders.WORDS:
        pytest.skip("words cross no language")
    own = [(text, slug) for one, text, slug in collection.in_languages() if slug and one == code]
    report(
        language, [collection.outcome(bank, *one) for one in own],
        Target(f"recall at 3, {language} questions", "recall@3", wanted), name=bank.name, only=["recall@1", "recall@3"],
    )  # fmt: skip


def test_the_language_is_detected():
    asked = [(text, code) for code, text, _ in collection.in_languages()]
    asked += [(text, "en") for text, _ in collection.questions(4, fitted=False, seed=SEED)]
    found = share("detected", [languages.language(text, likely=["en"]) == code for text, code in asked])
    print(f"\nThe language\n  {found}   wanted ≥ 0.98")
    recorded_search.share("the language is detected", found, 0.98)


@pytest.fixture(scope="module")
def many(embedder):
    """(ten thousand articles, their vectors)"""
    live = sorted([*collection.bank(), *collection.fillers(9_923)], key=lambda one: one.slug)
    live = [replace(row, pk=number) for number, row in enumerate(live, 1)]
    return live, index.vectors_of(live, embedder) if embedder else None


def test_ten_thousand_articles(embedder, many):
    live, vectors = many
    started = time.process_time()
    made = collection.build(live, embedder, vectors)
    print(
        f"\n{made.name}, {len(live):,} articles: index built in {time.process_time() - started:.1f} s of processor time"
    )
    asked = collection.questions(EACH // 2, fitted=False, seed=SEED)
    collection.outcome(made, *asked[0])
    started = time.process_time()
    outcomes = [collection.outcome(made, *one) for one in asked]
    took = (time.process_time() - started) / len(asked) * 1000
    report(
        f"{len(live):,} articles", outcomes, Target("recall at 3 among 10,000 articles", "recall@3", 0.80),
        name=made.name, only=["recall@1", "recall@3"],
    )  # fmt: skip
    _within("processor time of a query among 10,000 articles", took, 15, "ms", name=made.name)


@pytest.mark.django_db
def test_the_api_with_ten_thousand_articles(embedder, many, settings):
    """One thread, warm, on SQLite."""
    settings.EMBEDDER = embedder.name if embedder else embedders.WORDS
    collection.store(*many, embedder)
    client = make_client(make_lead())
    asked = collection.questions(3, fitted=False, seed=SEED)
    took, used = [], time.process_time()
    for number, (text, _) in enumerate(asked[:1] + asked):
        started = time.perf_counter()
        answer = client.get("/api/v1/articles/search/", {"q": text, "limit": 5})
        assert answer.status_code == 200
        took += [(time.perf_counter() - started) * 1000] if number else []
        used = used if number else time.process_time()
    used = (time.process_time() - used) / len(asked) * 1000
    print(
        f"\n{settings.EMBEDDER}, GET /api/v1/articles/search/ with {len(many[0]):,} articles, n = {len(took)}"
    )
    print(f"  processor time {used:.1f} ms a request")
    print(limit("p50", percentile(took, 0.50), 30, "ms"))
    _within("95 of 100 searches by the API among 10,000 articles, within", percentile(took, 0.95), 60, "ms",
            name=settings.EMBEDDER)  # fmt: skip


def test_memory():
    """Of a process that loads the embedder and asks one question, against one that imports the code alone."""
    code = "import django; django.setup(); import knowledge.search.search;" + "{}" + \
        "print(int(open('/proc/self/status').read().split('VmRSS:')[1].split()[0]) // 1024)"  # fmt: skip
    used = "from knowledge.search import embedders; embedders.current().embed(['a question']);"
    bare, loaded = (_megabytes(code.format(part)) for part in ("", used))
    print(f"\nMemory: {bare} MB without a search")
    _within("memory that the first search adds to a process", loaded - bare, 170, "MB")


def _within(title: str, value: float, most: float, unit: str, *, name: str = embedders.USE) -> None:
    """Prints a time or a size, and notes that of the default embedder."""
    print(limit(title, value, most, unit))
    if name == embedders.USE:
        recorded_search.most(title, value, most, unit)


def _megabytes(code: str) -> int:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return int(done.stdout)
