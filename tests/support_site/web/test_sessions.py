"""How long a session lasts, and what ends it: inactivity, its maximum age, a new password."""

import time

import pytest
from django.test import Client

from tests.factories import make_user

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery"  # pragma: allowlist secret
HOUR = 3600


@pytest.fixture
def maria():
    user = make_user("maria", "Lead")
    user.set_password(PASSWORD)
    user.save()
    return user


def sign_in(browser: Client, name: str = "maria") -> int:
    return browser.post("/admin/login/", {"username": name, "password": PASSWORD}).status_code


@pytest.fixture
def browser(maria) -> Client:
    browser = Client()
    assert sign_in(browser) == 302
    browser.get("/admin/")
    return browser


def aged(browser: Client, *, began: float = 0, seen: float = 0) -> Client:
    """As if the session had begun, and was last seen, so many seconds ago."""
    session = browser.session
    session["began_at"], session["seen_at"] = time.time() - began, time.time() - seen
    session.save()
    return browser


def is_in(browser: Client) -> bool:
    return browser.get("/admin/").status_code == 200


def test_an_idle_person_signs_in_again(browser, settings):
    assert not is_in(aged(browser, seen=settings.SESSION_IDLE_S + 1))


def test_an_active_person_stays_signed_in(browser, settings):
    aged(browser, began=4 * HOUR, seen=settings.SESSION_IDLE_S - 60)

    assert is_in(browser)
    assert browser.session["seen_at"] > time.time() - 60


def test_a_page_that_refreshes_itself_keeps_nobody_signed_in(browser, settings):
    aged(browser, seen=settings.SESSION_IDLE_S - 60)

    browser.get("/admin/reports/clock/dashboard/", headers={"X-Fragment": "1"})

    assert browser.session["seen_at"] < time.time() - settings.SESSION_IDLE_S + 120


def test_after_the_working_day_even_an_active_person_signs_in_again(browser, settings):
    assert not is_in(aged(browser, began=settings.SESSION_COOKIE_AGE + 1))


def test_the_sign_in_page_says_why(browser, settings):
    answer = aged(browser, seen=settings.SESSION_IDLE_S + 1).get("/admin/", follow=True)

    assert b"signed out because you were inactive" in answer.content


def test_signing_in_makes_a_new_session(maria):
    browser = Client()
    session = browser.session
    session["planted"] = "by somebody who knows its key"
    session.save()
    planted = session.session_key
    browser.cookies["sessionid"] = planted

    sign_in(browser)

    assert browser.session.session_key != planted
    assert not is_in(Client(headers={"Cookie": f"sessionid={planted}"}))


def test_a_new_password_signs_the_person_out_everywhere_else(maria, browser):
    elsewhere = Client()
    sign_in(elsewhere)
    words = {"old_password": PASSWORD, "new_password1": PASSWORD[::-1], "new_password2": PASSWORD[::-1]}

    browser.post("/admin/password_change/", words)

    assert is_in(browser)
    assert not is_in(elsewhere)


def test_a_deactivated_person_is_signed_out_at_once(maria, browser):
    maria.is_active = False
    maria.save()

    assert not is_in(browser)


def test_signing_out_ends_the_session_on_the_server(browser):
    kept = browser.cookies["sessionid"].value

    browser.post("/admin/logout/")

    assert not is_in(Client(headers={"Cookie": f"sessionid={kept}"}))


def test_the_session_cookie_is_for_the_browser_alone(browser):
    cookie = browser.cookies["sessionid"]

    assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")


# Signing in


def wrong(browser: Client, name: str = "maria") -> int:
    return browser.post("/admin/login/", {"username": name, "password": "wrong"}).status_code


def test_after_five_wrong_passwords_not_even_the_right_one_is_taken(maria):
    browser = Client()

    tried = [wrong(browser) for _ in range(5)]

    assert tried[-1] == 429
    assert sign_in(browser) == 429


def test_a_colleague_at_the_same_address_still_signs_in(maria):
    for _ in range(5):
        wrong(Client())
    colleague = make_user("bob", "Lead")
    colleague.set_password(PASSWORD)
    colleague.save()

    assert sign_in(Client(), "bob") == 302


def test_nobody_is_locked_out_from_elsewhere(maria):
    for _ in range(5):
        wrong(Client(REMOTE_ADDR="203.0.113.9"))

    assert sign_in(Client()) == 302


def test_names_are_not_tried_one_after_the_other_from_one_address(maria, settings):
    settings.SIGN_INS_PER_MINUTE = 3
    for number in range(3):
        wrong(Client(), f"name{number}")

    answer = Client().post("/admin/login/", {"username": "maria", "password": PASSWORD})

    assert b"Too many sign-in attempts from your address" in answer.content


def test_a_wrong_name_and_a_wrong_password_are_answered_alike(maria):
    answers = [
        Client().post("/admin/login/", {"username": name, "password": "wrong"}).content.decode()
        for name in ("maria", "nobody")
    ]

    said = [answer.count("Please enter the correct username and password") for answer in answers]
    assert said[0] == said[1] > 0


def test_an_endless_name_is_a_wrong_one(db):
    assert wrong(Client(), "m" * 5000) == 200


def test_what_was_typed_stands_in_no_log(maria, caplog):
    caplog.set_level("DEBUG")

    Client().post("/admin/login/", {"username": "typed-my-secret-here", "password": "hunter2hunter2"})

    assert "typed-my-secret-here" not in caplog.text
    assert "hunter2" not in caplog.text
