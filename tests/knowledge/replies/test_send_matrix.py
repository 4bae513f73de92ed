"""Sending once, as a table: each point of failure, with and without Chatwoot's echo, as the connection's user and as a person.

Rows named "with a file" send a form instead of JSON: what arrives is the approved file, byte for byte, once.

The customer has exactly one message, or none and a draft that a person sees again. `make test` prints the table for SQLite,
`make services` for PostgreSQL; -n0 shows it. Each point in two of the four ways, so that every point meets both senders and
both echoes, and every sender both echoes; in all four where the echo decides, and with HYPOTHESIS_PROFILE=long.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import product
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.db import connection

from knowledge.models import Attachment, Draft
from knowledge.replies import attachments, credentials, decisions, sending, states
from tests import thorough
from tests.factories import make_approved, run_due
from tests.knowledge.files.making import upload
from webhooks import deliveries
from webhooks.models import Conversation
from webhooks.outbound import chatwoot
from webhooks.simulator import forms
from webhooks.simulator.state import AGENT_TOKEN

POST = {"method": "POST", "path": r"/messages$"}
READ = {"method": "GET", "path": r"/messages$"}
SENDERS = ("connection", "own token")
ECHOES = ("no echo", "echo")
ONCE, NEVER = 1, 0
RESULTS: dict[str, dict[str, str]] = {}


class Killed(BaseException):
    """No handler of ours sees it, as none would see a SIGKILL."""


FILE = b"%PDF-1.7 \r\n--" + bytes(range(256)) * 300  # as any file: more than one read of the body


@dataclass
class Scene:
    """A customer who waits, a reply approved for them, and what is to go wrong."""

    desk: Any
    conversation: Conversation
    draft: Draft
    patch: pytest.MonkeyPatch
    then: list[Callable[[], object]] = field(default_factory=list)  # once the first try is over

    def fault(self, kind: str, **details: Any) -> None:
        self.desk.world.faults.add(kind, **POST, **details)

    def around(self, where: Any, name: str, *, before: Any = None, after: Any = None) -> None:
        """The first call of it does something else besides."""
        real, did = getattr(where, name), []

        def call(*args: Any, **kwargs: Any) -> Any:
            first = not did and (name != "transition" or kwargs.get("action") == "sending")
            if first:
                did.append(1)
                if before:
                    before()
            answer = real(*args, **kwargs)
            if first and after:
                after()
            return answer

        self.patch.setattr(where, name, call)

    def claim(self) -> Any:
        self.desk.now = max(self.desk.now, self.draft.send_after)
        [row] = deliveries.claim("send", now=self.desk.now)
        return row

    def die(self) -> None:
        """The worker has the row and dies; another finds it when the lease is over."""
        with pytest.raises(Killed):
            deliveries.process(self.claim(), now=self.desk.now)

    def standing(self) -> list[Any]:
        """The messages in Chatwoot that are this reply."""
        there = self.desk.world.messages_of(self.conversation.display_id)
        return [row for row in there if row.content == self.draft.approved_text]

    def customer_writes(self) -> None:
        self.desk.world.customer_writes(
            content="Wait!", inbox_id=2, conversation_id=self.conversation.display_id
        )


def kill() -> None:
    raise Killed


def fault(
    kind: str, *, reads_fail: int | None = 0, pause: float = 0, **details: Any
) -> Callable[[Scene], None]:
    """Chatwoot misbehaves at the call; then, perhaps, at so many reads after it (None: for ever)."""

    def arrange(scene: Scene) -> None:
        scene.fault(kind, **details)
        if reads_fail != 0:
            scene.then.append(
                lambda: scene.desk.world.faults.add("status", **READ, times=reads_fail, code=502)
            )
        if pause:  # for work that Chatwoot does after the connection is gone
            scene.then.append(lambda: time.sleep(pause))

    return arrange


def reads_fail(times: int | None) -> Callable[[Scene], None]:
    return lambda scene: scene.desk.world.faults.add("status", **READ, times=times, code=502)


def killed(where: Any, name: str, **when: Any) -> Callable[[Scene], None]:
    def arrange(scene: Scene) -> None:
        scene.around(where, name, **when)
        scene.die()

    return arrange


def no_connection(scene: Scene) -> None:
    def refuse() -> None:
        raise chatwoot.NotSent("Chatwoot could not be reached: ConnectTimeout.")

    scene.around(chatwoot.Client, "create_message", before=refuse)


def echo_first(scene: Scene) -> None:
    scene.around(chatwoot.Client, "create_message", after=scene.desk.webhooks)


def marker_deleted(scene: Scene) -> None:
    def erase() -> None:
        for message in scene.desk.world.messages_of(scene.conversation.display_id):
            message.content_attributes.pop("support_reply", None)

    scene.fault("drop_after")
    scene.then.append(erase)


def done_after_two_looks(scene: Scene) -> None:
    """The connection is lost at once; what waited in a queue there is carried out half a minute later."""
    real, held = chatwoot.Client.create_message, []

    def call(*args: Any, **kwargs: Any) -> Any:
        if held:
            return real(*args, **kwargs)
        held.append((args, kwargs))
        raise chatwoot.Unknown("The answer was lost.")

    scene.patch.setattr(chatwoot.Client, "create_message", call)
    scene.then += [lambda: scene.desk.work(35), lambda: real(*held[0][0], **held[0][1])]


def two_workers(scene: Scene) -> None:
    row = scene.claim()
    assert deliveries.claim("send", now=scene.desk.now) == []
    twin = type(row).objects.get(pk=row.pk)
    deliveries.process(row, now=scene.desk.now)
    deliveries.process(twin, now=scene.desk.now)


def lease_overrun(scene: Scene) -> None:
    slow = scene.claim()
    scene.desk.tick(60)
    quick = scene.claim()
    deliveries.process(slow, now=scene.desk.now)
    assert scene.standing() == []  # it stops before the call
    deliveries.process(quick, now=scene.desk.now)


def lease_overrun_in_the_call(scene: Scene) -> None:
    """The slow worker waits for its answer while another takes the row over: that one only looks."""

    def take_over() -> None:
        scene.desk.tick(60)
        deliveries.process(scene.claim(), now=scene.desk.now)

    scene.around(chatwoot.Client, "create_message", before=take_over)
    deliveries.process(scene.claim(), now=scene.desk.now)


def undone(scene: Scene) -> None:
    def undo() -> None:
        draft = Draft.objects.get(pk=scene.draft.pk)
        decisions.undo(draft, by=scene.desk.lead, now=scene.desk.now)

    scene.around(chatwoot.Client, "conversation", before=undo)


def undone_too_late(scene: Scene) -> None:
    def undo() -> None:
        with pytest.raises(states.Refused):
            decisions.undo(Draft.objects.get(pk=scene.draft.pk), by=scene.desk.lead, now=scene.desk.now)

    scene.around(chatwoot.Client, "create_message", before=undo)


def customer_first(scene: Scene) -> None:
    scene.customer_writes()


def customer_between_read_and_call(scene: Scene) -> None:
    scene.around(chatwoot.Client, "create_message", before=scene.customer_writes)


def customers_webhook_between_reads_and_call(scene: Scene) -> None:
    """The reads saw nothing yet; what makes the draft stale comes while the send is about to call."""

    def told() -> None:
        scene.customer_writes()
        scene.desk.webhooks()

    scene.around(chatwoot.Client, "conversation", after=told)


def approved_while_the_customer_writes(scene: Scene) -> None:
    """The message stands in Chatwoot before the approval, its webhook is still on its way."""
    draft = Draft.objects.get(pk=scene.draft.pk)
    decisions.undo(draft, by=scene.desk.lead, now=scene.desk.now)
    scene.customer_writes()
    make_approved(draft, by=scene.desk.lead, now=scene.desk.now)


def then_the_customer_writes(kind: str) -> Callable[[Scene], None]:
    def arrange(scene: Scene) -> None:
        scene.fault(kind)
        scene.then.append(scene.customer_writes)

    return arrange


def agent_first(scene: Scene) -> None:
    number = scene.conversation.display_id
    scene.desk.world.agent_writes(conversation_id=number, content="I did it for you.")


def resolved_first(scene: Scene) -> None:
    scene.desk.world.set_status(scene.conversation.display_id, "resolved")


def contact_changed(scene: Scene) -> None:
    other = scene.desk.world.add_contact("Somebody Else")
    scene.desk.world.conversation(scene.conversation.display_id).contact_id = other.id


def answered_outside(where: str) -> Callable[[Scene], None]:
    """Nothing but the API knows of it."""

    def arrange(scene: Scene) -> None:
        number = scene.conversation.display_id
        scene.desk.world.answer_outside(conversation_id=number, content="I did it for you.", where=where)

    return arrange


def asked_message(scene: Scene) -> int:
    return scene.draft.in_reply_to.message_id


def edited(scene: Scene) -> None:
    scene.desk.world.edit_message(asked_message(scene), "Do NOT reset my password!")


def deleted(scene: Scene) -> None:
    scene.desk.world.delete_message(asked_message(scene))


def edited_between_read_and_call(scene: Scene) -> None:
    scene.around(chatwoot.Client, "create_message", before=lambda: edited(scene))


def merged(scene: Scene) -> int:
    world = scene.desk.world
    kept = world.add_contact("Merged Person")
    world.merge_contacts(kept.id, world.conversation(scene.conversation.display_id).contact_id)
    return kept.id


def merged_before_the_approval(scene: Scene) -> None:
    """The page knows of it by the conversation's next event."""
    draft = Draft.objects.get(pk=scene.draft.pk)
    decisions.undo(draft, by=scene.desk.lead, now=scene.desk.now)
    merged(scene)
    scene.desk.tick(1)
    scene.desk.world.set_priority(scene.conversation.display_id, "low")
    scene.desk.webhooks()
    make_approved(Draft.objects.get(pk=draft.pk), by=scene.desk.lead, now=scene.desk.now)


