"""The history of the probes: a run a night, if something has moved."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command

from knowledge.models import Article, Probe, ProbeRun
from knowledge.search import probe_runs, probes
from tests.factories import NOW, edit_article, make_article, make_lead

pytestmark = pytest.mark.django_db
NEXT = NOW + timedelta(days=1)


@pytest.fixture(autouse=True)
def desk(fake):
    article = make_article("refund", title="refund", question="refund?")
    probes.save("my refund", expected=article, by=make_lead(), now=NOW)


def recorded(now=NOW) -> ProbeRun:
    return probe_runs.record(probes.run(), now=now)


def test_a_run_says_what_was_found_and_with_what():
    row = recorded()

    assert (row.n, row.answerable, row.recall_1, row.recall_3, row.mrr, row.silent_right) == (
        1,
        1,
        1,
        1,
        1,
        None,
    )
    assert (row.embedder, row.articles, len(row.stamp)) == ("fake", 1, 32)


def test_none_is_due_while_nothing_has_moved():
    recorded()

    assert not probe_runs.is_due(now=NEXT)


def test_one_is_due_the_night_after_an_article_changed():
    recorded()
    edit_article(Article.objects.get(), body="Other.")

    assert not probe_runs.is_due(now=NOW)
    assert probe_runs.is_due(now=NEXT)


def test_one_is_due_when_probes_were_added():
    recorded()
    probes.save("zoo", expected=None, by=make_lead(), now=NOW + timedelta(hours=1))

    assert probe_runs.is_due(now=NEXT)


def test_none_is_due_without_probes():
    Probe.objects.all().delete()

    assert not probe_runs.is_due(now=NEXT)


def test_the_command_records_a_run():
    call_command("measure_search", stdout=StringIO())

    assert ProbeRun.objects.get().n == 1


def test_the_chart_has_a_label_for_each_run():
    recorded()
    recorded(NEXT)

    chart = probe_runs.history()

    assert (len(chart.labels), chart.note) == (2, "Newest: 1 probes, 1 articles, embedder fake")
    assert chart.series[0].values == [1, 1]


def test_before_the_first_run_there_is_no_data():
    assert not probe_runs.history().has_data
