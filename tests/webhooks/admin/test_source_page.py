"""A source's page: its token, a test event, refused requests, unsigned webhooks, and who may look."""

from typing import Any

import pytest
import responses
from django.urls import reverse
from django.utils import timezone

from tests.factories import make_source
from tests.webhooks.admin.connecting import HOUR, post, text_of
from tests.webhooks.people import make_dead, page_url, sign_in
from webhooks.models import Delivery, Rejection, Source
from webhooks.receiver import rejections
from webhooks.sources import sources

pytestmark = [pytest.mark.django_db, pytest.mark.once]


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
