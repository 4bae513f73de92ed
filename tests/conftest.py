"""For every test: settings without delays, and the rows that a new installation is seeded with."""

import gc
import os
import shutil
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

import hypothesis
import pytest
from django.conf import settings as django_settings
from django.core.cache import cache
from django.template.response import SimpleTemplateResponse
from pytest_django.fixtures import django_db_setup as django_db_setup_by_each_process  # noqa: F401

from tests.queues import own_queue
from tests.thorough import LONG, examples, left_out

# Django reads its settings after this: none of a developer's keys may take part.
KEY = "dGVzdC1vbmx5LWtleS10ZXN0LW9ubHkta2V5LTAwMDA="  # pragma: allowlist secret
os.environ.setdefault("SUPPORT_SITE_DOTENV", "0")
os.environ.setdefault("SECRET_KEY", "test-only-4f8a1c9e7b2d6053-test-only-a91b7c3e5d")
os.environ.setdefault("ENCRYPTION_KEYS", KEY)

# For properties that name no number of their own. A busy machine is no fault.
hypothesis.settings.register_profile("usual", max_examples=examples(40), deadline=None)
hypothesis.settings.load_profile("usual")

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


@pytest.fixture
def now() -> datetime:
    """Monday, 23 November 2026, 09:00 UTC."""
    return NOW


@pytest.fixture(scope="session", autouse=True)
def _plain_settings(tmp_path_factory) -> None:
    """Once for the run: what a test overrides is asked for through one more object, and Django asks many times a page."""
    django_settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    # Static files are looked for when one is asked for: every test client would list them all, which takes longer than a page.
    django_settings.WHITENOISE_AUTOREFRESH = True
    django_settings.SPOOL_DIR = str(tmp_path_factory.mktemp("site") / "spool")


@pytest.fixture(scope="session", autouse=True)
def _each_page_noted_once(django_test_environment) -> None:
    """Django's client copies the context for every template of a page, and each field of a form is one: once is enough."""
    from django.test import client

    def noted(store: dict[str, Any], signal: Any, sender: Any, template: Any, context: Any, **_: Any) -> None:
        seen = store.setdefault("contexts seen", [])
        if not any(context is one for one in seen):
            seen.append(context)
            note(store, signal, sender, template, context)

    note, client.store_rendered_templates = client.store_rendered_templates, noted


@pytest.fixture(scope="session", autouse=True)
def _each_text_embedded_once() -> None:
    """The model answers the same text with the same vector, and the same articles are searched in hundreds of tests."""
    from knowledge.search import embedders

    remembered: dict[str, Any] = {}

    def embed(self: Any, texts: Sequence[str]) -> Any:
        import numpy as np

        for text in dict.fromkeys(texts):
            if text not in remembered:
                remembered[text] = embed_one_by_one(self, [text])[0]
        return np.array([remembered[text] for text in texts]).reshape(len(texts), self.dims)

    embed_one_by_one = embedders.UniversalSentenceEncoder.embed
    embedders.UniversalSentenceEncoder.embed = embed  # type: ignore[method-assign]


@pytest.fixture(autouse=True)
def _fresh_process(_plain_settings) -> None:
    """As after a start: nothing remembered of another test's sources or outages, an empty spool."""
    from knowledge.drafting import model_endpoint
    from reports.policies import versions
    from webhooks.database import outage
    from webhooks.mirror import names
    from webhooks.receiver import rejections, source_cache, spool, spool_import

    shutil.rmtree(django_settings.SPOOL_DIR, ignore_errors=True)
    source_cache.forget()
    outage.forget()
    spool.forget()
    spool_import.forget()
    rejections.forget()
    model_endpoint.forget()
    names.forget()
    versions.forget()
    cache.clear()


@pytest.fixture
def drawn_by_nobody(monkeypatch) -> None:
    """Pages are made up to their template, which takes the longest and says nothing of who may see them."""
    monkeypatch.setattr(SimpleTemplateResponse, "rendered_content", "")


