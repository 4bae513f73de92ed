"""Times are shown in their reader's own zone, on a 24-hour clock, dates as 2 Nov 2026; what is stored stays UTC."""

import re
from datetime import UTC, datetime

import pytest
from django.template import Context, Template
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from knowledge.models import Article
from tests.factories import make_client, make_delivery, make_user
from webhooks.accounts import access, profiles
from webhooks.display import formats
from webhooks.models import Delivery, Profile
from webhooks.templatetags import support

pytestmark = pytest.mark.django_db
AT = datetime(2026, 11, 2, 22, 5, 9, tzinfo=UTC)


def browser_of(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def save(browser: Client, zone: str):
    return browser.post(reverse("admin:webhooks_profile_save"), {"time_zone": zone})


@pytest.fixture
def operator(seeded) -> Client:
    row = make_delivery()
    Delivery.objects.filter(pk=row.pk).update(received_at=AT)
    return browser_of(make_user("otto", access.OPERATOR))


def times(browser: Client) -> str:
    return browser.get(reverse("admin:webhooks_incoming_changelist")).content.decode()


def test_without_a_choice_times_are_in_the_sites_zone(operator):
    assert "Mon 2 Nov 2026, 22:05:09 UTC" in times(operator)


def test_a_chosen_zone_is_that_of_every_page(operator):
    assert save(operator, "Europe/Berlin").status_code == 302

    assert "Mon 2 Nov 2026, 23:05:09 CET" in times(operator)


def test_the_zone_of_one_reader_is_not_the_next_ones(operator):
    save(operator, "Asia/Tokyo")
    times(operator)

    assert timezone.get_current_timezone_name() == "UTC"
    assert "22:05:09 UTC" in times(browser_of(make_user("olga", access.OPERATOR)))


def test_the_choice_can_be_taken_back(operator):
    save(operator, "Asia/Tokyo")
    save(operator, "")

    assert "22:05:09 UTC" in times(operator)


def test_an_unknown_zone_is_refused_and_nothing_is_stored(operator):
    answer = save(operator, "Mars/Olympus")

    assert answer.status_code == 400
    assert "This time zone is unknown" in answer.content.decode()
    assert not Profile.objects.exists()


def test_a_zone_that_this_machine_no_longer_knows_is_the_sites(operator):
    Profile.objects.create(user=make_user("pia"), time_zone="Mars/Olympus")

    assert profiles.zone_of(Profile.objects.get().user) is None


def test_everybody_has_a_profile_and_finds_it_behind_their_name(seeded):
    browser = browser_of(make_user("nina"))

    assert browser.get(reverse("admin:webhooks_profile_changelist")).status_code == 200
    menu = browser.get(reverse("admin:index")).content.decode()
    assert "Your profile" in menu
    assert "Change password" in menu


def test_the_profile_says_what_its_person_may_do(seeded):
    html = (
        browser_of(make_user("lena", access.LEAD))
        .get(reverse("admin:webhooks_profile_changelist"))
        .content.decode()
    )

    assert re.search(r"<dt>Groups</dt><dd>\s*Lead\s*</dd>", html)
    assert re.search(r"<dt>Inboxes</dt><dd>\s*all\s*</dd>", html)


def test_the_api_keeps_the_sites_zone(seeded):
    user = make_user("lena", access.LEAD)
    profiles.choose(user, zone="Asia/Tokyo", leads_on=True)
    Article.objects.filter(slug="refund").update(updated_at=AT)

    answer = make_client(user).get("/api/v1/articles/").content.decode()

    assert "2026-11-02T22:05:09Z" in answer


@pytest.mark.once
@pytest.mark.parametrize(
    ("template", "written"),
    [
        ("{{ at }}", "2 Nov 2026, 22:05"),
        ("{{ at|date }}", "2 Nov 2026"),
        ("{{ at|time }}", "22:05"),
        ('{{ at|date:"DATETIME_FORMAT" }}', "2 Nov 2026, 22:05"),
        ('{{ at|date:"SHORT_DATE_FORMAT" }}', "2 Nov 2026"),
    ],
)
def test_django_writes_dates_and_times_as_we_do(template, written):
    assert Template(template).render(Context({"at": AT})) == written


@pytest.mark.once
def test_a_day_has_no_leading_zero():
    assert formats.day(AT) == "2 Nov 2026"
    assert formats.minute(AT) == "2 Nov 2026, 22:05"
    assert formats.relative(AT, now=AT.replace(month=12)) == "2 Nov 2026"


@pytest.mark.once
@pytest.mark.parametrize("shown", [support.ago, support.moment])
def test_the_exact_time_is_shown_on_hover(shown):
    assert 'title="Mon 2 Nov 2026, 22:05:09 UTC' in shown(AT)


@pytest.mark.once
def test_a_share_is_written_with_a_space():
    assert support.percent(0.8) == "80 %"
