"""A source's signing secrets on its page: shown by their use, replaced, ended and removed."""

import pytest
from django.urls import reverse
from django.utils import timezone

from tests.factories import make_source
from tests.webhooks.admin.connecting import HOUR, post, text_of
from tests.webhooks.people import sign_in
from webhooks.models import Source

pytestmark = [pytest.mark.django_db, pytest.mark.once]


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