def merged_and_sent_again(scene: Scene) -> None:
    merged(scene)

    def again() -> None:
        run_due("in", now=scene.desk.now)
        draft = Draft.objects.get(pk=scene.draft.pk)
        if draft.status == "PARKED":
            decisions.resend(draft, by=scene.desk.lead, now=scene.desk.now)

    scene.then.append(again)


def put_off(status: str) -> Callable[[Scene], None]:
    return lambda scene: scene.desk.world.set_status(scene.conversation.display_id, status)


def recipients_changed(scene: Scene) -> None:
    """After the approval nobody changes them any more; whatever writes there is not read."""
    with pytest.raises(decisions.Refused):
        decisions.set_recipients(
            scene.draft, to=["eve@example.com"], cc=[], by=scene.desk.lead, revision=1, now=scene.desk.now
        )
    Draft.objects.filter(pk=scene.draft.pk).update(recipients={"contact_id": 999, "to": ["eve@example.com"]})


def with_a_file(arrange: Callable[[Scene], object]) -> Callable[[Scene], object]:
    """The same point, for a reply that takes a file along."""

    def arrange_with_it(scene: Scene) -> None:
        draft = Draft.objects.get(pk=scene.draft.pk)
        decisions.undo(draft, by=scene.desk.lead, now=scene.desk.now)
        attachments.attach(
            draft, files=[upload("Plan für Käthe.pdf", FILE)], by=scene.desk.lead, revision=draft.revision, now=scene.desk.now
        )  # fmt: skip
        draft.refresh_from_db()
        make_approved(draft, by=scene.desk.lead, now=scene.desk.now)
        scene.draft.refresh_from_db()
        arrange(scene)

    return arrange_with_it


