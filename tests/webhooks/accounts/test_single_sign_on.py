"""OpenID Connect against a provider of the test's own: who gets in, with which groups, and what a broken answer does."""

import json
import time
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
import responses
from cryptography.hazmat.primitives.asymmetric import rsa
from django.contrib.auth.models import User
from django.test import Client
from django.urls import NoReverseMatch, reverse
from jwt.algorithms import RSAAlgorithm

from tests import optional_urls
from tests.factories import make_inbox, make_user
from webhooks.accounts import access, single_sign_on

pytestmark = [pytest.mark.django_db, pytest.mark.once]
ISSUER = "https://login.example.com/realms/acme"
OURS, OTHERS = (rsa.generate_private_key(public_exponent=65537, key_size=2048) for _ in range(2))
MARIA = {
    "email": "maria@example.com",
    "email_verified": True,
    "given_name": "Maria",
    "groups": ["support-leads", "staff"],
}


@pytest.fixture(autouse=True)
def provider(settings, seeded):
    settings.ROOT_URLCONF = optional_urls.__name__
    settings.OIDC_ISSUER, settings.OIDC_NAME = ISSUER, "Acme"
    settings.OIDC_RP_CLIENT_ID, settings.OIDC_RP_CLIENT_SECRET = "support-site", "s3cret"
    settings.OIDC_GROUPS = {"support-leads": "Lead", "support-agents": "Agent"}
    settings.AUTHENTICATION_BACKENDS = [
        *settings.AUTHENTICATION_BACKENDS, "webhooks.accounts.single_sign_on.SingleSignOn",
    ]  # fmt: skip
    single_sign_on._known.clear()
    with responses.RequestsMock(assert_all_requests_are_fired=False) as answers:
        answers.get(f"{ISSUER}/.well-known/openid-configuration", json={
            "issuer": ISSUER, **{name: f"{ISSUER}/{name}" for name in (
                "authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri")},
        })  # fmt: skip
        public = json.loads(RSAAlgorithm.to_jwk(OURS.public_key())) | {"kid": "1", "alg": "RS256"}
        answers.get(f"{ISSUER}/jwks_uri", json={"keys": [public]})
        yield answers


def sign_in(
    provider: responses.RequestsMock, claims: dict[str, Any] = MARIA, *, key: Any = OURS, **token: Any
):
    """A browser that goes to the provider and comes back. token: what its token says differently."""
    browser = Client()
    begun = parse_qs(
        urlsplit(browser.get(reverse("oidc_authentication_init"), token.pop("asked", {}))["Location"]).query
    )
    now = int(time.time())
    facts = {
        "iss": ISSUER,
        "aud": "support-site",
        "nonce": begun["nonce"][0],
        "iat": now,
        "exp": now + 60,
    } | token
    signed = jwt.encode(facts, key, algorithm="RS256", headers={"kid": "1"})
    provider.post(f"{ISSUER}/token_endpoint", json={"id_token": signed, "access_token": "opaque"})
    provider.get(f"{ISSUER}/userinfo_endpoint", json=claims)
    came_back = browser.get(
        reverse("oidc_authentication_callback"), {"code": "c", "state": begun["state"][0]}, follow=True
    )
    return browser, came_back.content.decode()


def is_signed_in(browser: Client) -> bool:
    return "_auth_user_id" in browser.session


def test_the_sign_in_page_offers_it():
    page = Client().get(reverse("admin:login"), {"next": "/admin/settings/"}).content.decode()

    assert "Sign in with Acme" in page


def test_it_is_off_unless_an_issuer_is_set(settings):
    settings.OIDC_ISSUER, settings.ROOT_URLCONF = "", "support_site.urls"

    assert "Sign in with" not in Client().get(reverse("admin:login")).content.decode()
    with pytest.raises(NoReverseMatch):
        reverse("oidc_authentication_init")


def test_a_new_person_gets_an_account_with_the_groups_of_the_claim(provider):
    browser, _ = sign_in(provider)

    maria = User.objects.get(email="maria@example.com")
    assert is_signed_in(browser)
    assert (access.group_names(maria), maria.is_staff, maria.is_superuser) == ({"Lead"}, True, False)


def test_a_new_person_sees_no_inbox_until_somebody_says_which(provider):
    make_inbox()

    sign_in(provider)

    assert not access.inboxes_of(User.objects.get(email="maria@example.com")).exists()


