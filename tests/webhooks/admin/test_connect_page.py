"""Connecting a source: the address, the token tried before anything is saved, the receiving URL."""

import pytest
import responses
from django.urls import reverse

from tests.factories import make_source
from tests.webhooks.people import sign_in
from webhooks.models import Source

pytestmark = [pytest.mark.django_db, pytest.mark.once]

CONNECT = {
    "slug": "acme",
    "base_url": "http://chatwoot.test",
    "account_id": "1",
    "api_token": "good",
    "secret": "s" * 24,
}


@responses.activate
def test_connecting_with_a_refused_token_says_so_and_keeps_the_form(seeded):
    responses.get("http://chatwoot.test/api/v1/profile", status=401)

    page = sign_in("superuser").post(reverse("admin:webhooks_source_connect"), CONNECT)

    assert "Chatwoot refuses this token" in page.content.decode()
    assert 'value="acme"' in page.content.decode()
    assert not Source.objects.exists()


@responses.activate
def test_a_failed_connect_loses_nothing_that_was_typed(seeded):
    responses.get("http://chatwoot.test/api/v1/profile", status=401)
    typed = CONNECT | {"api_token": "typed-by-hand", "secret": "also-typed-by-hand-24ch"}

    page = sign_in("superuser").post(reverse("admin:webhooks_source_connect"), typed).content.decode()

    assert all(f'value="{value}"' in page for value in typed.values())


def test_the_form_of_a_known_source_has_no_token(seeded):
    source = make_source(api_token="token-nobody-reads", secret="kept-under-the-carpet")

    page = sign_in("superuser").get(reverse("admin:webhooks_source_connect"), {"slug": source.slug})

    assert "token-nobody-reads" not in page.content.decode()


def answer_as_chatwoot(*, role: str = "administrator", version: str = "4.14.2") -> None:
    accounts = [{"id": 12, "name": "Acme", "role": role}]
    responses.get("http://chatwoot.test/api/v1/profile", json={"id": 1, "name": "Desk", "accounts": accounts})
    responses.get("http://chatwoot.test/api", json={"version": version})
    responses.get("http://chatwoot.test/api/v1/accounts/12/inboxes", json={"payload": []})


@responses.activate
@pytest.mark.parametrize(
    ("base_url", "account_id"),
    [
        ("http://chatwoot.test/app/accounts/12/dashboard", ""),
        ("http://chatwoot.test", "/app/accounts/12/settings"),
        ("http://chatwoot.test/", "12"),
        ("http://chatwoot.test/app/login", "http://chatwoot.test/app/accounts/12/inbox-view"),
        ("/app/accounts/3/", "http://chatwoot.test/app/accounts/12/"),
    ],
)
def test_a_pasted_address_is_split_into_base_and_account(seeded, base_url, account_id):
    answer_as_chatwoot()

    sign_in("superuser").post(
        reverse("admin:webhooks_source_connect"), CONNECT | {"base_url": base_url, "account_id": account_id}
    )

    assert Source.objects.values_list("base_url", "account_id").get() == ("http://chatwoot.test", 12)


@pytest.mark.parametrize(
    "base_url", ["not an address", "ftp://chat.example.com", "/app/accounts/3/", "https://"]
)
def test_what_is_no_address_is_named(seeded, base_url):
    page = sign_in("superuser").post(
        reverse("admin:webhooks_source_connect"), CONNECT | {"base_url": base_url}
    )

    assert "This is not an address" in page.content.decode()


def try_token(**typed: str) -> str:
    asked = {
        "base_url": "http://chatwoot.test/app/accounts/12/",
        "account_id": "",
        "api_token": "good",
    } | typed
    return sign_in("superuser").post(reverse("admin:webhooks_source_try_token"), asked).content.decode()


@responses.activate
def test_a_good_token_shows_its_account_and_version_before_anything_is_saved(seeded):
    answer_as_chatwoot()

    said = try_token()

    assert "“Acme”" in said
    assert "Chatwoot 4.14.2" in said
    assert not Source.objects.exists()


@responses.activate
@pytest.mark.parametrize(
    ("answers", "said"),
    [
        ({"role": "agent"}, "use an administrator"),
        ({"version": "3.9.0"}, "too old"),
        ({"version": "4.5.0"}, "does not sign webhooks"),
    ],
)
def test_what_is_wrong_with_a_token_is_said_before_the_form_is_sent(seeded, answers, said):
    answer_as_chatwoot(**answers)

    assert said in try_token()


@responses.activate
def test_a_refused_token_is_said_before_the_form_is_sent(seeded):
    responses.get("http://chatwoot.test/api/v1/profile", status=401)

    assert "Chatwoot refuses this token" in try_token()


@responses.activate
def test_a_host_that_does_not_answer_is_said_before_the_form_is_sent(seeded):
    assert "could not be reached" in try_token()


def test_a_token_is_not_tried_while_the_account_is_missing(seeded):
    assert "Enter the number after /app/accounts/" in try_token(base_url="http://chatwoot.test")


@pytest.mark.parametrize("person", ["Manager", "Operator", "Lead"])
def test_a_token_is_tried_for_superusers_alone(seeded, person):
    answer = sign_in(person).post(reverse("admin:webhooks_source_try_token"), CONNECT)

    assert answer.status_code == 403


@responses.activate
def test_connecting_shows_the_receiving_url(seeded, settings):
    settings.PUBLIC_URL = "https://support.example.com"
    profile = {
        "id": 1,
        "name": "Desk",
        "role": "administrator",
        "accounts": [{"id": 1, "role": "administrator"}],
    }
    responses.get("http://chatwoot.test/api/v1/profile", json=profile)
    responses.get("http://chatwoot.test/api", json={"version": "4.14.2"})
    responses.get("http://chatwoot.test/api/v1/accounts/1/inboxes", json={"payload": []})

    page = (
        sign_in("superuser")
        .post(reverse("admin:webhooks_source_connect"), CONNECT, follow=True)
        .content.decode()
    )

    assert "https://support.example.com/webhooks/chatwoot/acme/" in page
