"""Pages are in their reader's language: the profile's, else the browser's, else English. Programs receive English."""

from datetime import UTC, datetime

import pytest
from django.core import mail
from django.template import Context, Template
from django.test import Client
from django.urls import reverse
from django.utils import translation

from tests.factories import make_client, make_source, make_user
from webhooks.accounts import invitations, profiles
from webhooks.models import Notice, Profile, notice_kinds
from webhooks.notices import notices

pytestmark = [pytest.mark.django_db, pytest.mark.once]
AT = datetime(2026, 11, 2, 22, 5, 9, tzinfo=UTC)
PROFILE = "/admin/webhooks/profile/"
SIGN_IN = "/admin/login/"


def save(browser: Client, language: str):
    return browser.post(reverse("admin:webhooks_profile_save"), {"language": language})


@pytest.fixture
def browser(seeded) -> Client:
    client = Client()
    client.force_login(make_user("nina"))
    return client


def language_of(answer) -> str:
    return answer.content.decode().partition('<html lang="')[2].partition('"')[0]


@pytest.mark.parametrize(
    ("asked", "shown"),
    [
        ("de-AT,de;q=0.9,en;q=0.5", "de"),
        ("es-MX", "es"),
        ("pt-PT,pt;q=0.9", "pt-br"),
        ("en-US,de;q=0.3", "en-gb"),
        ("fr, de;q=0.4", "de"),
        ("fr", "en-gb"),
        ("*", "en-gb"),
        ("%;;q=x", "en-gb"),
        ("", "en-gb"),
    ],
)
def test_without_a_choice_the_browser_decides(asked, shown):
    answer = Client(headers={"accept-language": asked}).get(SIGN_IN)

    assert language_of(answer) == shown
    assert answer["Content-Language"] == shown


def test_a_page_may_only_be_kept_for_the_same_language_and_reader(browser):
    kept_for = {name.strip() for name in browser.get(PROFILE)["Vary"].split(",")}

    assert {"Accept-Language", "Cookie"} <= kept_for


def test_a_chosen_language_is_that_of_every_page(browser):
    save(browser, "es")

    assert language_of(browser.get(PROFILE, headers={"accept-language": "de"})) == "es"


def test_the_choice_can_be_taken_back(browser):
    save(browser, "es")
    save(browser, "")

    assert language_of(browser.get(PROFILE, headers={"accept-language": "de"})) == "de"


def test_an_unknown_language_is_refused_and_nothing_is_stored(browser):
    answer = save(browser, "tlh")

    assert answer.status_code == 400
    assert "This language is unknown" in answer.content.decode()
    assert not Profile.objects.exists()


def test_a_language_that_the_site_no_longer_has_is_the_browsers(browser):
    Profile.objects.create(user=make_user("pia"), language="tlh")

    assert profiles.language_of(Profile.objects.get().user) == ""


def test_the_language_of_one_reader_is_not_the_next_ones(browser):
    save(browser, "es")
    browser.get(PROFILE)

    assert translation.get_language() == "en-gb"


def test_programs_receive_english(seeded):
    user = make_user("lena", "Lead")
    profiles.choose(user, zone="", leads_on=True, language="de")
    german = {"HTTP_ACCEPT_LANGUAGE": "de"}

    refused = make_client(user).post("/api/v1/learning-signals/", {}, format="json", **german)
    probe = Client().get("/readyz", **german)

    assert refused.json()["detail"] == 'Method "POST" not allowed.'
    assert "Content-Language" not in refused
    assert "Accept-Language" not in probe.get("Vary", "")


def test_the_page_of_an_outage_has_a_language(monkeypatch):
    monkeypatch.setattr("webhooks.database.outage.is_known", lambda: True)

    answer = Client(headers={"accept-language": "de"}).get(SIGN_IN)

    assert (answer.status_code, language_of(answer)) == (503, "de")


def test_a_notice_is_written_in_the_language_of_each_person(seeded):
    people = [make_user("dora"), make_user("ed")]
    profiles.choose(people[0], zone="", leads_on=True, language="de")

    with translation.override("es"):  # of whoever causes it
        notices.write(
            people, kind=notice_kinds.MENTION, cause="comment:1", about=1, page="/", source=make_source(), now=AT,
            text=lambda: str(translation.get_language()),
        )  # fmt: skip

    assert dict(Notice.objects.values_list("user__username", "text")) == {"dora": "de", "ed": "en-gb"}


def test_an_invitation_is_not_in_the_language_of_whoever_sends_it(seeded, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    user = make_user("dora", email="dora@example.com")

    with translation.override("de"):
        invitations.send(user, by=make_user("boss"), address="https://support.example.com/x")

    assert mail.outbox[0].subject == "Choose your password for the support site"


@pytest.mark.parametrize(
    ("language", "written"),
    [
        ("en-gb", "2 Nov 2026, 22:05"),
        ("de", "2. Nov. 2026, 22:05"),
        ("es", "2 nov 2026, 22:05"),
        ("pt-br", "2 de nov de 2026, 22:05"),
    ],
)
def test_dates_are_short_and_hours_are_24_in_every_language(language, written):
    with translation.override(language):
        assert Template("{{ at }}").render(Context({"at": AT})) == written


def test_a_page_that_is_not_there_has_a_language(browser):
    answer = browser.get("/admin/docs/nothing.md", headers={"accept-language": "de"})

    assert (answer.status_code, language_of(answer)) == (404, "de")


def test_a_page_that_may_not_be_opened_has_a_language(browser):
    answer = browser.get("/admin/health/", headers={"accept-language": "de"})

    assert (answer.status_code, language_of(answer)) == (403, "de")


def test_a_mistake_of_the_site_has_a_language(monkeypatch):
    monkeypatch.setattr("support_site.navigation.layout.sidebar", lambda request: 1 / 0)
    visitor = Client(raise_request_exception=False, headers={"accept-language": "de"})
    visitor.force_login(make_user("nina"))

    answer = visitor.get(PROFILE)

    assert (answer.status_code, language_of(answer)) == (500, "de")