def content_changed(scene: Scene) -> None:
    Attachment.objects.update(content=b"%PDF-other")


# What goes wrong → how often the reply stands in Chatwoot in the end, and what the draft is then.
POINTS: dict[str, tuple[Callable[[Scene], object], int, str]] = {
    "nothing": (lambda scene: None, ONCE, "SENT"),
    "before the connection": (no_connection, ONCE, "SENT"),
    "connection lost before the work": (fault("drop_before"), ONCE, "SENT"),
    "the same, three times": (fault("drop_before", times=3), ONCE, "SENT"),
    "answer lost after the work": (fault("drop_after"), ONCE, "SENT"),
    "answer cut in the middle": (fault("cut"), ONCE, "SENT"),
    "answer later than we wait": (fault("hang", seconds=1.5, pause=0.8), ONCE, "SENT"),
    "work done late": (fault("late", seconds=0.3, pause=0.8), ONCE, "SENT"),
    "work done after two looks": (done_after_two_looks, ONCE, "SENT"),
    "answer garbage, work done": (fault("html", code=200, work=True), ONCE, "SENT"),
    "answer garbage, no work": (fault("html", code=502, work=False), ONCE, "SENT"),
    "422 after saving": (fault("save_then_422"), ONCE, "SENT"),
    "500 without the work": (fault("status", code=500), ONCE, "SENT"),
    "429, twice": (fault("rate_limit", times=2, retry_after=3), ONCE, "SENT"),
    "404": (fault("status", code=404), NEVER, "PARKED"),
    "403 for this conversation": (fault("status", code=403), NEVER, "PARKED"),
    "reads fail for a while": (reads_fail(3), ONCE, "SENT"),
    "reads fail for ever": (reads_fail(None), NEVER, "PARKED"),
    "answer lost, one look fails": (fault("drop_after", reads_fail=1), ONCE, "SENT"),
    "answer lost, every look fails": (fault("drop_after", reads_fail=None), ONCE, "PARKED"),
    "lost before the work, every look fails": (fault("drop_before", reads_fail=None), NEVER, "PARKED"),
    "killed before call_started_at": (killed(sending, "transition", before=kill), ONCE, "SENT"),
    "killed before its commit": (killed(sending, "transition", after=kill), ONCE, "SENT"),
    "killed after call_started_at": (killed(chatwoot.Client, "create_message", before=kill), ONCE, "SENT"),
    "killed after the call": (killed(chatwoot.Client, "create_message", after=kill), ONCE, "SENT"),
    "killed after the answer, before the commit": (killed(sending, "_mark_sent", before=kill), ONCE, "SENT"),
    "killed in the commit": (killed(sending, "_mark_sent", after=kill), ONCE, "SENT"),
    "echo before the answer": (echo_first, ONCE, "SENT"),
    "marker deleted, answer lost": (marker_deleted, ONCE, "PARKED"),
    "two workers": (two_workers, ONCE, "SENT"),
    "lease overrun before the call": (lease_overrun, ONCE, "SENT"),
    "lease overrun in the call": (lease_overrun_in_the_call, ONCE, "SENT"),
    "undo at the last moment": (undone, NEVER, "PROPOSED"),
    "undo after the call began": (undone_too_late, ONCE, "SENT"),
    "customer writes before the reads": (customer_first, NEVER, "STALE"),
    "customer writes between reads and call": (customer_between_read_and_call, ONCE, "SENT"),
    "customer's webhook between reads and call": (customers_webhook_between_reads_and_call, NEVER, "STALE"),
    "approved while the customer writes": (approved_while_the_customer_writes, NEVER, "STALE"),
    "answer lost, then the customer writes": (then_the_customer_writes("drop_after"), ONCE, "SENT"),
    "lost before the work, then the customer writes": (then_the_customer_writes("drop_before"), NEVER, "STALE"),
    "an agent answers before the reads": (agent_first, NEVER, "STALE"),
    "resolved before the reads": (resolved_first, NEVER, "STALE"),
    "contact changed": (contact_changed, NEVER, "PARKED"),
    "answered from the phone, known to the API alone": (answered_outside("app"), NEVER, "STALE"),
    "answered behind a bridge, known to the API alone": (answered_outside("bridge"), NEVER, "STALE"),
    "answered in Slack, known to the API alone": (answered_outside("slack"), NEVER, "STALE"),
    "called in vain": (
        lambda scene: scene.desk.world.call_back(conversation_id=scene.conversation.display_id), ONCE, "SENT",
    ),
    "a rule writes before the reads": (
        lambda scene: scene.desk.world.automation_writes(
            conversation_id=scene.conversation.display_id, content="We are on it."
        ),
        ONCE, "SENT",
    ),
    "edited": (edited, NEVER, "STALE"),
    "edited between reads and call": (edited_between_read_and_call, ONCE, "SENT"),
    "deleted": (deleted, NEVER, "STALE"),
    "merged before the approval": (merged_before_the_approval, ONCE, "SENT"),
    "merged": (merged, NEVER, "PARKED"),
    "merged, then sent again": (merged_and_sent_again, ONCE, "SENT"),
    "pending": (put_off("pending"), ONCE, "SENT"),
    "snoozed": (put_off("snoozed"), ONCE, "SENT"),
    "recipients written over": (recipients_changed, ONCE, "SENT"),
    "with a file": (with_a_file(lambda scene: None), ONCE, "SENT"),
    "with a file, before the connection": (with_a_file(no_connection), ONCE, "SENT"),
    "with a file, lost before the work": (with_a_file(fault("drop_before")), ONCE, "SENT"),
    "with a file, answer lost after the work": (with_a_file(fault("drop_after")), ONCE, "SENT"),
    "with a file, answer later than we wait": (
        with_a_file(fault("hang", seconds=1.5, pause=0.8)), ONCE, "SENT",
    ),
    "with a file, work done late": (with_a_file(fault("late", seconds=0.3, pause=0.8)), ONCE, "SENT"),
    "with a file, 422 after saving": (with_a_file(fault("save_then_422")), ONCE, "SENT"),
    "with a file, 413 from a proxy": (with_a_file(fault("status", code=413)), NEVER, "PARKED"),
    "with a file, every look fails": (with_a_file(fault("drop_after", reads_fail=None)), ONCE, "PARKED"),
    "with a file, killed after call_started_at": (
        with_a_file(killed(chatwoot.Client, "create_message", before=kill)), ONCE, "SENT",
    ),
    "with a file, killed after the call": (
        with_a_file(killed(chatwoot.Client, "create_message", after=kill)), ONCE, "SENT",
    ),
    "with a file, customer writes before the reads": (with_a_file(customer_first), NEVER, "STALE"),
    "with a file that is not the approved one": (with_a_file(content_changed), NEVER, "PARKED"),
}  # fmt: skip
# Where Chatwoot's own echo says what looking could not.
WITH_ECHO = {
    "answer lost, every look fails": (ONCE, "SENT"),
    "with a file, every look fails": (ONCE, "SENT"),
    "marker deleted, answer lost": (ONCE, "SENT"),
}


