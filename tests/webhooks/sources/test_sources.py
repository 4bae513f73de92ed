"""A connected source: its secrets change without losing an event, a reset is noticed, unsigned is a choice."""

import threading
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
import responses
from django.db import connection

from tests.factories import NOW, later, make_delivery, make_source
from webhooks.models import Alert, Rejection, Source, SourceSecret
from webhooks.receiver import rejections
from webhooks.simulator.server import SimulatedChatwoot
from webhooks.sources import sources

pytestmark = pytest.mark.django_db
PUBLIC = "https://support.example"
URL = f"{PUBLIC}/webhooks/chatwoot/acme/"
DAY = timedelta(hours=24)


@pytest.fixture(autouse=True)
def _public_url(settings) -> None:
    settings.PUBLIC_URL = PUBLIC


@pytest.fixture
def chatwoot() -> Iterator[SimulatedChatwoot]:
    with SimulatedChatwoot(deliver=False) as running:
        yield running


@pytest.fixture
def source(chatwoot) -> Source:
    """Connected, its webhook registered, its secret matched an hour ago."""
    hook = chatwoot.world.register_webhook(URL, ["message_created"])
    made = make_source(
        secret=hook.secret, base_url=chatwoot.url, api_token=chatwoot.admin_token, webhook_id=hook.id
    )
    made.secrets.update(label="registered", created_at=NOW - DAY, last_matched_at=NOW - timedelta(hours=1))
    return made


def reset_secret(chatwoot: SimulatedChatwoot) -> str:
    (hook,) = chatwoot.world.webhooks.values()
    return chatwoot.world.reset_secret(hook.id)


def mismatch(source: Source, *, at: datetime = NOW) -> None:
    rejections.record(
        source.pk, code="signature_mismatch", detail="", headers={}, key="", remote="", body=b"", now=at,
        clock_difference_s=0.0,
    )  # fmt: skip


def secret_values(source: Source) -> list[str]:
    return [row.secret for row in source.secrets.order_by("pk")]


def reads(chatwoot: SimulatedChatwoot) -> int:
    return sum(seen.request.path.endswith("/webhooks") for seen in chatwoot.requests)


def open_alerts() -> list[str]:
    return list(Alert.objects.filter(closed_at=None).values_list("kind", flat=True))


# A reset in Chatwoot


def test_the_new_secret_is_read_and_the_old_goes_on_for_a_day(chatwoot, source):
    (old,) = secret_values(source)
    new = reset_secret(chatwoot)

    assert sources.refresh_secret(source, now=NOW)

    assert secret_values(source) == [old, new]
    assert [row.expires_at for row in source.secrets.order_by("pk")] == [NOW + DAY, None]


def test_a_secret_that_is_known_changes_nothing(chatwoot, source):
    assert not sources.refresh_secret(source, now=NOW)

    assert [row.expires_at for row in source.secrets.all()] == [None]


def test_the_secret_of_another_webhook_is_left_alone(chatwoot, source):
    sources.add_secret(source, "of-an-api-inbox", label="WhatsApp bridge")
    reset_secret(chatwoot)

    sources.refresh_secret(source, now=NOW)

    assert source.secrets.get(label="WhatsApp bridge").expires_at is None


def test_a_secret_reset_back_no_longer_runs_out(chatwoot, source):
    source.secrets.update(expires_at=NOW + DAY)

    assert sources.refresh_secret(source, now=NOW)

    assert source.secrets.get().expires_at is None


def test_a_webhook_that_chatwoot_no_longer_has_is_said(chatwoot, source):
    chatwoot.world.webhooks.clear()

    with pytest.raises(sources.CannotConnect, match="no webhook"):
        sources.refresh_secret(source, now=NOW)


def test_a_reset_is_noticed_and_mended_by_itself(chatwoot, source):
    new = reset_secret(chatwoot)
    mismatch(source)

    sources.check_secrets(now=later(30))

    assert new in secret_values(source)
    assert open_alerts() == []


def test_once_mended_chatwoot_is_not_asked_again(chatwoot, source):
    reset_secret(chatwoot)
    mismatch(source)
    sources.check_secrets(now=later(30))
    SourceSecret.objects.filter(label="read from Chatwoot").update(created_at=later(30))
    asked = reads(chatwoot)

    sources.check_secrets(now=later(90))

    assert reads(chatwoot) == asked


def test_where_chatwoot_cannot_be_asked_people_are_told_once(chatwoot, source):
    chatwoot.world.webhooks.clear()
    mismatch(source)

    sources.check_secrets(now=later(30))
    sources.check_secrets(now=later(330))

    alert = Alert.objects.get()
    assert alert.text.startswith(
        "acme: 1 event since 09:00 UTC had a signature that matches no stored secret."
    )
    assert "no webhook" in alert.text


def test_a_known_secret_in_chatwoot_means_somebody_else_signs(chatwoot, source):
    mismatch(source)

    sources.check_secrets(now=later(150))

    assert "another webhook may post here" in Alert.objects.get().text


def test_a_forged_request_between_two_events_alerts_nobody(chatwoot, source):
    mismatch(source)

    sources.check_secrets(now=later(30))
    make_delivery(source=source, now=later(60))
    sources.check_secrets(now=later(150))

    assert not Alert.objects.exists()


