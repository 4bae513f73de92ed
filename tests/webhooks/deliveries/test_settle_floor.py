"""No setting lets a reply be sent twice: a lost call is waited for at least as long as it can still arrive."""

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from tests.factories import make_client, make_user
from tests.webhooks.admin.test_policy_page import policy_fields
from webhooks.models import RetryPolicy

pytestmark = pytest.mark.django_db
PAGE = "/admin/webhooks/retrypolicy/"


@pytest.fixture
def policy(seeded) -> RetryPolicy:
    return RetryPolicy.objects.filter(event_pattern__startswith="reply.send").first()


@pytest.mark.parametrize("seconds", [0, 1, 119])
def test_the_database_keeps_no_policy_that_sends_again_too_soon(policy, seconds):
    with pytest.raises(IntegrityError), transaction.atomic():
        RetryPolicy.objects.filter(pk=policy.pk).update(settle_s=seconds)


def test_the_model_says_what_the_least_is(policy):
    policy.settle_s = 119

    with pytest.raises(ValidationError) as refused:
        policy.full_clean()

    assert "at least 120 s" in refused.value.message_dict["settle_s"][0]


def test_the_api_refuses_less(policy):
    client = make_client(make_user("olga", "Operator"))

    answer = client.patch(f"/api/v1/retry-policies/{policy.pk}/", {"settle_s": 0}, format="json")

    assert (answer.status_code, "settle_s" in answer.json()["detail"] or "settle_s" in answer.json()) == (
        400,
        True,
    )
    policy.refresh_from_db()
    assert policy.settle_s == 120


def test_the_form_refuses_less(client, policy):
    client.force_login(make_user("olga", "Operator"))

    answer = client.post(f"{PAGE}add/", policy_fields(name="Hasty", settle_s="10 s"))

    assert answer.status_code == 200
    assert "at least 120 s" in answer.content.decode()
    assert not RetryPolicy.objects.filter(name="Hasty").exists()
