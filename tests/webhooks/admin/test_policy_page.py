"""Retry policies as people edit them."""

import re
from typing import Any

import pytest
from django.db.models import ProtectedError
from django.urls import reverse

from tests.webhooks.people import page_url, sign_in
from webhooks.models import RetryPolicy

pytestmark = [pytest.mark.django_db, pytest.mark.once]


def policy_fields(**facts: Any) -> dict[str, Any]:
    return {
        "name": "default", "delays": "10 s, 2 min", "jitter": "0.2", "max_attempts": "4", "max_age": "", "base": "",
        "factor": "", "cap": "", "respect_retry_after": "on", "retry_after_cap": "3600", "give_up_on": "404, Permanent",
        "hold_on": "", "retry_on": "", "settle_s": "120",
    } | facts  # fmt: skip


def test_saving_a_policy_makes_a_new_version(seeded):
    policy = RetryPolicy.objects.get(is_default=True)

    sign_in("Manager").post(page_url(policy, "retrypolicy"), policy_fields())

    policy.refresh_from_db()
    assert (policy.version, policy.delays, policy.give_up_on) == (2, [10, 120], [404, "Permanent"])


def test_saving_a_policy_unchanged_keeps_its_version(seeded):
    policy = RetryPolicy.objects.get(is_default=True)
    client = sign_in("Manager")
    client.post(page_url(policy, "retrypolicy"), policy_fields())

    client.post(page_url(policy, "retrypolicy"), policy_fields())

    policy.refresh_from_db()
    assert policy.version == 2


@pytest.mark.parametrize("delays", ["soon", "10 s, -5 s", ""])
def test_a_policy_that_makes_no_sense_is_not_saved(seeded, delays):
    policy = RetryPolicy.objects.get(is_default=True)

    sign_in("Manager").post(page_url(policy, "retrypolicy"), policy_fields(delays=delays))

    policy.refresh_from_db()
    assert policy.version == 1


def test_the_preview_shows_the_times_of_a_form_that_is_not_saved(seeded):
    policy = RetryPolicy.objects.get(is_default=True)

    url = reverse("admin:webhooks_retrypolicy_preview_one", args=[policy.pk])
    page = sign_in("Manager").post(url, policy_fields()).content.decode()

    policy.refresh_from_db()
    assert re.search(r"Attempt 4 at .+ \(after 4 min 10 s\)", page)
    assert re.search(r"Gives up at .*\d\d:\d\d", page)
    assert policy.version == 1


def test_the_default_policy_cannot_be_deleted(seeded):
    policy = RetryPolicy.objects.get(is_default=True)

    answer = sign_in("superuser").post(
        reverse("admin:webhooks_retrypolicy_delete", args=[policy.pk]), {"post": "yes"}
    )

    assert answer.status_code == 403


@pytest.mark.parametrize(
    "delete",
    [
        lambda: RetryPolicy.objects.get(is_default=True).delete(),
        lambda: RetryPolicy.objects.all().delete(),
        lambda: RetryPolicy.objects.filter(name="default").delete(),
    ],
    ids=["row", "all", "filtered"],
)
def test_the_default_policy_stays_whoever_deletes(seeded, delete):
    with pytest.raises(ProtectedError):
        delete()

    assert RetryPolicy.objects.filter(is_default=True).exists()


def test_another_policy_is_deleted(seeded):
    RetryPolicy.objects.filter(name="replies").delete()

    assert not RetryPolicy.objects.filter(name="replies").exists()


@pytest.mark.parametrize(("typed", "kept"), [("30 min", 1800), ("1 d", 86_400), ("90", 90), ("", None)])
def test_an_age_is_typed_as_people_say_it(seeded, typed, kept):
    policy = RetryPolicy.objects.get(is_default=True)

    sign_in("Manager").post(page_url(policy, "retrypolicy"), policy_fields(max_age=typed))

    policy.refresh_from_db()
    assert policy.max_age == kept


def test_an_error_stands_with_its_field(seeded):
    policy = RetryPolicy.objects.get(is_default=True)

    answer = sign_in("Manager").post(page_url(policy, "retrypolicy"), policy_fields(max_age="soon"))

    assert "is not a duration" in str(answer.context["adminform"].form.errors["max_age"])


def which(event: str, direction: str = "OUT") -> str:
    url = reverse("admin:webhooks_retrypolicy_which")
    page = sign_in("Manager").get(url, {"event": event, "direction": direction}).content.decode()
    return " ".join(re.sub("<[^>]+>", "", page).split())


def test_the_tester_says_which_policy_serves_and_why(seeded):
    assert (
        "replies by email applies to reply.send@email, ahead of replies: its pattern is exactly this event"
        in which("reply.send@email")
    )


def test_the_tester_says_when_the_default_serves(seeded):
    assert "default applies to message_created: no other policy" in which("message_created", "IN")


def test_the_tester_knows_directions(seeded):
    assert "default applies to reply.send" in which("reply.send", "IN")


def test_the_history_says_what_each_version_changed(seeded):
    policy = RetryPolicy.objects.get(is_default=True)
    client = sign_in("Manager")
    client.post(page_url(policy, "retrypolicy"), policy_fields(delays="10 s, 2 min", max_attempts="4"))

    page = client.get(reverse("admin:webhooks_retrypolicy_history", args=[policy.pk])).content.decode()
    words = " ".join(re.sub("<[^>]+>", "", page).split())

    assert "Max attempts: 9 → 4" in words
    assert "12 h → 10 s, 2 min" in words


def test_an_untouched_form_shows_defaults_and_no_errors(seeded):
    client = sign_in("Manager")
    page = client.get(reverse("admin:webhooks_retrypolicy_add")).content.decode()
    shown = re.findall(r'name="(retry_after_cap|settle_s|jitter|max_attempts)" value="[^"]+"', page)

    preview = client.post(reverse("admin:webhooks_retrypolicy_preview"), {}).content.decode()

    assert sorted(shown) == ["jitter", "max_attempts", "retry_after_cap", "settle_s"]
    assert "s-error" not in preview


def test_a_preview_says_what_is_wrong_with_what_was_typed(seeded):
    preview = sign_in("Manager").post(reverse("admin:webhooks_retrypolicy_preview"), {"delays": "soon"})

    assert "is not a duration" in preview.content.decode()


def test_an_untouched_form_shows_no_error(seeded):
    page = sign_in("Manager").post(
        reverse("admin:webhooks_retrypolicy_preview"), policy_fields(name="", delays="")
    )

    assert "Fill in the form to see the times." in page.content.decode()
