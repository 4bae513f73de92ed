"""Probes: saved without personal data, measured by the command, removed with their customer or their age."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from knowledge.models import Article, Probe
from knowledge.privacy import retention
from knowledge.search import probes
from tests.factories import NOW, make_lead, make_waiting

pytestmark = pytest.mark.django_db


def save(question: str, slug: str | None, **facts: object) -> Probe:
    expected = Article.objects.get(slug=slug) if slug else None
    return probes.save(question, expected=expected, **({"by": make_lead(), "now": NOW} | facts))


def test_a_probe_keeps_no_personal_data_and_what_search_says_of_it(seeded):
    conversation = make_waiting().conversation
    probe = save("I am Ada Park, ada@example.com: can I get a refund?", "refund", conversation=conversation)

    assert probe.question == "I am [name], [email]: can I get a refund?"
    assert (probe.language, probe.last_rank) == ("en", 1)
    assert probe.last_confidence > 0.5


def test_the_same_question_again_changes_what_is_expected(seeded):
    lead = make_lead()
    save("Where is it?", "refund", by=lead)
    save("Where is it?", None, by=lead)

    assert Probe.objects.get().expected is None


def measure(*args: str) -> str:
    out = StringIO()
    call_command("measure_search", *args, stdout=out, stderr=StringIO())
    return out.getvalue()


def test_the_command_measures_the_saved_probes_and_notes_their_ranks(seeded):
    save("Can I get a refund?", "refund")
    Probe.objects.update(last_rank=None)

    said = measure()

    assert "1 questions, embedder: use" in said
    assert "recall@1                           1.000   n = 1 " in said
    assert Probe.objects.get().last_rank == 1


def test_the_command_measures_a_file_with_another_embedder(seeded, tmp_path):
    file = tmp_path / "asked.csv"
    file.write_text("question,slug\nforgot my password,reset-password\nXyzzy plugh,none\n")

    said = measure("--csv", str(file), "--embedder", "words")

    assert "2 questions, embedder: words" in said
    assert "silent, of unanswerable            1.000   n = 1 " in said


WRONG = {
    "no probes": ([], "nothing to measure"),
    "no file": (["--csv", "/nowhere.csv"], "cannot be read"),
    "no columns": (["--csv", "{file}"], "needs the columns"),
    "no model": (["--embedder", "minilm", "--csv", "{file}"], "not installed"),
}


@pytest.mark.parametrize(("args", "why"), WRONG.values(), ids=WRONG)
def test_what_cannot_be_measured_fails_with_one_line(args, why, tmp_path):
    file = tmp_path / "asked.csv"
    file.write_text("a,b\n1,2\n")

    with pytest.raises(CommandError, match=why):
        measure(*(arg.format(file=file) for arg in args))


def test_reindexing_needs_an_embedder(seeded, settings):
    settings.EMBEDDER = "words"

    with pytest.raises(CommandError, match="goes by words"):
        call_command("reindex_articles")


def test_reindexing_says_how_many_vectors_it_made(seeded):
    out = StringIO()
    call_command("reindex_articles", stdout=out)

    assert out.getvalue() == f"Made the vectors of {Article.objects.live().count()} articles.\n"


def test_old_probes_go_and_pinned_ones_stay(seeded):
    save("Old?", None, now=NOW - timedelta(days=800))
    pinned = save("Pinned?", None, now=NOW - timedelta(days=800), pinned=True)

    rule = retention.RULES["probes"]
    rule.treat(rule.due(NOW - timedelta(days=730)), NOW)

    assert list(Probe.objects.all()) == [pinned]
