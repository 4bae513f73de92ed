"""Every time that decides is the database's: a web host whose clock is off gives nobody a shorter undo window, or none."""

import ast
import time
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.utils import timezone

from knowledge.models import Draft
from tests.factories import GRADES, make_client, make_draft, make_lead
from webhooks.database import clock
from webhooks.models import WorkerHost

# What a request runs: pages, the API, and what they sign in with.
ROOMS = (
    "knowledge/admin",
    "knowledge/api",
    "reports/admin",
    "reports/api",
    "webhooks/admin",
    "webhooks/api",
    "webhooks/accounts",
    "reports/clocks",
    "support_site/admin",
    "support_site/health",
    "support_site/navigation",
    "support_site/search",
    "support_site/web",
)


def host_clocks(path: Path) -> list[int]:
    """The lines that read this machine's clock."""
    calls = (node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call))
    return [
        call.lineno
        for call in calls
        if isinstance(call.func, ast.Attribute)
        and not (call.func.attr == "localdate" and call.args)  # of a time that it is given
        and (call.func.attr, getattr(call.func.value, "id", ""))
        in {
            ("now", "timezone"),
            ("now", "datetime"),
            ("time", "time"),
            ("utcnow", "datetime"),
            ("localdate", "timezone"),
        }
    ]


@pytest.mark.once
@pytest.mark.parametrize("room", ROOMS)
def test_no_request_decides_by_the_hosts_clock(room):
    root = Path(django_settings.BASE_DIR)
    found = {str(path.relative_to(root)): host_clocks(path) for path in (root / room).rglob("*.py")}

    assert {name: lines for name, lines in found.items() if lines} == {}


@pytest.mark.django_db
def test_the_undo_window_is_the_databases_however_wrong_the_hosts_clock_is(monkeypatch, settings):
    settings.UNDO_SECONDS = 10
    draft, agreed = make_draft(), timezone.now()
    monkeypatch.setattr(clock, "now", lambda: agreed)
    monkeypatch.setattr(timezone, "now", lambda: agreed - timedelta(seconds=60))

    answer = make_client(make_lead()).post(
        f"/api/v1/drafts/{draft.pk}/approve/", {"revision": 1, **GRADES}, format="json"
    )

    assert answer.status_code == 200
    assert Draft.objects.get().send_after == agreed + timedelta(seconds=10)


@pytest.mark.django_db
def test_an_approval_can_be_undone_from_a_page_whose_host_is_behind(client, monkeypatch, settings):
    settings.UNDO_SECONDS = 10
    lead, draft, agreed = make_lead(), make_draft(), timezone.now()
    client.force_login(lead)
    monkeypatch.setattr(clock, "now", lambda: agreed)
    make_client(lead).post(f"/api/v1/drafts/{draft.pk}/approve/", {"revision": 1, **GRADES}, format="json")
    monkeypatch.setattr(timezone, "now", lambda: agreed + timedelta(seconds=60))

    assert client.get("/admin/knowledge/draft/undoable/").status_code == 200


@pytest.mark.django_db
@pytest.mark.parametrize("off", [-3600, 3600])
def test_workers_are_alive_by_the_databases_clock(client, monkeypatch, off):
    """A probe on a host whose clock is off would take every web process for one without workers."""
    agreed = timezone.now()
    WorkerHost.objects.create(host="one", pid=1, started_at=agreed, beat_at=agreed - timedelta(seconds=5))
    monkeypatch.setattr(clock, "now", lambda: agreed)
    monkeypatch.setattr(timezone, "now", lambda: agreed + timedelta(seconds=off))

    assert client.get("/healthz/workers").json()["hosts"] == ["one"]
    assert client.get("/readyz").json() == {"status": "ok", "degraded": []}


@pytest.mark.django_db
def test_nobody_is_signed_out_by_a_host_whose_clock_is_ahead(client, monkeypatch):
    client.force_login(make_lead())
    assert client.get("/admin/").status_code == 200
    ahead = time.time() + 86_400
    monkeypatch.setattr(time, "time", lambda: ahead)

    assert client.get("/admin/").status_code == 200