def test_chatwoot_is_asked_at_most_every_five_minutes(chatwoot, source):
    chatwoot.world.webhooks.clear()
    mismatch(source)

    for minute in range(5):
        sources.check_secrets(now=later(30 + 60 * minute))

    assert reads(chatwoot) == 1


def test_without_mismatches_nobody_is_asked(chatwoot, source):
    sources.check_secrets(now=NOW)

    assert reads(chatwoot) == 0


def test_a_match_since_means_that_nothing_was_reset(chatwoot, source):
    mismatch(source)
    source.secrets.update(last_matched_at=later(10))

    sources.check_secrets(now=later(30))

    assert reads(chatwoot) == 0
    assert open_alerts() == []


def test_an_event_accepted_within_the_minute_of_a_noted_match_counts_too(chatwoot, source):
    source.secrets.update(last_matched_at=later(-40))
    mismatch(source)
    make_delivery(source=source, now=later(5))

    sources.check_secrets(now=later(30))

    assert reads(chatwoot) == 0


def test_the_alert_ends_when_a_signature_matches_again(chatwoot, source):
    chatwoot.world.webhooks.clear()
    mismatch(source)
    sources.check_secrets(now=later(30))

    source.secrets.update(last_matched_at=later(60))
    sources.check_secrets(now=later(90))

    assert open_alerts() == []


# An old secret still in use


def secret(source: Source, *, matched: float | None, expires: float | None = None) -> SourceSecret:
    return SourceSecret.objects.create(
        source=source, secret=f"secret-{matched}-{expires}", last_matched_at=None if matched is None else later(matched),
        expires_at=None if expires is None else later(expires),
    )  # fmt: skip


# (old matched at, old expires at), (new matched at): whether the old one is a trouble
OLD_IN_USE = {
    "the new one has never matched": ((-60, None), None, True),
    "the old one runs out and matched last": ((-60, 3600), -120, True),
    "the new one matched last": ((-120, 3600), -60, False),
    "two webhooks, both in use for good": ((-60, None), -120, False),
    "the old one is over already": ((-60, -30), None, False),
    "neither ever matched": ((None, None), None, False),
}


@pytest.mark.parametrize("case", OLD_IN_USE)
def test_an_old_secret_in_use_is_a_trouble_when(case):
    (old_matched, old_expires), new_matched, trouble = OLD_IN_USE[case]
    source = make_source()
    source.secrets.all().delete()
    old = secret(source, matched=old_matched, expires=old_expires)
    new = secret(source, matched=new_matched)

    found = sources.rotation_trouble(list(source.secrets.all()), now=NOW)

    assert found == ((old, new) if trouble else None)


def test_a_secret_that_is_over_is_no_successor():
    source = make_source()
    source.secrets.update(last_matched_at=later(-60))
    secret(source, matched=None, expires=-30)

    assert sources.rotation_trouble(list(source.secrets.all()), now=NOW) is None


# Unsigned


def test_unsigned_is_off_until_somebody_turns_it_on():
    assert make_source().unsigned_token == ""


def test_the_token_of_an_unsigned_source_cannot_be_guessed_and_stands_in_its_url():
    source = make_source()

    sources.accept_unsigned(source)

    assert len(source.unsigned_token) >= 43
    assert sources.receiving_url(source) == f"{URL}{source.unsigned_token}/"


def test_turned_off_the_token_is_gone_and_turned_on_again_another():
    source = make_source()
    sources.accept_unsigned(source)
    before = source.unsigned_token

    sources.refuse_unsigned(source)
    sources.accept_unsigned(source)

    assert Source.objects.get().unsigned_token not in ("", before)


def test_the_token_is_encrypted_at_rest():
    source = make_source()
    sources.accept_unsigned(source)

    with connection.cursor() as cursor:
        cursor.execute("SELECT unsigned_token FROM webhooks_source")
        assert source.unsigned_token not in str(cursor.fetchone()[0])


@responses.activate
def test_the_test_event_of_an_unsigned_source_goes_to_its_own_url():
    source = make_source()
    source.secrets.all().delete()
    sources.accept_unsigned(source)
    answer = responses.post(sources.receiving_url(source), json={"status": "accepted"})

    assert "unsigned" in sources.send_test(source, now=NOW)

    assert answer.call_count == 1


# A refused token


def test_a_refused_token_opens_one_alert_and_an_accepted_one_ends_it(chatwoot, source):
    Source.objects.update(api_token="wrong")
    source.refresh_from_db()
    for _ in range(2):
        with pytest.raises(sources.CannotConnect, match="refuses"):
            sources.check(source, now=NOW)
    assert open_alerts() == ["credentials"]

    Source.objects.update(api_token=chatwoot.admin_token)
    sources.check(Source.objects.get(), now=later(60))

    assert open_alerts() == []


def test_a_kept_mismatch_without_any_secret_is_unknown():
    source = make_source()
    source.secrets.all().delete()
    mismatch(source)

    unknown = sources.unknown_signatures(source, since=later(-600))

    assert unknown is not None
    assert unknown.count == 1
    assert Rejection.objects.count() == 1


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_two_hosts_that_read_a_new_secret_at_once_keep_it_once():
    source, barrier = make_source(), threading.Barrier(2)

    def read() -> None:
        barrier.wait()
        sources.rotate_webhook_secret(source, "the-new-one", label="read from Chatwoot", now=NOW)
        connection.close()

    threads = [threading.Thread(target=read) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert source.secrets.count() == 2
