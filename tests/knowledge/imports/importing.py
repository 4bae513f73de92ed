"""Runs imports in tests."""

import io

from django.core.management import call_command

from knowledge.articles import changes
from knowledge.imports import runs
from knowledge.models import Change, ImportRun
from tests.factories import NOW, make_lead


def command(*arguments: object) -> str:
    out = io.StringIO()
    call_command("import_articles", *map(str, arguments), stdout=out, stderr=out)
    return out.getvalue().strip()


def approve_all() -> None:
    for change in Change.objects.filter(status="OPEN"):
        changes.approve(change, by=make_lead(), base_version=change.base_version, now=NOW)


def work(run: ImportRun) -> ImportRun:
    while runs.step(now=NOW):
        pass
    run.refresh_from_db()
    return run


def counted(run: ImportRun) -> dict[str, int]:
    return {name: count for name, count in runs.counts(run).items() if count}
