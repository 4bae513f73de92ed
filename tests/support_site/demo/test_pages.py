"""The demo's banner, pages and guide; and a real site, which has none of them."""

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import get_resolver, reverse
from django.utils import timezone

from knowledge.models import DraftEvent
from support_site.configuration.checks import demo_is_local
from support_site.demo import guide, people, simulator
from tests import optional_urls
from tests.factories import make_draft, make_source, make_user
from webhooks.accounts import access
from webhooks.simulator.server import SimulatedChatwoot

pytestmark = [pytest.mark.django_db, pytest.mark.once]
PATHS = ("/admin/demo/write/", "/admin/demo/break/", "/admin/demo/guide/")


@pytest.fixture
def demo(settings, seeded) -> None:
    settings.DEMO, settings.ROOT_URLCONF = True, optional_urls.__name__
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, "support_site.demo.guide.NoteVisits"]


@pytest.fixture
def chatwoot(demo):
    with SimulatedChatwoot(deliver=False) as running:
        make_source("demo", base_url=running.url, api_token=running.admin_token)
        yield running


def sign_in(role: str) -> Client:
    client = Client()
    groups = [role] if role in access.GROUPS else []
    client.force_login(make_user(role or "root", *groups, is_superuser=not role))
    return client


def dashboard(client: Client) -> str:
    return client.get(reverse("admin:index")).content.decode()


def done(client: Client) -> int:
    page = client.get(reverse("admin:index"))
    return page.context["guide"]["done"]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("method", ["get", "post"])
def test_a_real_site_has_none_of_the_demos_pages(seeded, path, method):
    root = sign_in("")

    assert getattr(root, method)(path).status_code == 404
    assert getattr(Client(), method)(path).status_code in (
        302,
        404,
    )  # the admin asks strangers to sign in first


def test_a_real_site_says_nothing_of_a_demo(seeded):
    pages = dashboard(sign_in("")) + Client().get(reverse("admin:login")).content.decode()

    assert "s-demo" not in pages
    assert "first five minutes" not in pages
    assert not any(person.password in pages for person in people.PEOPLE)


@pytest.mark.parametrize(
    "page", ["admin:index", "settings", "admin:webhooks_source_changelist", "demo-write"]
)
def test_every_page_of_the_demo_says_that_it_is_one(demo, page):
    assert "<b>Demo.</b>" in sign_in("").get(reverse(page)).content.decode()


def test_the_sign_in_page_has_an_account_for_each_role(demo):
    people.create()
    page = Client().get(reverse("admin:login")).content.decode()

    for person in people.PEOPLE:
        assert person.password in page
        browser = Client()
        browser.post(reverse("admin:login"), {"username": person.username, "password": person.password})
        assert browser.get(reverse("admin:index")).status_code == 200


def test_a_password_that_a_visitor_changed_is_set_again_at_the_next_start(demo):
    people.create()
    agent = people.User.objects.get(username="agent")
    agent.set_password("mine-alone-7")
    agent.save()

    people.create()

    agent.refresh_from_db()
    assert agent.check_password(people.PEOPLE[0].password)


def test_the_demos_superuser_has_nothing_to_set_up(demo):
    make_source("demo")

    assert "Finish setting up" not in dashboard(sign_in(""))


@pytest.mark.parametrize("role", guide.STEPS)
def test_each_role_has_three_to_five_steps_that_lead_to_pages_it_may_open(chatwoot, role):
    client = sign_in(role)

    assert 3 <= len(guide.STEPS[role]) <= 5
    for step in guide.STEPS[role]:
        assert client.get(reverse(step.page)).status_code == 200, step.title


def test_every_page_that_ticks_a_step_off_exists():
    names = {
        name
        for name in get_resolver("support_site.urls").namespace_dict["admin"][1].reverse_dict
        if isinstance(name, str)
    }

    assert guide.WATCHED - {guide.WROTE, guide.BROKE, guide.REPAIRED} <= names


def test_a_step_is_ticked_off_when_its_page_was_opened(demo):
    agent = sign_in(access.AGENT)
    before = done(agent)
    agent.get(reverse("admin:knowledge_draft_queue"))

    assert (before, done(agent)) == (0, 1)


def test_a_step_is_ticked_off_by_what_its_reader_did(demo):
    lead, draft = sign_in(access.LEAD), make_draft()
    source = draft.conversation.source
    type(source).objects.filter(pk=source.pk).update(slug=simulator.SLUG)
    user = people.User.objects.get(username=access.LEAD)
    facts = {"draft": draft, "by": user, "action": "approved", "after": "APPROVED"}

    DraftEvent.objects.create(at=source.created_at, **facts)  # of the invented past
    before = done(lead)
    DraftEvent.objects.create(at=timezone.now(), **facts)

    assert (before, done(lead)) == (0, 1)


def test_the_guide_can_be_hidden_and_shown_again(demo):
    agent = sign_in(access.AGENT)
    agent.post(reverse("demo-guide"), {"hide": ""})
    hidden = dashboard(agent)
    agent.post(reverse("demo-guide"), {"show": ""})

    assert "first five minutes" not in hidden
    assert "first five minutes" in dashboard(agent)


def test_a_customers_message_goes_through_the_simulated_chatwoot(chatwoot):
    agent = sign_in(access.AGENT)

    page = agent.post(
        reverse("demo-write"), {"channel": "1", "name": "Sam", "text": "Where is it?"}, follow=True
    )

    message = next(iter(chatwoot.world.messages.values()))
    assert (message.content, message.inbox_id) == ("Where is it?", 1)
    assert f"/conversations/{message.conversation_id}" in page.content.decode()
    assert done(agent) == 1


@pytest.mark.parametrize("typed", [{"channel": "9"}, {"name": ""}, {"text": " "}, {"text": "x" * 4001}])
def test_a_message_that_is_not_one_is_refused_and_kept(chatwoot, typed):
    page = sign_in(access.AGENT).post(
        reverse("demo-write"), {"channel": "1", "name": "Sam", "text": "Hi"} | typed
    )

    assert page.status_code == 400
    assert not chatwoot.world.messages


def test_chatwoot_is_broken_and_repaired_from_the_page(chatwoot):
    operator = sign_in(access.OPERATOR)
    operator.post(reverse("demo-break"), {"trouble": "outage"})
    broken = operator.get(reverse("demo-break")).content.decode()
    operator.post(reverse("demo-break"), {"trouble": ""})

    assert "Chatwoot is broken." in broken
    assert simulator.troubles() == set()
    assert done(operator) == 2


@pytest.mark.parametrize("page", ["demo-write", "demo-break"])
def test_a_simulator_that_is_gone_is_an_error_on_the_page(demo, page):
    make_source("demo", base_url="http://127.0.0.1:9")
    sent = {"channel": "1", "name": "Sam", "text": "Hi", "trouble": "outage"}

    answer = sign_in("").post(reverse(page), sent)

    said = answer.content.decode() + "".join(str(one) for one in get_messages(answer.wsgi_request))
    assert "The simulated Chatwoot does not answer" in said


@pytest.mark.parametrize(
    ("address", "warned"), [("http://127.0.0.1:8000", False), ("https://support.example.com", True)]
)
def test_a_demo_that_others_can_reach_is_warned_about(settings, address, warned):
    settings.DEMO, settings.PUBLIC_URL = True, address

    assert bool(demo_is_local(None)) is warned
