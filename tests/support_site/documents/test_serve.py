"""The site serves its documents, and everything they name exists: pages link to them, and their commands run."""

import io
import re
import shlex
import subprocess
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib.auth.models import User
from django.core.management import call_command, get_commands
from django.test import Client
from django.urls import reverse

from knowledge.learning.figures import MEASURES
from support_site.documents import serve
from tests.factories import make_source, make_user
from webhooks.display import formats
from webhooks.models import alert_kinds

pytestmark = pytest.mark.django_db
PAGES = sorted(str(file.relative_to(serve.FOLDER)) for file in serve.FOLDER.rglob("*.md"))
RUNBOOK = (serve.FOLDER / formats.RUNBOOK_PAGE).read_text()
# The runbook's pages by name, without its index.
RUNBOOK_PAGES = {
    file.stem: file.read_text()
    for file in sorted((serve.FOLDER / formats.RUNBOOK_PAGE).parent.glob("*.md"))
    if file.name != Path(formats.RUNBOOK_PAGE).name
}
LINK = re.compile(r"\]\(([^)#\s]*)(?:#([^)\s]+))?\)")
FENCE = re.compile(r"^ *```console( run)?\n(.*?)^ *```", re.DOTALL | re.MULTILINE)
LINES = [
    (bool(run), line.strip().removeprefix("$ "))
    for run, block in FENCE.findall("\n".join([RUNBOOK, *RUNBOOK_PAGES.values()]))
    for line in block.replace("\\\n", " ").splitlines()
]
TO_RUN = sorted({line for run, line in LINES if run})
SITE_PAGES = sorted(
    {
        target
        for target, _ in LINK.findall("\n".join([RUNBOOK, *RUNBOOK_PAGES.values()]))
        if target.startswith("/")
    }
)
TABLE = RUNBOOK.partition("| what you see |")[2].partition("\n# ")[0]
HOW_TOS = RUNBOOK.partition("\n# How to\n")[2].partition("\n# ")[0]
SYMPTOMS = sorted(set(RUNBOOK_PAGES) - {Path(target).stem for target, _ in LINK.findall(HOW_TOS)})
PARTS = ("How to see it.", "How to check that it worked.", "Escalate")


def anchors(text: str) -> set[str]:
    return {serve.anchor(heading) for heading in re.findall(r"^#+ (.+)$", text, re.MULTILINE)}


def signed_in(group: str = "Agent") -> Client:
    client = Client()
    client.force_login(make_user("lea", group))
    return client


def opened(name: str, client: Client | None = None):
    return (client or signed_in()).get(reverse("docs", args=[name]))


@pytest.mark.parametrize("name", PAGES)
def test_every_document_is_served(seeded, name):
    assert "s-document" in opened(name).content.decode()


@pytest.mark.parametrize("name", PAGES)
def test_every_link_between_documents_leads_somewhere(name):
    file = serve.FOLDER / name
    for target, anchor in LINK.findall(file.read_text()):
        if "://" in target or target.startswith(("mailto:", "/")):
            continue
        other = (file.parent / target).resolve() if target else file
        assert other.is_file(), f"{name} links to {target}"
        assert not anchor or anchor in anchors(other.read_text()), f"{name} links to {target}#{anchor}"


@pytest.mark.once
@pytest.mark.parametrize("name", [*PAGES, "../README.md", "../CONTRIBUTING.md"])
def test_every_file_that_a_document_names_exists(name):
    text = (serve.FOLDER / name).read_text()

    named = set(re.findall(r"`((?:webhooks|knowledge|reports|support_site|tests|docs)/[\w/.-]+)[`:]", text))

    assert {path for path in named if not (settings.BASE_DIR / path).exists()} == set()


@pytest.mark.once
def test_a_decision_is_at_most_40_lines():
    lengths = {name: len((serve.FOLDER / name).read_text().splitlines()) for name in PAGES}

    assert {name for name, lines in lengths.items() if name.startswith("decisions/") and lines > 40} == set()


@pytest.mark.parametrize("trouble", formats.RUNBOOK)
def test_every_trouble_a_page_shows_has_its_page_in_the_runbook(trouble):
    assert formats.RUNBOOK[trouble] in RUNBOOK_PAGES


def test_every_kind_of_alert_has_its_page_in_the_runbook():
    assert {kind.section for kind in alert_kinds.KINDS.values()} - set(RUNBOOK_PAGES) == set()
    assert formats.runbook_page(alert_kinds.OTHER.section) == formats.RUNBOOK_PAGE


def test_a_heading_can_be_linked_to(seeded):
    assert '<h2 id="who-does-what">' in opened(formats.RUNBOOK_PAGE).content.decode()


@pytest.mark.parametrize(
    "name", ["../README.md", "../.env", "../support_site/settings.py", "nothing.md", "images"]
)
def test_nothing_else_is_served(seeded, name):
    assert opened(name).status_code == 404


