"""Known vulnerabilities of the packages are listed if OSV answers; if it does not, that is said and nothing fails."""

import json

import pytest
import requests
import responses

from support_site.operations import audit

pytestmark = pytest.mark.once
LOCK = "django==5.2.19 \\\n    --hash=sha256:00\nredis==8.1.0 ; python_version >= '3.11' \\\n    --hash=sha256:11\n"


@pytest.fixture
def lock(tmp_path) -> str:
    file = tmp_path / "run.txt"
    file.write_text(LOCK)
    return str(file)


@responses.activate
def test_each_locked_package_is_asked_for_by_its_version(lock, capsys):
    responses.post(audit.OSV, json={"results": [{}, {}]})

    assert audit.main(lock) == 0
    asked = json.loads(responses.calls[0].request.body)["queries"]
    assert [(one["package"]["name"], one["version"]) for one in asked] == [
        ("django", "5.2.19"),
        ("redis", "8.1.0"),
    ]
    assert capsys.readouterr().out == "2 packages checked, none with known vulnerabilities.\n"


@responses.activate
def test_a_known_vulnerability_fails_and_is_named(lock, capsys):
    responses.post(audit.OSV, json={"results": [{}, {"vulns": [{"id": "PYSEC-2026-1"}]}]})

    assert audit.main(lock) == 1
    assert "redis 8.1.0: https://osv.dev/vulnerability/PYSEC-2026-1" in capsys.readouterr().out


UNREACHED = {
    "no connection": {"body": requests.ConnectionError("no route")},
    "a proxy's refusal": {"status": 403, "body": "<html>"},
    "a page instead of data": {"body": "<html>sign in</html>"},
    "another shape": {"json": {"results": [{}]}},
}


@pytest.mark.parametrize("how", UNREACHED)
@responses.activate
def test_data_that_is_not_reached_is_said_and_fails_nothing(lock, capsys, how):
    responses.post(audit.OSV, **UNREACHED[how])

    assert audit.main(lock) == 0
    assert capsys.readouterr().out.startswith("NOT CHECKED")


@pytest.mark.parametrize("name", ["run", "dev"])
def test_the_locks_of_this_project_are_read_whole(settings, name):
    text = (settings.BASE_DIR / "requirements" / f"{name}.txt").read_text()

    pinned = [line for line in text.splitlines() if line[:1].isalnum()]
    assert len(audit.LOCKED.findall(text)) == len(pinned) > 20