@pytest.fixture(autouse=True)
def _steady_clock(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """PostgreSQL is asked for the time once a second: a query that tests which count queries would meet by chance."""
    if request.path.name != "test_clock.py":
        monkeypatch.setattr("webhooks.database.clock.FRESH_S", 3600.0)


@pytest.fixture
def seeded(db) -> None:
    from tests.seeding import seed

    seed()


@pytest.fixture(scope="session")
def django_db_setup(request, django_test_environment, django_db_blocker, tmp_path_factory) -> Iterator[None]:
    """Migrated once for all processes, which copy what came out."""
    from tests import migrated

    request.getfixturevalue("django_db_modify_db_settings")
    own = tmp_path_factory.getbasetemp()
    shared = own.parent if "PYTEST_XDIST_WORKER" in os.environ else own
    if django_settings.IS_SQLITE:
        kept = getattr(request.config, "cache", None)
        with django_db_blocker.unblock():
            migrated.create(kept.mkdir("migrated") if kept else shared)
        yield
        return
    with django_db_blocker.unblock():
        made = migrated.make_template(shared)
    request.getfixturevalue("django_db_setup_by_each_process")
    yield
    if made:
        with django_db_blocker.unblock():
            migrated.drop_template(shared)


# Folders that ask nothing of the database which those below them do not ask: pages, letters and texts.
NOT_REPEATED = {
    "admin", "alerts", "api", "articles", "calendars", "display", "drafting", "imports", "notices", "risk", "weekly",
}  # fmt: skip


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--rows", type=int, metavar="N", help="of each table that asks the database N rows, others in each order; else all"
    )  # fmt: skip


def pytest_configure() -> None:
    """Of this process and of the sites that its tests start."""
    from django_q.conf import Conf

    if django_settings.QUEUE_URL:
        os.environ["QUEUE_URL"] = Conf.REDIS = own_queue(django_settings.QUEUE_URL)


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Each run has an order of its own; what fails in one is looked at in the same."""
    seed = config.getoption("randomly_seed", None)
    if seed and (terminalreporter.stats.get("failed") or terminalreporter.stats.get("error")):
        terminalreporter.write_line(f"The same order again: --randomly-seed={seed}")


def pytest_collection_finish() -> None:
    """Modules and tests stay until the end: that the garbage collector looks at all of them again and again costs a tenth."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 20, 20)


@pytest.hookimpl(tryfirst=True)  # before xdist reads the groups
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Tests that need a service skip with a reason where it is not named; PostgreSQL repeats what it may answer otherwise."""
    chosen = set(items if django_settings.IS_SQLITE else filter(_may_differ_by_database, items))
    if (rows := config.getoption("rows")) and not LONG:
        tables = [item for item in chosen if _asks_the_database(item) and not _is_about_the_database(item)]
        left = left_out([item.nodeid for item in tables], rows, seed=config.getoption("randomly_seed", None))
        chosen -= {item for item in tables if item.nodeid in left}
    config.hook.pytest_deselected(items=[item for item in items if item not in chosen])
    items[:] = [item for item in items if item in chosen]
    for item in items:
        if item.get_closest_marker("postgres") and django_settings.IS_SQLITE:
            item.add_marker(pytest.mark.skip(reason="needs PostgreSQL: set DATABASE_URL"))
        if item.get_closest_marker("redis") and not django_settings.QUEUE_URL:
            item.add_marker(pytest.mark.skip(reason="needs Redis: set QUEUE_URL"))
        # Mostly waits for processes of its own, which a file's tests share.
        if "integration" in item.path.parts:
            item.add_marker(pytest.mark.xdist_group(f"integration {item.path.stem}"))


def _may_differ_by_database(item: pytest.Item) -> bool:
    """The crawls of tests/support_site see that each page opens on PostgreSQL."""
    if item.get_closest_marker("once"):
        return False
    if not LONG and NOT_REPEATED & set(item.path.parts) and not _is_about_the_database(item):
        return False
    return _asks_the_database(item)


def _asks_the_database(item: pytest.Item) -> bool:
    """Directly, or through processes of its own."""
    fixtures = {"db", "transactional_db"} & set(getattr(item, "fixturenames", ()))
    return bool(item.get_closest_marker("django_db") or fixtures or "integration" in item.path.parts)


def _is_about_the_database(item: pytest.Item) -> bool:
    marked = any(map(item.get_closest_marker, ("every_row", "postgres", "redis")))
    return marked or "integration" in item.path.parts