@pytest.fixture(scope="module", autouse=True)
def table(request: pytest.FixtureRequest) -> Iterator[None]:
    yield
    if not RESULTS:
        return
    capture = request.config.pluginmanager.getplugin("capturemanager")
    with capture.global_and_fixture_disabled():
        print("\n" + "\n".join(lines()))
    RESULTS.clear()


def lines() -> list[str]:
    columns = [f"{sender}, {echo}" for sender, echo in product(SENDERS, ECHOES)]
    head = f"{f'Sending once, on {connection.vendor}':48}" + "".join(f"{way:26}" for way in columns)
    return [head] + [
        f"{point:48}" + "".join(f"{told.get(way, ''):26}" for way in columns)
        for point, told in RESULTS.items()
    ]


def ways(number: int, point: str) -> list[tuple[str, str]]:
    every = list(product(SENDERS, ECHOES))
    return (
        every if thorough.LONG or point in WITH_ECHO else [every[0], every[3]] if number % 2 else every[1:3]
    )


def rows() -> list[Any]:
    """On PostgreSQL each point is tried once: it asks the database something else; by whom and with what echo does not."""
    found = []
    for number, point in enumerate(POINTS):
        for place, (sender, echo) in enumerate(ways(number, point)):
            marks = [pytest.mark.every_row] if place == 0 else []
            found.append(pytest.param(point, sender, echo, marks=marks, id=f"{point}-{sender}-{echo}"))
    return found


