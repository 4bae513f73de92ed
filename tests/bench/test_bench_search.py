"""How well search finds, how sure it is, and what a query costs (the targets of search are in docs/search.md).

Needs BANKING77_CSV, the training part of BANKING77, of which the odd rows measure. Constants and coefficients were chosen on the
even ones: other questions about the same topics. On topics that were not seen, fit_confidence.py prints the figures.
"""

import random
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import replace

import pytest

from knowledge.search import embedders, index
from knowledge.search.measuring import Outcome, figures, share
from knowledge.text import languages
from tests.bench import collection
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


def report(title: str, outcomes: Sequence[Outcome], *, only: Sequence[str] = ()) -> None:
    print(f"\n{title}")
    for figure in figures(outcomes):
        if not only or figure.name in only:
            print(f"  {figure}")


def test_recall_on_the_bank(bank):
    asked = collection.questions(EACH, fitted=False, seed=SEED)
    recall = ("recall@1", "recall@3", "recall@5", "MRR")
    report(
        f"{bank.name}, 77 articles (recall@3: 0.84)",
        [collection.outcome(bank, *one) for one in asked],
        only=recall,
    )
    chance = random.Random(SEED)
    slipped = [(collection.slips(text, share=0.25, chance=chance), slug) for text, slug in asked]
    report(
        f"{bank.name}, slips in 25 % of the words (recall@3: 0.80)",
        [collection.outcome(bank, *one) for one in slipped], only=recall,
    )  # fmt: skip


def test_recall_after_confirmed_questions(embedder):
    """Five questions of each article that a person approved, from the other half."""
    asked = collection.questions(EACH, fitted=False, seed=SEED)
    for each in (1, 5, 20):
        made = collection.build(collection.taught(collection.bank(), each), embedder)
        report(
            f"{made.name}, 77 articles with {each} confirmed questions each (5: recall@3 0.90)",
            [collection.outcome(made, *one) for one in asked],
            only=("recall@1", "recall@3", "recall@5", "MRR"),
        )


@pytest.mark.parametrize("taught", [0, 5])
def test_confidence_on_the_mix(embedder, taught):
    """The usual questions, those of other trades, and the usual ones without their article."""
    bank = collection.build(collection.taught(collection.bank(), taught), embedder)
    print(f"\n{taught} confirmed questions an article")
    asked = collection.questions(4, fitted=False, seed=SEED)
    good = [collection.outcome(bank, *one) for one in asked]
    gone = [collection.outcome(bank, text, None, without=[slug]) for text, slug in asked]
    off = [collection.outcome(bank, *one) for one in collection.off_topic(fitted=False)]
    report(f"{bank.name}, the mix (ECE 0.06, AUC 0.84, right among drafted 0.85)", good + gone[::3] + off)
    report(f"{bank.name}, the article is gone (0.75)", gone, only=["silent, of unanswerable"])
    report(f"{bank.name}, off topic (0.97)", off, only=["silent, of unanswerable"])


def test_other_languages(bank):
    """Questions in other languages, English articles; and whether the language is detected."""
    if bank.name == embedders.WORDS:
        pytest.skip("words cross no language")
    for code in ("de", "es", "pt", "ar"):
        own = [(text, slug) for one, text, slug in collection.in_languages() if slug and one == code]
        report(f"{bank.name}, {code} (recall@3: 0.90, ar 0.80)", [collection.outcome(bank, *one) for one in own],
               only=["recall@1", "recall@3"])  # fmt: skip


def test_the_language_is_detected():
    asked = [(text, code) for code, text, _ in collection.in_languages()]
    asked += [(text, "en") for text, _ in collection.questions(4, fitted=False, seed=SEED)]
    right = [languages.language(text, likely=["en"]) == code for text, code in asked]
    print(f"\nThe language (0.98)\n  {share('detected', right)}")


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
    report(f"{made.name}, {len(live):,} articles (recall@3: 0.80)", outcomes, only=["recall@1", "recall@3"])
    print(f"  a query takes {took:.1f} ms of processor time (15)")


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
    print(limit("p95", percentile(took, 0.95), 60, "ms"))


def test_memory():
    """Of a process that loads the embedder and asks one question, against one that imports the code alone."""
    code = "import django; django.setup(); import knowledge.search.search;" + "{}" + \
        "print(int(open('/proc/self/status').read().split('VmRSS:')[1].split()[0]) // 1024)"  # fmt: skip
    used = "from knowledge.search import embedders; embedders.current().embed(['a question']);"
    bare, loaded = (_megabytes(code.format(part)) for part in ("", used))
    print(f"\nMemory: {bare} MB without a search, {loaded - bare} MB more with the embedder (170)")


def _megabytes(code: str) -> int:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return int(done.stdout)
