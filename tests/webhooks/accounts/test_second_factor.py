"""The second factor: nobody gets in without its code where one is owed, and nobody is shut out for ever."""

import io
import time
from collections.abc import Iterator

import pytest
from cryptography.fernet import Fernet
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.utils import timezone
from django_otp.oath import TOTP

from tests.factories import make_user
from tests.knowledge.admin.pressing import signed_in
from webhooks.accounts import second_factor
from webhooks.models import SecondFactor
from webhooks.models.second_factor import STEP_S

pytestmark = [pytest.mark.django_db, pytest.mark.once]
PAGE = "/admin/webhooks/signinrule/"


@pytest.fixture
def maria() -> User:
    return make_user("maria", "Lead")


@pytest.fixture
def guarded(maria) -> Iterator[User]:
    """Maria, with an app and these recovery codes."""
    SecondFactor.objects.create(user=maria, name="app")
    maria.codes = second_factor.renew_codes(maria)
    return maria


def code_of(user: User, *, ahead: int = 0) -> str:
    """What the app shows now, or `ahead` steps of 30 s from now."""
    device = SecondFactor.objects.get(user=user)
    clock = TOTP(device.bin_key)
    clock.time = time.time() + ahead * STEP_S
    return f"{clock.token():06d}"


def give(browser: Client, code: str, **sent: str) -> int:
    return browser.post(f"{PAGE}check/", {"code": code, **sent}).status_code


def test_without_one_the_password_is_enough(maria):
    assert signed_in(maria).get("/admin/").status_code == 200


def test_whoever_has_one_gives_its_code_before_any_page(guarded):
    answer = signed_in(guarded).get("/admin/knowledge/draft/queue/?mine=1")

    assert answer.status_code == 302
    assert answer["Location"] == f"{PAGE}check/?next=%2Fadmin%2Fknowledge%2Fdraft%2Fqueue%2F%3Fmine%3D1"


def test_the_code_of_the_app_opens_the_pages(guarded):
    browser = signed_in(guarded)

    assert give(browser, code_of(guarded)) == 302
    assert browser.get("/admin/").status_code == 200


def test_a_session_that_gave_its_code_has_another_key_than_before(guarded):
    browser = signed_in(guarded)
    before = browser.session.session_key

    give(browser, code_of(guarded))

    assert browser.session.session_key != before


def test_a_wrong_code_opens_nothing(guarded):
    browser = signed_in(guarded)

    assert give(browser, "000000") == 400
    assert browser.get("/admin/").status_code == 302


def test_a_code_works_once(guarded):
    code = code_of(guarded)
    give(signed_in(guarded), code)

    assert give(signed_in(guarded), code) == 400


def test_guesses_are_slowed_down_even_for_the_right_code(guarded):
    browser = signed_in(guarded)
    for _ in range(3):
        give(browser, "000000")

    assert give(browser, code_of(guarded)) == 400


def test_what_is_no_number_is_no_code_of_the_app(guarded):
    assert give(signed_in(guarded), "²²²²²²") == 400


def test_a_recovery_code_opens_the_pages_once(guarded):
    code = guarded.codes[0]

    assert give(signed_in(guarded), code) == 302
    assert give(signed_in(guarded), code) == 400


def test_the_code_of_a_colleague_opens_nothing(guarded):
    other = make_user("bob", "Lead")
    SecondFactor.objects.create(user=other, name="app")

    assert give(signed_in(guarded), code_of(other)) == 400


def test_a_session_without_its_code_reaches_no_part_of_the_api(guarded):
    answer = signed_in(guarded).get("/api/v1/drafts/")

    assert (answer.status_code, answer.json()["code"]) == (403, "second_factor_required")


@pytest.mark.parametrize("to", ["https://evil.test/", "//evil.test/", "/\\evil.test", "javascript:alert(1)"])
def test_the_code_leads_to_no_other_site(guarded, to):
    answer = signed_in(guarded).post(f"{PAGE}check/", {"code": code_of(guarded), "next": to})

    assert answer["Location"] == "/admin/"


def test_setting_it_up_takes_a_code_of_the_app_and_gives_recovery_codes_once(maria):
    browser = signed_in(maria)
    browser.post(f"{PAGE}begin/")

    shown = browser.post(f"{PAGE}confirm/", {"code": code_of(maria)}).content.decode()

    assert shown.count("<li><code>") == second_factor.RECOVERY_CODES
    assert "<li><code>" not in browser.get(PAGE).content.decode()


def test_what_no_code_confirmed_is_asked_for_by_nobody(maria):
    browser = signed_in(maria)
    browser.post(f"{PAGE}begin/")

    assert browser.post(f"{PAGE}confirm/", {"code": "000000"}).status_code == 400
    assert signed_in(maria).get("/admin/").status_code == 200


