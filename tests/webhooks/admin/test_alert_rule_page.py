"""Alert rules as Managers and Operators change them: refused where they say nothing, and the chat's address never shown."""

import pytest
from django.urls import reverse
from django.utils.html import escape

from tests.factories import make_user
from tests.webhooks.people import PEOPLE, page_url, sign_in
from tests.webhooks.sources.moding import previous_handler
from webhooks.models import AlertRule, alert_kinds

pytestmark = [pytest.mark.django_db, pytest.mark.once]
LIST = "admin:webhooks_alertrule_changelist"
MAY = ("Manager", "Operator", "superuser")
URL = "https://93.184.216.34/services/T0/B0/secret-part"


@pytest.fixture
def rule(seeded) -> AlertRule:
    return AlertRule.objects.get(kind="dead")


@pytest.fixture
def chat(settings):
    settings.PRIVATE_HOSTS = ["127.0.0.1"]
    settings.OUT_CALL_S = 2
    with previous_handler() as running:
        yield running


def form(**facts) -> dict:
    return {
        "enabled": "on", "threshold": "10", "severity": "normal", "email": "on", "addresses": "", "chat_url": "",
        "quiet_from": "", "quiet_to": "", "quiet_zone": "UTC",
    } | facts  # fmt: skip


def save(rule: AlertRule, *, person: str = "Manager", **facts):
    answer = sign_in(person).post(page_url(rule, "alertrule"), form(**facts))
    rule.refresh_from_db()
    return answer


@pytest.mark.parametrize("person", PEOPLE)
def test_managers_and_operators_keep_the_rules(rule, person):
    save(rule, person=person, threshold="3")

    assert rule.threshold == (3 if person in MAY else 10)


def test_the_list_says_when_and_to_whom(rule):
    page = sign_in("Manager").get(reverse(LIST)).content.decode()

    assert "Deliveries within an hour: 10" in page
    assert "superusers, Operators, Managers" in page


def test_the_list_has_every_kind(rule):
    page = sign_in("Manager").get(reverse(LIST)).content.decode()

    assert [kind.name for kind in alert_kinds.KINDS.values() if str(kind.name) not in page] == []


@pytest.mark.parametrize("kind", alert_kinds.KINDS)
def test_each_rules_page_says_what_to_do(seeded, kind):
    page = sign_in("Manager").get(page_url(AlertRule.objects.get(kind=kind), "alertrule")).content.decode()

    assert escape(str(alert_kinds.KINDS[kind].todo)) in page
    assert f"runbooks/{alert_kinds.KINDS[kind].section}.md" in page


def test_a_kind_without_a_number_asks_for_none(seeded):
    page = (
        sign_in("Manager")
        .get(page_url(AlertRule.objects.get(kind="credentials"), "alertrule"))
        .content.decode()
    )

    assert 'name="threshold"' not in page


def test_an_empty_number_watches_nothing(rule):
    save(rule, threshold="")

    assert rule.threshold is None


REFUSED = {
    "0 would always": {"threshold": "0"},
    "is not an email address": {"addresses": "oncall"},
    "internal network": {"chat_url": "https://10.0.0.1/hook"},
    "must use https": {"chat_url": "http://93.184.216.34/hook"},
    "a start and an end": {"quiet_from": "22:00"},
    "Start and end are the same": {"quiet_from": "22:00", "quiet_to": "22:00"},
    "not one of the available": {"quiet_zone": "Mars/Olympus"},
}


@pytest.mark.parametrize("said", REFUSED)
def test_what_says_nothing_is_refused_in_words(rule, said):
    answer = save(rule, **REFUSED[said])

    assert said in answer.content.decode()
    assert (rule.chat_url, rule.quiet_from, rule.addresses) == ("", None, "")


def test_quiet_hours_are_kept(rule):
    save(rule, quiet_from="22:00", quiet_to="07:00", quiet_zone="Europe/Berlin")

    assert (f"{rule.quiet_from:%H:%M}", f"{rule.quiet_to:%H:%M}", rule.quiet_zone) == (
        "22:00",
        "07:00",
        "Europe/Berlin",
    )


def test_addresses_stand_one_a_line(rule):
    save(rule, addresses="a@example.com, b@example.com")

    assert rule.addresses == "a@example.com\nb@example.com"


def test_a_person_without_an_address_cannot_be_chosen(rule):
    silent = make_user("silent")

    assert "users" in save(rule, users=[silent.pk]).context["adminform"].form.errors


def test_the_chats_address_is_kept_and_never_shown(rule):
    save(rule, chat_url=URL)

    page = sign_in("superuser").get(page_url(rule, "alertrule")).content.decode()

    assert rule.chat_url == URL
    assert "secret-part" not in page
    assert "93.184.216.34" in page


def test_an_empty_field_leaves_the_chats_address(rule):
    save(rule, chat_url=URL)

    save(rule, person="Operator")

    assert rule.chat_url == URL


def test_posting_is_stopped_on_request(rule):
    save(rule, chat_url=URL)

    save(rule, person="Operator", stop_chat="on")

    assert rule.chat_url == ""


@pytest.mark.parametrize("verb", ["add", "delete"])
def test_rules_are_neither_added_nor_taken_away(rule, verb):
    page = (
        reverse("admin:webhooks_alertrule_add")
        if verb == "add"
        else f"{page_url(rule, 'alertrule')}../delete/"
    )

    assert sign_in("superuser").get(page).status_code == 403


def post_test(rule: AlertRule, person: str = "Operator"):
    return sign_in(person).post(reverse("admin:webhooks_alertrule_post_test", args=[rule.pk]), follow=True)


def test_a_test_is_posted_to_the_chat(rule, chat):
    AlertRule.objects.update(chat_url=chat.url)

    page = post_test(rule).content.decode()

    assert "Test message sent: look in the chat." in page
    assert b"Deliveries failed" in chat.got[0][2]


def test_a_chat_that_refuses_is_told(rule, chat):
    chat.answers = [404]
    AlertRule.objects.update(chat_url=chat.url)

    assert "The test message failed: 127.0.0.1 answered 404." in post_test(rule).content.decode()


def test_a_lead_posts_no_test(rule, chat):
    AlertRule.objects.update(chat_url=chat.url)

    post_test(rule, "Lead")

    assert chat.got == []
