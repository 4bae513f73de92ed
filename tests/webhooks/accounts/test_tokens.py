"""API tokens: when each was last used, when it ends, who sees and revokes it."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from tests.factories import make_client, make_user
from tests.knowledge.admin.pressing import signed_in
from webhooks.models import ApiToken

pytestmark = pytest.mark.django_db
PAGE = "/admin/webhooks/apitoken/"


def make_token(user, **facts) -> ApiToken:
    token, _ = ApiToken.objects.create(user=user, expiry=None)
    ApiToken.objects.filter(pk=token.pk).update(**facts)
    token.refresh_from_db()
    return token


def revoke(browser, token: ApiToken) -> int:
    return browser.post(f"{PAGE}revoke/", {"token": token.pk}).status_code


def test_a_call_notes_when_the_token_was_used():
    client = make_client(make_user("maria", "Lead"))

    client.get("/api/v1/drafts/")

    assert timezone.now() - ApiToken.objects.get().last_used_at < timedelta(seconds=10)


def test_a_second_call_in_the_same_minute_writes_nothing(django_assert_max_num_queries):
    client = make_client(make_user("maria", "Lead"))
    client.get("/api/v1/drafts/")

    with django_assert_max_num_queries(20) as asked:
        client.get("/api/v1/drafts/")

    assert not [query for query in asked.captured_queries if query["sql"].startswith("UPDATE")]


def test_a_token_that_is_over_opens_nothing():
    client = make_client(make_user("maria", "Lead"))
    ApiToken.objects.update(expiry=timezone.now() - timedelta(seconds=1))

    assert client.get("/api/v1/drafts/").status_code == 401


def test_a_token_that_is_over_says_so_and_stays_listed():
    client = make_client(make_user("maria", "Lead"))
    ApiToken.objects.update(expiry=timezone.now() - timedelta(seconds=1))

    answer = client.get("/api/v1/drafts/").json()

    assert answer["code"] == "token_expired"
    assert ApiToken.objects.count() == 1


def test_the_command_makes_one_that_ends():
    make_user("maria", "Lead")

    call_command("create_api_token", "maria", "--days", "90", stdout=StringIO())

    left = ApiToken.objects.get().expiry - timezone.now()
    assert timedelta(days=89) < left <= timedelta(days=90)


@pytest.mark.parametrize("days", ["0", "-1", "99999"])
def test_an_end_that_is_none_is_refused(days):
    make_user("maria", "Lead")

    with pytest.raises(CommandError, match="--days"):
        call_command("create_api_token", "maria", "--days", days, stdout=StringIO())


def test_a_person_sees_their_own_tokens_and_a_superuser_all():
    maria, bob, root = make_user("maria", "Lead"), make_user("bob"), make_user("root", is_superuser=True)
    mine, theirs = make_token(maria), make_token(bob)

    seen = {
        user.username: [
            token.token_key[:8].encode() in signed_in(user).get(PAGE).content for token in (mine, theirs)
        ]
        for user in (maria, bob, root)
    }

    assert seen == {"maria": [True, False], "bob": [False, True], "root": [True, True]}


def test_a_token_is_revoked_in_one_click():
    maria = make_user("maria", "Lead")
    client = make_client(maria)

    revoke(signed_in(maria), ApiToken.objects.get())

    assert client.get("/api/v1/drafts/").status_code == 401


def test_nobody_but_a_superuser_revokes_a_colleagues():
    token = make_token(make_user("bob"))

    assert revoke(signed_in(make_user("boss", "Manager")), token) == 404
    assert ApiToken.objects.exists()


def test_revoking_is_attributed(db):
    root = make_user("root", is_superuser=True)
    token = make_token(make_user("bob"))

    revoke(signed_in(root), token)

    entry = root.logentry_set.get()
    assert token.token_key[:8] in entry.get_change_message()


def test_the_page_shows_no_token_and_its_beginning_opens_nothing():
    maria = make_user("maria", "Lead")
    _, secret = ApiToken.objects.create(user=maria, expiry=None)

    assert secret.encode() not in signed_in(maria).get(PAGE).content
