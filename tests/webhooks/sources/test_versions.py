"""Chatwoot's version: read once a day, and told with what it means."""

from datetime import timedelta

import pytest
import responses
from django.urls import reverse

from tests.factories import NOW, make_source, make_user
from webhooks.models import Source
from webhooks.sources import versions

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def chatwoot():
    with responses.RequestsMock(assert_all_requests_are_fired=False) as calls:
        yield calls


def read() -> tuple[str, object]:
    return Source.objects.values_list("chatwoot_version", "version_read_at").get()


def answers(chatwoot, source: Source, version: str) -> None:
    chatwoot.upsert("GET", f"{source.base_url}/api", json={"version": version})


def test_the_version_is_read_again_after_a_day_and_not_before(chatwoot):
    source = make_source(chatwoot_version="4.0.1", version_read_at=NOW)
    answers(chatwoot, source, "4.15.1")

    versions.check(now=NOW + DAY)
    assert read() == ("4.0.1", NOW)

    versions.check(now=NOW + DAY + timedelta(seconds=1))
    assert read() == ("4.15.1", NOW + DAY + timedelta(seconds=1))


def test_a_source_whose_version_is_not_known_is_read_at_once(chatwoot):
    answers(chatwoot, make_source(), "4.14.2")

    versions.check(now=NOW)

    assert read() == ("4.14.2", NOW)


def test_a_chatwoot_that_does_not_answer_keeps_its_version_and_is_asked_again(chatwoot):
    source = make_source(chatwoot_version="4.14.2")
    chatwoot.add("GET", f"{source.base_url}/api", status=502)

    versions.check(now=NOW)

    assert read() == ("4.14.2", None)


@pytest.mark.parametrize(
    ("version", "words"),
    [
        ("4.0.0", ["does not sign", "no version"]),
        ("4.1", ["does not sign"]),
        ("4.11.1", ["does not sign", "as HTML"]),
        ("4.11.2", ["but not those of API inboxes", "as HTML"]),
        ("4.13.0", []),
        ("v4.14.2", ["private addresses"]),
        ("4.18.0", ["private addresses", "business hours", "30 days", "Captain"]),
        ("", []),
        ("develop", []),
    ],
)
def test_each_version_says_what_it_means(version, words):
    said = versions.meaning(version)

    assert [word in text for word, text in zip(words, said, strict=True)] == [True] * len(words)


def test_the_page_of_the_source_tells_it(client):
    source = make_source(chatwoot_version="4.0.0", version_read_at=NOW)
    client.force_login(make_user("root", is_superuser=True))

    page = client.get(reverse("admin:webhooks_source_change", args=[source.pk])).content.decode()

    assert "It does not sign webhooks" in page
    assert "4.0.0, read" in page
