"""/api/v1/deliveries/ and who may see what the wire shows: fields, filters, pages, rights (design, section 7)."""

from datetime import timedelta

import pytest

from tests.factories import (
    NOW,
    deliver,
    later,
    make_client,
    make_delivery,
    make_source,
    make_user,
    message_event,
)
from webhooks.models import Delivery

pytestmark = pytest.mark.django_db
DELIVERIES, POLICIES = "/api/v1/deliveries/", "/api/v1/retry-policies/"


@pytest.fixture
def olga(seeded):
    return make_client(make_user("olga", "Operator"))


def refused(answer) -> tuple[int, str]:
    assert answer.json()["detail"]
    return answer.status_code, answer.json()["code"]


def events(*wanted: str) -> None:
    for number, event in enumerate(wanted):
        make_delivery(
            message_event(100 + number, event=event), now=NOW + timedelta(hours=number), key=f"key {event}"
        )


FIELDS = {
    "id",
    "source",
    "status",
    "held_for",
    "direction",
    "event",
    "delivery_key",
    "attempts",
    "next_attempt_at",
    "running_since",
    "received_at",
    "finished_at",
    "last_error",
    "conversation_id",
    "message_id",
    "origin",
    "duplicate_of",
}


def test_a_row_of_the_list_has_the_promised_fields(olga):
    row = deliver(message_event())

    answer = olga.get(DELIVERIES).json()["results"][-1]

    assert set(answer) == FIELDS
    assert (answer["id"], answer["source"], answer["status"], answer["conversation_id"]) == (
        row.pk,
        "acme",
        "DONE",
        7,
    )


def test_one_delivery_adds_its_attempts(olga):
    row = deliver(message_event())

    answer = olga.get(f"{DELIVERIES}{row.pk}/").json()

    assert set(answer) == FIELDS | {"attempt_log"}
    (attempt,) = answer["attempt_log"]
    assert set(attempt) == {
        "number",
        "started_at",
        "finished_at",
        "outcome",
        "http_status",
        "error_class",
        "message",
        "duration_ms",
        "policy_version",
    }


FILTERS = {
    "source": ({"source": "acme"}, 3),
    "another source": ({"source": "other"}, 0),
    "status": ({"status": "PENDING"}, 3),
    "status in small letters": ({"status": "dead"}, 0),
    "direction": ({"direction": "OUT"}, 0),
    "event": ({"event": "message_updated"}, 1),
    "conversation": ({"conversation_id": "7"}, 3),
    "another conversation": ({"conversation_id": "8"}, 0),
    "delivery key": ({"delivery_key": "key message_created"}, 1),
    "since": ({"since": later(3600).isoformat()}, 2),
    "until": ({"until": later(3600).isoformat()}, 2),
    "since and until": ({"since": "2026-11-23T10:00:00Z", "until": "2026-11-23T10:00:00Z"}, 1),
    "a filter left empty": ({"status": "", "conversation_id": ""}, 3),
}


@pytest.mark.parametrize("case", FILTERS)
@pytest.mark.every_row
def test_filters_narrow_the_list(olga, case):
    asked, count = FILTERS[case]
    events("message_created", "message_updated", "message_exploded")

    assert len(olga.get(DELIVERIES, asked).json()["results"]) == count


BAD = {
    "status": {"status": "BROKEN"},
    "direction": {"direction": "SIDEWAYS"},
    "conversation in words": {"conversation_id": "seven"},
    "conversation negative": {"conversation_id": "-7"},
    "conversation a superscript": {"conversation_id": "²"},
    "conversation huge": {"conversation_id": "9" * 30},
    "since in words": {"since": "yesterday"},
    "since no day": {"since": "2026-02-30T10:00:00Z"},
    "since before the calendar": {"since": "0001-01-01T00:00:00+23:00"},
    "until after the calendar": {"until": "9999-12-31T23:59:59-23:00"},
    "a NUL in the event": {"event": "a\0"},
    "a NUL in the source": {"source": "a\0"},
    "a NUL in the key": {"delivery_key": "a\0"},
}