def test_groups_follow_the_claim_at_each_sign_in(provider):
    maria = make_user("maria", "Manager", email="Maria@Example.com")

    sign_in(provider, MARIA | {"groups": "support-agents"})

    assert set(maria.groups.values_list("name", flat=True)) == {"Agent"}


def test_without_a_table_groups_have_the_same_names(provider, settings):
    settings.OIDC_GROUPS = {}

    sign_in(provider, MARIA | {"groups": ["Operator", "superuser"]})

    assert access.group_names(User.objects.get(email="maria@example.com")) == {"Operator"}


@pytest.mark.parametrize("groups", [[], ["staff"], None, 7, [None, {"a": 1}]])
def test_who_is_in_no_group_of_ours_stays_outside(provider, groups):
    browser, page = sign_in(provider, MARIA | {"groups": groups})

    assert not is_signed_in(browser)
    assert "not allowed to sign in" in page
    assert not User.objects.filter(email="maria@example.com").exists()


def test_a_person_who_left_all_groups_loses_them_and_stays_outside(provider):
    maria = make_user("maria", "Lead", email="maria@example.com")

    browser, _ = sign_in(provider, MARIA | {"groups": []})

    assert not is_signed_in(browser)
    assert not maria.groups.exists()


def test_a_superuser_needs_no_group(provider):
    make_user("root", email="maria@example.com", is_superuser=True)

    browser, _ = sign_in(provider, MARIA | {"groups": []})

    assert is_signed_in(browser)


def test_a_person_who_was_deactivated_stays_outside(provider):
    make_user("maria", "Lead", email="maria@example.com", is_active=False)

    browser, _ = sign_in(provider)

    assert not is_signed_in(browser)


@pytest.mark.parametrize(
    "claims", [MARIA | {"email_verified": False}, MARIA | {"email": ""}, {"groups": ["support-leads"]}]
)
def test_an_address_that_is_not_verified_proves_nothing(provider, claims):
    make_user("maria", "Lead", email="maria@example.com")

    browser, _ = sign_in(provider, claims)

    assert not is_signed_in(browser)


def test_two_accounts_with_one_address_are_not_told_apart_by_chance(provider):
    make_user("maria", "Lead", email="maria@example.com")
    make_user("maria2", "Lead", email="maria@example.com")

    browser, _ = sign_in(provider)

    assert not is_signed_in(browser)


@pytest.mark.parametrize(
    "token",
    [
        {"key": OTHERS},
        {"aud": "another-client"},
        {"aud": None},
        {"iss": "https://evil.test"},
        {"nonce": "replayed"},
        {"exp": 1},
    ],
)
def test_a_token_that_is_not_for_this_sign_in_is_refused(provider, token):
    browser, page = sign_in(provider, **token)

    assert not is_signed_in(browser)
    assert "Single sign-on does not work at the moment" in page


def test_a_provider_that_does_not_answer_is_said(provider):
    provider.replace(responses.GET, f"{ISSUER}/.well-known/openid-configuration", status=503)

    page = Client().get(reverse("oidc_authentication_init"), follow=True).content.decode()

    assert "Single sign-on does not work at the moment" in page


def test_a_made_up_state_signs_nobody_in():
    browser = Client()
    browser.get(reverse("oidc_authentication_init"))

    page = browser.get(
        reverse("oidc_authentication_callback"), {"code": "c", "state": "made-up"}, follow=True
    )

    assert not is_signed_in(browser)
    assert page.status_code == 200


def test_passwords_work_while_the_provider_is_down(provider):
    provider.replace(responses.GET, f"{ISSUER}/.well-known/openid-configuration", status=503)
    make_user("root", is_superuser=True)
    browser = Client()

    browser.post(reverse("admin:login"), {"username": "root", "password": "pw"})

    assert is_signed_in(browser)


def test_a_signed_in_person_is_known_without_the_provider(provider):
    browser, _ = sign_in(provider)
    single_sign_on._known.clear()
    provider.replace(responses.GET, f"{ISSUER}/.well-known/openid-configuration", status=503)

    assert browser.get(reverse("admin:index")).status_code == 200


@pytest.mark.parametrize(
    ("asked", "reached"), [("/admin/settings/", "/admin/settings/"), ("https://evil.test/", "/admin/")]
)
def test_a_person_returns_to_the_page_they_asked_for_and_to_no_other_site(provider, asked, reached):
    make_user("root", email="maria@example.com", is_superuser=True)
    browser, _ = sign_in(provider, asked={"next": asked})

    assert (browser.session["oidc_login_next"] or "/admin/") == reached