def test_a_picture_is_served_as_one(seeded):
    assert opened("images/draft.png")["Content-Type"] == "image/png"


def test_strangers_are_asked_to_sign_in(seeded):
    answer = opened(PAGES[0], Client())

    assert answer.status_code == 302
    assert "/login/" in answer["Location"]


def test_html_in_a_document_is_shown_not_run():
    assert "<script" not in serve.html("# Title\n\n<script>alert(1)</script>")


@pytest.mark.parametrize("command", sorted({line for _, line in LINES if "manage.py " in line}))
def test_every_command_of_the_runbook_exists(command):
    assert command.partition("manage.py ")[2].split()[0] in get_commands()


@pytest.mark.parametrize("line", TO_RUN)
def test_what_the_runbook_lets_run_runs(seeded, line):
    make_source("acme")

    assert run(line).strip()


def run(line: str) -> str:
    """What it prints. Of the site's own addresses, what they answer; of anything else that is no command of ours, the shell."""
    program, *words = shlex.split(line)
    if program == "curl":
        return Client().get(urlsplit(words[-1]).path).content.decode()
    if words[:1] != ["manage.py"]:
        return subprocess.run([program, *words], capture_output=True, text=True, check=True).stdout
    out = io.StringIO()
    call_command(*words[1:], stdout=out)
    return out.getvalue()


@pytest.mark.parametrize("target", SITE_PAGES)
def test_every_page_the_runbook_links_to_opens(seeded, target):
    make_source("acme")
    client = Client()
    client.force_login(User.objects.get(username="admin"))

    assert client.get(target, follow=True).status_code == 200


@pytest.mark.once
@pytest.mark.parametrize("name", RUNBOOK_PAGES)
def test_every_page_of_the_runbook_starts_with_what_to_do(name):
    assert RUNBOOK_PAGES[name].split("\n")[2].startswith("**What to do")


@pytest.mark.once
@pytest.mark.parametrize("name", ["README.md", "pages.md", formats.RUNBOOK_PAGE])
def test_the_glossary_is_found_from_where_people_start(name):
    text = (serve.FOLDER / name).read_text()

    assert "glossary.md" in {Path(target).name for target, _ in LINK.findall(text)}


@pytest.mark.parametrize("symptom", SYMPTOMS)
def test_every_symptom_says_how_to_see_fix_check_and_escalate_it(symptom):
    said = re.findall(r"^\*\*([^*]+)\*\*", RUNBOOK_PAGES[symptom], re.MULTILINE)

    assert [part for part in PARTS if part not in said] == []


def test_every_symptom_can_be_found_by_what_one_sees():
    assert set(SYMPTOMS) - {Path(target).stem for target, _ in LINK.findall(TABLE)} == set()


def test_every_page_of_the_runbook_can_be_found_from_its_index():
    linked = {Path(target).stem for target, _ in LINK.findall(RUNBOOK) if target}

    assert set(RUNBOOK_PAGES) - linked == set()


def test_a_page_s_name_is_its_title():
    titles = {
        name: serve.anchor(text.partition("\n")[0].removeprefix("# ")) for name, text in RUNBOOK_PAGES.items()
    }

    assert {name for name, title in titles.items() if name != title} == set()


def test_the_runbook_begins_with_what_agents_do():
    assert "agents answer directly in Chatwoot; drafts withdraw themselves" in RUNBOOK.split("\n")[2]
    assert Path(settings.BASE_DIR, "docs", formats.RUNBOOK_PAGE).is_file()


@pytest.mark.once
def test_what_may_scroll_sideways_is_reached_by_keys():
    html = serve.html("| a |\n| --- |\n| b |\n\n![A line](line.svg)\n\nWords ![in](in.png) between.")

    assert '<table tabindex="0">' in html
    assert '<p tabindex="0"><img src="line.svg"' in html
    assert html.count("tabindex") == 2


@pytest.mark.once
def test_every_table_of_the_operating_model_exists():
    text = (serve.FOLDER / "OPERATING_MODEL.md").read_text()

    named = re.findall(r"`((?:webhooks|knowledge|reports)\.[A-Z]\w+)`", text)

    assert len(named) > 15
    assert all(apps.get_model(name) for name in named)


@pytest.mark.once
def test_the_targets_of_the_operating_model_are_those_the_pages_use():
    text = (serve.FOLDER / "OPERATING_MODEL.md").read_text()

    told = {measure.name: measure for measure in MEASURES}

    assert ", ".join(f"≥ {told[name].target}" for name in ("tone", "accuracy", "policy")) in text
    assert f"≥ {told['share'].target:.0%}".replace("%", " %") in text
    assert f"≤ {told['approval'].target} min" in text
