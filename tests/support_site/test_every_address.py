"""Rules that hold for every URL of the site, including new ones."""

import re
from functools import cache
from typing import Any

import pytest
from django.test import Client
from django.urls import resolve

from tests.factories import make_user
from tests.support_site.url_table import addresses
from webhooks.accounts import access
from webhooks.models import SecondFactor, SignInRule

# One process: what is asked once is looked at by several tests.
pytestmark = [pytest.mark.django_db, pytest.mark.once, pytest.mark.xdist_group("every address")]
EVIL = "https://evil.test/"
# Unknown paths answer 404 in JSON for every method, and change nothing.
NO_PATH = {"/api/", "/api/1"}
LEADING = ("next", "back", "to", "url", "return", "redirect", "_changelist_filters")
RECEIVER = "/webhooks/chatwoot/"
# What answers without a name: probes, the description of the API, the sign-in page itself. Metrics: to this machine alone.
FOR_ALL = {
    "/healthz", "/readyz", "/healthz/workers", "/metrics", "/api/v1/schema/", "/api/v1/docs/", "/admin/login/",
    "/admin/invitation/1/1/",
}  # fmt: skip


@pytest.fixture
def root() -> Client:
    browser = Client(enforce_csrf_checks=True, raise_request_exception=False)
    browser.force_login(make_user("root", is_superuser=True))
    return browser


def test_the_table_is_read_whole():
    table = addresses()

    assert len(table) > 150
    assert all(resolve(path) for path in table)


def test_nothing_is_posted_without_a_csrf_token(root):
    paths = [path for path in addresses() if not path.startswith(RECEIVER) and path not in NO_PATH]

    answers = {path: root.post(path).status_code for path in paths}

    assert {path: status for path, status in answers.items() if status != 403} == {}


@pytest.mark.parametrize("method", ["put", "patch", "delete"])
def test_nothing_of_the_api_is_changed_by_a_session_without_a_csrf_token(root, method):
    paths = [path for path in addresses() if path.startswith("/api/") and path not in NO_PATH]

    answers = {path: getattr(root, method)(path).status_code for path in paths}

    assert {path: status for path, status in answers.items() if status != 403} == {}


def test_an_anonymous_visitor_reaches_nothing():
    browser = Client(raise_request_exception=False)
    paths = [path for path in addresses() if path not in FOR_ALL and not path.startswith(RECEIVER)]

    answers = {path: browser.get(path) for path in paths}

    reached = {path: answer.status_code for path, answer in answers.items() if not is_refused(path, answer)}
    assert reached == {}


def is_refused(path: str, answer) -> bool:
    if answer.status_code in (301, 302):  # to the sign-in page, or to the address with its slash
        return answer["Location"].startswith("/admin/")
    return answer.status_code in (401, 403, 404, 405)


SECOND_FACTOR = "/admin/webhooks/signinrule/"
METHODS = ("get", "post", "put", "patch", "delete")
OWED = {  # and all that a password alone opens
    "check": {f"{SECOND_FACTOR}check/", "/admin/logout/"},
    "": {SECOND_FACTOR, f"{SECOND_FACTOR}begin/", f"{SECOND_FACTOR}confirm/", "/admin/logout/"},
}


def with_a_password_alone(owed: str) -> Client:
    """A Manager and superuser who owes a code, or who must first set the second factor up."""
    person = make_user("root", "Manager", is_superuser=True)
    if owed:
        SecondFactor.objects.create(user=person, name="app")
    else:
        SignInRule.objects.create(pk=1, second_factor_required=True)
    browser = Client(raise_request_exception=False)
    browser.force_login(person)
    return browser


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("owed", OWED)
def test_a_password_without_its_second_factor_opens_no_address(owed, method):
    browser = with_a_password_alone(owed)
    paths = [path for path in addresses() if path not in OWED[owed] and not path.startswith(RECEIVER)]
    if method not in ("get", "post"):  # which only programs use
        paths = [path for path in paths if path.startswith("/api/")]

    answers = {path: getattr(browser, method)(path) for path in paths}

    leads = f"{SECOND_FACTOR}{owed}{'/' if owed else ''}?next="
    reached = {
        path: answer.status_code
        for path, answer in answers.items()
        if not (answer.status_code == 403 and answer.json()["code"] == "second_factor_required")
        and not (answer.status_code == 302 and answer["Location"].startswith(leads))
    }
    assert reached == {}