@pytest.mark.parametrize("asked", BAD.values(), ids=BAD)
@pytest.mark.every_row
def test_a_bad_filter_is_400_with_a_code(olga, asked):
    events("message_created")

    assert refused(olga.get(DELIVERIES, asked)) == (400, "invalid")


def test_pages_follow_next_newest_first_and_miss_nothing(olga):
    rows = [make_delivery(message_event(number)).pk for number in range(5)]

    page, seen = olga.get(DELIVERIES, {"page_size": 2}).json(), []
    while True:
        seen += [row["id"] for row in page["results"]]
        if page["next"] is None:
            break
        page = olga.get(page["next"]).json()

    assert seen == rows[::-1]


@pytest.mark.parametrize(
    "path", [f"{DELIVERIES}?cursor=nonsense", f"{DELIVERIES}abc/", f"{DELIVERIES}{10**30}/"]
)
def test_what_is_not_there_is_404_with_a_code(olga, path):
    assert refused(olga.get(path)) == (404, "not_found")


@pytest.mark.parametrize("header", ["", "Token", "Token wrong", "Bearer x", "Token \xff"])
def test_without_a_good_token_it_is_401(olga, header):
    olga.credentials(HTTP_AUTHORIZATION=header)

    assert olga.get(DELIVERIES).status_code == 401


def test_a_user_who_was_switched_off_is_401(seeded):
    user = make_user("olga", "Operator")
    client = make_client(user)
    type(user).objects.update(is_active=False)

    assert client.get(DELIVERIES).status_code == 401


RIGHTS = {
    DELIVERIES: {"Operator"},
    POLICIES: {"Operator", "Manager"},
}


@pytest.mark.parametrize("path", RIGHTS)
@pytest.mark.parametrize("group", ["Agent", "Lead", "Manager", "Operator", ""])
def test_who_may_look(seeded, path, group):
    client = make_client(make_user("charlie", *filter(None, [group])))

    assert client.get(path).status_code == (200 if group in RIGHTS[path] else 403)


def test_a_superuser_may_look(seeded):
    assert make_client(make_user("root", is_superuser=True)).get(DELIVERIES).status_code == 200


def dead() -> Delivery:
    return make_delivery(b"no event")


def test_a_replay_needs_a_reason(olga):
    path = f"{DELIVERIES}{dead().pk}/replay/"

    answers = [
        refused(olga.post(path, body, format="json"))
        for body in ({}, {"reason": ""}, {"reason": "  "}, {"reason": None})
    ]

    assert set(answers) == {(400, "invalid")}


def test_a_replay_answers_the_row_as_it_is_now(olga):
    row = dead()

    answer = olga.post(f"{DELIVERIES}{row.pk}/replay/", {"reason": "try"}, format="json")

    assert (answer.status_code, answer.json()["status"]) == (200, "PENDING")
    assert row.audit.get().by.username == "olga"


def test_what_cannot_be_replayed_is_409(olga):
    row = make_delivery(message_event())

    assert refused(olga.post(f"{DELIVERIES}{row.pk}/replay/", {"reason": "try"}, format="json")) == (
        409,
        "not_replayable",
    )


def test_a_reply_is_never_replayed(olga):
    row = dead()
    Delivery.objects.update(event="reply.send", direction="OUT")

    assert refused(olga.post(f"{DELIVERIES}{row.pk}/replay/", {"reason": "try"}, format="json")) == (
        409,
        "not_replayable",
    )


def test_deliveries_cannot_be_made_changed_or_deleted(olga):
    path = f"{DELIVERIES}{dead().pk}/"

    assert [
        olga.post(DELIVERIES).status_code,
        olga.patch(path).status_code,
        olga.delete(path).status_code,
    ] == [405] * 3


def test_a_service_token_sees_no_deliveries_whatever_its_user_may(seeded):
    make_source()

    assert make_client(make_user("robot", "Operator"), service=True).get(DELIVERIES).status_code == 403


@pytest.mark.parametrize("path", RIGHTS)
def test_a_service_token_of_nobody_may_not(seeded, path):
    assert make_client(make_user("robot"), service=True).get(path).status_code == 403