def test_the_secret_is_shown_while_it_is_set_up_and_never_again(maria):
    browser = signed_in(maria)
    browser.post(f"{PAGE}begin/")
    during = browser.get(PAGE)
    browser.post(f"{PAGE}confirm/", {"code": code_of(maria)})

    assert b"<svg" in during.content
    assert "no-store" in during["Cache-Control"]
    assert b"QR code for your app" not in browser.get(PAGE).content


def test_turning_it_off_takes_a_code(guarded):
    browser = signed_in(guarded)
    give(browser, guarded.codes[0])

    assert browser.post(f"{PAGE}remove/", {"code": "000000"}).status_code == 400
    assert second_factor.device_of(guarded)


def test_turned_off_with_a_code_the_password_is_enough_again(guarded):
    browser = signed_in(guarded)
    give(browser, guarded.codes[0])

    browser.post(f"{PAGE}remove/", {"code": code_of(guarded)})

    assert signed_in(guarded).get("/admin/").status_code == 200


def test_new_recovery_codes_replace_the_old_ones(guarded):
    browser = signed_in(guarded)
    give(browser, guarded.codes[0])

    browser.post(f"{PAGE}codes/", {"code": code_of(guarded)})

    assert give(signed_in(guarded), guarded.codes[1]) == 400


def require_of_all() -> None:
    second_factor.require(True, by=make_user(), now=timezone.now())


def test_where_it_is_required_whoever_has_none_sets_it_up_first(maria):
    require_of_all()

    answer = signed_in(maria).get("/admin/")

    assert answer["Location"] == f"{PAGE}?next=%2Fadmin%2F"
    assert signed_in(maria).get(PAGE).status_code == 200


def test_where_it_is_required_nobody_turns_theirs_off(guarded):
    require_of_all()
    browser = signed_in(guarded)
    give(browser, guarded.codes[0])

    browser.post(f"{PAGE}remove/", {"code": code_of(guarded)})

    assert second_factor.device_of(guarded)


@pytest.mark.parametrize(
    ("group", "status"), [("Agent", 403), ("Lead", 403), ("Operator", 403), ("Manager", 302)]
)
def test_a_manager_requires_it_of_everybody_and_nobody_else_does(group, status):
    person = make_user("", group)
    SecondFactor.objects.create(user=person, name="app")
    browser = signed_in(person)
    give(browser, code_of(person))

    assert browser.post(f"{PAGE}require-of-all/", {"required": "1"}).status_code == status
    assert second_factor.is_required() is (status == 302)


def test_whoever_requires_it_has_one(db):
    browser = signed_in(make_user("boss", "Manager"))

    browser.post(f"{PAGE}require-of-all/", {"required": "1"})

    assert not second_factor.is_required()


def test_a_superuser_removes_it_for_somebody_whose_app_is_gone(guarded):
    browser = signed_in(make_user("root", is_superuser=True))

    browser.post(f"/admin/auth/user/{guarded.pk}/remove-second-factor/")

    assert signed_in(guarded).get("/admin/").status_code == 200


def test_nobody_else_removes_another_persons(guarded):
    answer = signed_in(make_user("boss", "Manager")).post(
        f"/admin/auth/user/{guarded.pk}/remove-second-factor/"
    )

    assert answer.status_code == 403
    assert second_factor.device_of(guarded)


def test_neither_the_apps_key_nor_a_recovery_code_stands_in_clear_in_the_database(guarded):
    with connection.cursor() as cursor:
        cursor.execute("SELECT key, recovery_codes FROM webhooks_secondfactor")
        (stored,) = cursor.fetchall()

    device = SecondFactor.objects.get()
    clear = (device.key, *guarded.codes)
    assert device.codes == guarded.codes
    assert [one for one in clear for text in stored if one in text] == []


def test_a_recovery_code_that_was_used_is_gone_and_the_others_stay(guarded):
    give(signed_in(guarded), guarded.codes[3])

    assert SecondFactor.objects.get().codes == guarded.codes[:3] + guarded.codes[4:]


def test_whoever_runs_the_machine_lets_the_last_superuser_in_even_without_the_keys(guarded, settings):
    settings.ENCRYPTION_KEYS = [Fernet.generate_key().decode()]

    call_command("remove_second_factor", "maria", stdout=io.StringIO())

    assert signed_in(guarded).get("/admin/").status_code == 200


@pytest.mark.parametrize(("name", "said"), [("nobody", "no user"), ("maria", "no second factor")])
def test_removing_what_is_not_there_says_so(maria, name, said):
    with pytest.raises(CommandError, match=said):
        call_command("remove_second_factor", name)
