"""Sources: connecting one, testing it, and its secrets."""

from datetime import timedelta
from typing import Any

import pytest
import responses
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone

from tests.factories import make_source
from tests.webhooks.people import make_dead, page_url, sign_in
from webhooks.models import Delivery, Rejection, Source
from webhooks.receiver import rejections
from webhooks.sources import sources

pytestmark = [pytest.mark.django_db, pytest.mark.once]
HOUR = timedelta(hours=1)


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


def test_secrets_and_tokens_are_never_shown(seeded):
    source = make_source(secret="kept-under-the-carpet", api_token="token-nobody-reads")

    page = sign_in("superuser").get(page_url(source, "source")).content.decode()

    assert "kept-under-the-carpet" not in page
    assert "token-nobody-reads" not in page


@responses.activate
def test_a_refused_check_is_kept_on_the_source(seeded):
    source = make_source()
    responses.get("http://chatwoot.test/api/v1/profile", status=401)

    sign_in("superuser").post(reverse("admin:webhooks_source_check_token", args=[source.pk]))

    source.refresh_from_db()
    assert source.credentials_refused_at is not None


@responses.activate
def test_an_accepted_check_lets_go_on_what_waited_for_the_token(seeded):
    row = make_dead()
    Delivery.objects.filter(pk=row.pk).update(status="HELD", held_for="credentials")
    responses.get("http://chatwoot.test/api/v1/profile", json={"id": 1, "name": "Desk"})

    sign_in("superuser").post(reverse("admin:webhooks_source_check_token", args=[row.source_id]))

    row.refresh_from_db()
    assert row.status == "PENDING"


@responses.activate
def test_a_test_event_is_signed_as_chatwoot_signs(seeded, settings, client):
    settings.PUBLIC_URL = "https://support.example.com"
    source, root = make_source(), sign_in("superuser")

    def receive(request: Any) -> tuple[int, dict, str]:
        headers = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in request.headers.items()}
        answer = client.post(source.path, request.body, "application/json", secure=True, **headers)
        return answer.status_code, {}, answer.content.decode()

    responses.add_callback(responses.POST, "https://support.example.com/webhooks/chatwoot/acme/", receive)

    page = root.post(
        reverse("admin:webhooks_source_send_test", args=[source.pk]), follow=True
    ).content.decode()

    assert "accepted a signed test event" in page
    assert Delivery.objects.get().event == "support_site_test"


def remove(source: Source, label: str) -> None:
    secret = source.secrets.get(label=label)
    url = reverse("admin:webhooks_source_remove_secret", args=[source.pk])
    sign_in("superuser").post(url, {"secret": secret.pk})


def test_a_secret_that_was_replaced_is_removed(seeded):
    source = make_source()
    source.secrets.create(label="old", secret="old-secret-of-this-webhook")

    remove(source, "old")

    assert [row.label for row in source.secrets.all()] == [""]


def test_the_only_secret_stays(seeded):
    source = make_source()

    remove(source, "")

    assert source.secrets.count() == 1


def test_an_expired_secret_does_not_count_as_another(seeded):
    source = make_source()
    source.secrets.create(label="over", secret="expired-secret-of-this", expires_at=timezone.now() - HOUR)

    remove(source, "")

    assert source.secrets.count() == 2


def post(verb: str, source: Source, person: str = "superuser", **data: Any) -> HttpResponse:
    return sign_in(person).post(reverse(f"admin:webhooks_source_{verb}", args=[source.pk]), data, follow=True)


def test_a_secret_may_have_an_end_from_the_start(seeded):
    source = make_source()

    post("add_secret", source, label="new", secret="a-new-secret-of-this", expires_at="2099-01-01T12:00")

    assert source.secrets.get(label="new").expires_at.year == 2099


def test_the_end_of_a_secret_is_set_and_taken_off(seeded):
    source = make_source()
    root, data = sign_in("superuser"), {"secret": source.secrets.get().pk}
    url = reverse("admin:webhooks_source_expire_secret", args=[source.pk])

    root.post(url, data | {"expires_at": "2099-01-01T12:00"})
    assert source.secrets.get().expires_at.year == 2099
    root.post(url, data | {"expires_at": ""})

    assert source.secrets.get().expires_at is None


def test_an_end_that_is_over_is_refused(seeded):
    source = make_source()

    page = post("expire_secret", source, secret=source.secrets.get().pk, expires_at="2020-01-01T12:00")

    assert "is in the past" in page.content.decode()
    assert source.secrets.get().expires_at is None


def test_a_secret_of_another_source_is_not_changed_here(seeded):
    source, other = make_source(), make_source("other")

    answer = post("expire_secret", source, secret=other.secrets.get().pk, expires_at="")

    assert answer.status_code == 404


def text_of(source: Source, person: str = "superuser") -> str:
    return sign_in(person).get(page_url(source, "source")).content.decode()