@pytest.mark.parametrize(("point", "sender", "echo"), rows())
def test_the_customer_has_one_message_or_none_and_a_person_sees_it(desk, monkeypatch, point, sender, echo):
    arrange, standing, status = POINTS[point]
    if echo == "echo":
        standing, status = WITH_ECHO.get(point, (standing, status))
    if sender == "own token":
        credentials.store(desk.lead, desk.source, token=AGENT_TOKEN, now=desk.now)
    conversation = desk.customer_writes()
    scene = Scene(
        desk, conversation, desk.approved(conversation, text="Choose Forgot password."), monkeypatch
    )

    arrange(scene)
    desk.work(15)
    if echo == "echo":
        desk.webhooks()
    for happens in scene.then:
        happens()
    desk.work()
    if echo == "echo":
        desk.webhooks()
        desk.work()

    scene.draft.refresh_from_db()
    there = scene.standing()
    RESULTS.setdefault(point, {})[f"{sender}, {echo}"] = f"{len(there)} {scene.draft.status}"
    assert (len(there), scene.draft.status) == (standing, status)
    assert {row.sender.id for row in there} <= {2 if sender == "own token" else 1}
    wanted = [("Plan für Käthe.pdf", "application/pdf", FILE)] if point.startswith("with a file") else []
    assert [files_of(scene, row) for row in there] == [wanted] * len(there)


def files_of(scene: Scene, message: Any) -> list[tuple[str, str, bytes]]:
    """What stands at the addresses that Chatwoot gives."""
    urls = [urlsplit(one["data_url"]).path for one in message.attachments]
    found = [forms.stored(scene.desk.world, url) for url in urls]
    return [(file.name, file.content_type, file.content) for file in found if file]


def test_every_way_it_can_end_is_one_message_or_a_person_who_sees_it():
    """The table itself: whoever adds a row cannot promise less."""
    ends = [(standing, status) for _, standing, status in POINTS.values()] + list(WITH_ECHO.values())

    assert set(ends) <= {
        (ONCE, "SENT"),
        (ONCE, "PARKED"),
        (NEVER, "PARKED"),
        (NEVER, "STALE"),
        (NEVER, "PROPOSED"),
    }
