"""A person's Notifications page: what, where and how often; the address of their chat is never shown."""

import pytest
from django.db import connection

from tests.factories import make_user
from tests.knowledge.admin.pressing import signed_in
from tests.webhooks.sources.moding import previous_handler
from webhooks.models import Profile, notice_kinds
from webhooks.notices import preferences

pytestmark = pytest.mark.django_db
PAGE = "/admin/webhooks/profile/notifications/"


@pytest.fixture
def sam(seeded):
    return make_user("sam", "Agent", email="sam@example.com")


def save(user, **fields):
    return signed_in(user).post(PAGE, {"quiet": "30"} | fields)


def test_without_a_choice_everything_is_on(sam):
    assert preferences.wanted(preferences.of(sam), notice_kinds.ESCALATION) == ["email"]
    assert signed_in(sam).get(PAGE).content.decode().count(" checked") == 2 * len(notice_kinds.KINDS)


def test_what_is_not_ticked_is_off(sam):
    save(sam, **{"outage:email": "1"})

    profile = Profile.objects.get(user=sam)
    assert preferences.wanted(profile, notice_kinds.OUTAGE) == ["email"]
    assert preferences.wanted(profile, notice_kinds.ESCALATION) == []
    assert profile.quiet_minutes == 30


def test_saving_keeps_the_time_zone(sam):
    Profile.objects.create(user=sam, time_zone="Europe/Vienna")

    save(sam)

    assert Profile.objects.get(user=sam).time_zone == "Europe/Vienna"


def test_the_address_of_a_chat_is_kept_and_never_shown(sam, settings):
    settings.PRIVATE_HOSTS = ["127.0.0.1"]
    with previous_handler() as chat:
        save(sam, chat_url=chat.url)
        save(sam)  # left empty: as before

        assert Profile.objects.get(user=sam).chat_url == chat.url
        assert chat.url not in signed_in(sam).get(PAGE).content.decode()
        signed_in(sam).post(f"{PAGE}test/")
        assert len(chat.got) == 1


def test_it_can_be_removed(sam):
    Profile.objects.create(user=sam, chat_url="https://chat.example/hook")

    save(sam, stop_chat="1")

    assert Profile.objects.get(user=sam).chat_url == ""


@pytest.mark.parametrize("url", ["ftp://chat.example/x", "http://10.0.0.1/x", "nonsense"])
def test_an_address_that_cannot_be_called_is_refused_with_the_choices_kept(sam, url):
    answer = save(sam, chat_url=url, **{"outage:email": "1"})

    assert answer.status_code == 400
    assert answer.content.decode().count(" checked") == 1
    assert not Profile.objects.filter(user=sam).exclude(chat_url="").exists()


def test_nobody_has_a_quiet_time_that_is_not_offered(sam):
    save(sam, quiet="1")

    assert Profile.objects.get(user=sam).quiet_minutes == 10


def test_a_page_needs_no_key_of_somebody_s_chat(sam):
    """An address written with a key that is gone must not lock its owner out."""
    Profile.objects.create(user=sam)
    Profile.objects.filter(user=sam).update(time_zone="")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE webhooks_profile SET chat_url = 'unreadable'")

    assert signed_in(sam).get("/admin/").status_code == 200