def test_which_secret_is_in_use_is_shown(seeded):
    source = make_source()
    source.secrets.update(last_matched_at=timezone.now())

    assert "In use" in text_of(source)


def test_an_old_secret_in_use_is_warned_of(seeded):
    source = make_source()
    source.secrets.update(
        label="the old one", last_matched_at=timezone.now(), expires_at=timezone.now() + HOUR
    )
    source.secrets.create(label="the new one", secret="new-secret-of-this")

    page = text_of(source)

    assert "Webhooks are still signed with “the old one”, although “the new one” is newer" in page


def refuse(source: Source, code: str, *, body: bytes = b"{}") -> Rejection:
    rejections.record(
        source.pk, code=code, detail="", headers={"X-Chatwoot-Signature": f"sha256={len(body)}", "User-Agent": "Ruby"},
        key=f"key-{code}-{len(body)}", remote="192.0.2.7", body=body, clock_difference_s=-420.0, now=timezone.now(),
    )  # fmt: skip
    return Rejection.objects.latest("pk")


def test_an_unknown_signature_is_said_with_a_way_to_mend_it(seeded):
    source = make_source()
    source.secrets.update(created_at=timezone.now() - HOUR)
    refuse(source, "signature_mismatch")

    page = text_of(source)

    assert "1 request had a signature that matches none of the secrets here" in page
    assert reverse("admin:webhooks_source_refresh_secret", args=[source.pk]) in page


def test_refused_requests_are_shown_with_reason_clock_and_sender(seeded):
    source = make_source()
    refuse(source, "signature_missing")

    page = text_of(source, "Operator")

    for said in ("No signature", "their clock is 7 min behind", "192.0.2.7", "Ruby"):
        assert said in page


def test_an_operator_admits_all_that_was_kept(seeded):
    source = make_source()
    for body in (b'{"event": "a"}', b'{"event": "bb"}'):
        refuse(source, "timestamp_stale", body=body)

    post("accept_all", source, person="Operator")

    assert set(Delivery.objects.filter(direction="IN").values_list("event", flat=True)) == {"a", "bb"}
    assert not rejections.waiting(source)


def test_one_is_accepted_on_its_page(seeded):
    row = refuse(make_source(), "timestamp_stale")

    sign_in("Operator").post(reverse("admin:webhooks_rejection_accept", args=[row.pk]))

    assert Delivery.objects.filter(direction="IN").count() == 1


@pytest.mark.parametrize("person", ["Agent", "Lead", "Manager"])
def test_others_do_not_admit(seeded, person):
    row = refuse(make_source(), "timestamp_stale")

    answer = sign_in(person).post(reverse("admin:webhooks_rejection_accept", args=[row.pk]))

    assert answer.status_code == 403
    assert not Delivery.objects.filter(direction="IN").exists()


def test_a_refused_request_without_a_body_says_that_it_cannot_be_accepted(seeded):
    row = refuse(make_source(), "signature_mismatch")

    page = sign_in("Operator").post(reverse("admin:webhooks_rejection_accept", args=[row.pk]), follow=True)

    assert "Its body was not stored" in page.content.decode()


def test_the_list_of_refused_requests_filters_by_reason(seeded):
    source = make_source()
    refuse(source, "signature_missing")
    refuse(source, "signature_mismatch")

    page = sign_in("Operator").get(reverse("admin:webhooks_rejection_changelist") + "?code=signature_missing")

    assert [row.code for row in page.context["cl"].result_list] == ["signature_missing"]


def test_unsigned_is_marked_on_the_page_and_in_the_list(seeded):
    source = make_source()

    operator = sign_in("Operator")
    post("accept_unsigned", source)

    assert "nothing proves who sent them" in operator.get(page_url(source, "source")).content.decode()
    assert "Unsigned" in operator.get(reverse("admin:webhooks_source_changelist")).content.decode()


def test_only_superusers_see_the_url_of_an_unsigned_source(seeded):
    source = make_source()
    sources.accept_unsigned(source)

    assert source.unsigned_token in text_of(source)
    assert source.unsigned_token not in text_of(source, "Operator")


def test_unsigned_is_turned_off_again(seeded):
    source = make_source()
    sources.accept_unsigned(source)

    post("refuse_unsigned", source)

    source.refresh_from_db()
    assert source.unsigned_token == ""


ROOT_VERBS = [
    "check_token", "send_test", "add_secret", "expire_secret", "remove_secret", "refresh_secret", "accept_unsigned",
    "refuse_unsigned",
]  # fmt: skip


@pytest.mark.parametrize("verb", ROOT_VERBS)
def test_operators_look_at_a_source_and_change_nothing(seeded, verb):
    source = make_source()

    answer = sign_in("Operator").post(reverse(f"admin:webhooks_source_{verb}", args=[source.pk]))

    assert answer.status_code == 403