def test_a_password_alone_neither_switches_the_rule_off_nor_shows_who_follows_it():
    make_user("peter", "Agent")
    browser = with_a_password_alone("")

    browser.post(f"{SECOND_FACTOR}require-of-all/", {"required": "0"})

    assert SignInRule.objects.get().second_factor_required
    assert b"peter" not in browser.get(SECOND_FACTOR).content


@cache
def asked_by_root() -> dict[str, Any]:
    """Every address once, with each word by which a site may be told where to go next: asked once for all rules."""
    browser = Client(raise_request_exception=False)
    browser.force_login(make_user("root", is_superuser=True))
    return {path: browser.get(path, dict.fromkeys(LEADING, EVIL)) for path in addresses()}


def test_no_address_breaks_for_a_superuser_without_rows():
    broken = {
        path: answer.status_code for path, answer in asked_by_root().items() if answer.status_code >= 500
    }

    assert set(broken) <= {"/healthz/workers"}  # 503: none runs


def test_no_parameter_of_an_address_leads_to_another_site():
    places = {path: answer.get("Location", "").split("?")[0] for path, answer in asked_by_root().items()}

    assert {path: place for path, place in places.items() if "evil.test" in place} == {}


def test_every_answer_says_what_its_browser_may_load():
    wrong = [path for path, answer in asked_by_root().items() if not fits(path, answer)]

    assert wrong == []


def fits(path: str, answer) -> bool:
    policy = dict(part.strip().split(" ", 1) for part in answer["Content-Security-Policy"].split(";"))
    nosniff = answer["X-Content-Type-Options"] == "nosniff"
    if path == "/api/v1/docs/":
        return nosniff and policy["script-src"] == "'self'" and policy["object-src"] == "'none'"
    if path.startswith(("/api/", RECEIVER, "/healthz", "/readyz", "/metrics")):
        return nosniff and policy == {"default-src": "'none'", "frame-ancestors": "'none'"}
    return (
        nosniff and policy["script-src"] == "'self' 'unsafe-eval'" and policy["frame-ancestors"] == "'none'"
    )


def test_the_pages_of_the_queue_and_of_secrets_are_not_there():
    """A schedule would name any function to run, a device its secret, a token its hash."""
    assert [path for path in addresses() if re.search("django_q|otp_|axes|knox", path)] == []


def test_the_page_of_the_api_holds_no_script_of_its_own():
    page = Client().get("/api/v1/docs/").content.decode()

    assert re.findall(r"<script(?![^>]*src=)", page) == []


LOOKUPS = (
    "by__password__startswith",
    "user__password__startswith",
    "decided_by__password__startswith",
    "source__api_token__gt",
)


def test_no_list_answers_a_question_about_passwords():
    """An admin's list refuses it by 400 or goes back to itself with ?e=1; our own pages know no such question."""
    browser = Client(raise_request_exception=False)
    browser.force_login(make_user("", *access.GROUPS))
    lists = [path for path in addresses() if re.fullmatch(r"/admin/\w+/\w+/", path)]

    answers = {path: browser.get(path, dict.fromkeys(LOOKUPS, "m")) for path in lists}

    told = {
        path
        for path, answer in answers.items()
        if getattr(answer, "context_data", None) and "cl" in answer.context_data
    }
    assert told == set()


SIGN_IN = [
    "https://evil.test/",
    "//evil.test/",
    "/\\evil.test",
    "http:evil.test",
    "javascript:alert(1)",
    "/%2f/evil.test",
]


@pytest.mark.parametrize("to", SIGN_IN)
def test_signing_in_leads_to_no_other_site(to):
    user = make_user("maria", "Lead")

    answer = Client().post("/admin/login/", {"username": user.username, "password": "pw", "next": to})

    assert re.match(r"/(?![/\\])", answer["Location"])


def test_no_host_a_visitor_claims_stands_in_an_address(settings):
    settings.ALLOWED_HOSTS = ["support.example.com"]
    forged = {"HTTP_HOST": "support.example.com", "HTTP_X_FORWARDED_HOST": "evil.test"}

    answer = Client().get("/", **forged, follow=True)

    assert b"evil.test" not in answer.content
