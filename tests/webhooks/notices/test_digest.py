"""Notices to people: one digest within a person's quiet time, on the channels they chose, nothing twice, nothing settled."""

import json

import pytest
from django.core import mail

from tests.factories import NOW, later, make_lead, make_source, make_user, run_due
from tests.webhooks.sources.moding import previous_handler
from webhooks.models import Delivery, Notice, notice_kinds
from webhooks.notices import digest, notices, preferences

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _news(settings) -> None:
    """Everything is still news, unless a test says otherwise."""
    settings.NOTICE_HOLDS = f"{__name__}.holds"
    SETTLED.clear()


@pytest.fixture
def chat(settings):
    settings.PRIVATE_HOSTS = ["127.0.0.1"]
    settings.OUT_CALL_S = 2
    with previous_handler() as running:
        yield running


SETTLED: set[int] = set()


def holds(notice: Notice) -> bool:
    return notice.about not in SETTLED


def lea():
    return make_lead("lea", email="lea@example.com")


def write(
    *people, about: int = 1, cause: str = "", kind: str = notice_kinds.ESCALATION, now=NOW, **facts
) -> None:
    notices.write(
        people, kind=kind, cause=cause or f"{kind}:{about}", about=about, text=lambda: f"Escalated to you: Refund, chat #{about}",
        page=f"/admin/{about}/", source=make_source(), now=now, **facts,
    )  # fmt: skip


def sent(at: float) -> list[str]:
    """The subjects of all emails, after the chore and the workers ran at that second."""
    digest.send_due(now=later(at))
    run_due("slow", now=later(at))
    return [message.subject for message in mail.outbox]


def test_a_notice_is_mailed_a_minute_later():
    write(lea())

    assert sent(30) == []
    assert sent(61) == ["Escalated to you: Refund, chat #1"]


def test_several_come_as_one():
    person = lea()
    write(person, about=1)
    write(person, about=2)
    write(person, about=3, kind=notice_kinds.SECOND_LOOK)

    assert sent(61) == ["Needs you: 1 second look, 2 escalations"]
    assert "/admin/2/" in mail.outbox[0].body


def test_several_about_one_thing_are_one():
    person = lea()
    write(person, about=1, cause="raised")
    write(person, about=1, cause="comment")

    assert sent(61) == ["Escalated to you: Refund, chat #1"]


def test_within_the_quiet_time_there_is_no_second_one():
    person = lea()
    write(person, about=1)
    sent(61)
    write(person, about=2, now=later(100))

    assert len(sent(61 + 599)) == 1
    assert len(sent(61 + 601)) == 2


def test_the_same_cause_is_written_once():
    person = lea()
    write(person)
    write(person)

    assert Notice.objects.count() == 1


def test_nothing_is_sent_twice():
    write(lea())
    sent(61)

    assert len(sent(5000)) == 1


def test_what_is_settled_by_then_is_left_out():
    person = lea()
    write(person, about=1)
    write(person, about=2)
    SETTLED.add(1)

    assert sent(61) == ["Escalated to you: Refund, chat #2"]


def test_where_all_is_settled_nothing_is_sent():
    write(lea())
    SETTLED.add(1)

    assert sent(61) == []
    assert Delivery.objects.get().status == "CANCELLED"


def test_the_person_who_did_it_is_not_notified():
    person = lea()
    write(person, by=person)

    assert not Notice.objects.exists()


def test_a_kind_that_is_muted_is_not_mailed_and_starts_no_quiet_time():
    person = lea()
    preferences.choose(person, on=[(notice_kinds.OUTAGE, "email")], quiet_minutes=10)
    write(person, about=1)
    assert sent(61) == []

    write(person, about=2, kind=notice_kinds.OUTAGE, now=later(62))
    assert len(sent(125)) == 1


def test_chat_gets_its_own_message(chat):
    person = make_user("tom", "Lead")
    preferences.choose(person, on=[(notice_kinds.ESCALATION, "chat")], quiet_minutes=10, chat_url=chat.url)
    write(person)

    sent(61)

    (text,) = [json.loads(body)["text"] for _, _, body in chat.got]
    assert "Refund, chat #1" in text
    assert mail.outbox == []


def test_a_paused_source_holds_no_notice():
    make_source(mode="paused")
    write(lea())

    assert len(sent(61)) == 1


@pytest.mark.parametrize("number", [1, 2])
def test_a_subject_fits_a_phone(number):
    rows = [Notice(kind=notice_kinds.ESCALATION, text="x" * 300) for _ in range(number)]

    assert len(digest.subject(rows)) < 60
