"""A person's data are handed out and erased across all tables; what is ours stays, and who did it is kept."""

import io
import json
import re
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from knowledge.models import Article, ArticleVector, Draft, LearningSignal, Question, SearchState
from tests.factories import (
    NOW,
    deliver,
    make_approved,
    make_delivery,
    make_draft,
    make_inbox,
    make_lead,
    message_event,
)
from tests.webhooks.privacy.erasing import (
    NAMES,
    SENDER,
    about,
    ada,
    conversation,
    erase,
    fill,
    waiting_bodies,
    where,
)
from webhooks import deliveries
from webhooks.models import Contact, Conversation, Delivery, Message, PrivacyAction
from webhooks.privacy import erasure

pytestmark = pytest.mark.django_db


def test_nothing_of_a_person_is_left_in_any_table_or_file(seeded):
    fill()
    assert len(where(*NAMES)) > 15

    erase()

    assert where(*NAMES) == []


def test_figures_grades_times_and_states_stay(seeded):
    fill()
    facts = ("kind", "created_at", "is_customer_message", "is_person_answer", "sender_type", "status")
    messages = list(Message.objects.order_by("pk").values(*facts))
    signal = LearningSignal.objects.values("kind", "tone", "ratio", "decision").get()
    waits = conversation().waiting_since

    erase()

    assert list(Message.objects.order_by("pk").values(*facts)) == messages
    assert LearningSignal.objects.values("kind", "tone", "ratio", "decision").get() == signal
    assert (conversation().waiting_since, Draft.objects.get().status) == (waits, "SENT")


def test_others_keep_their_data(seeded):
    fill()
    other = {"id": 6, "name": "Bob Hill", "email": "bob@example.com", "type": "contact"}
    deliver(
        message_event(200, content="Where is my parcel?", sender=other, conversation=about(8, contact=other))
    )
    before = where("Bob Hill", "Where is my parcel?")

    erase()

    assert where("Bob Hill", "Where is my parcel?") == before


def test_an_erased_delivery_is_not_replayed_and_says_why(seeded):
    fill()
    erase()
    row = Delivery.objects.filter(direction="IN", message_id=100).get()

    with pytest.raises(deliveries.CannotReplay, match="with the data of the person it was about"):
        deliveries.replay(row, by=None, reason="Again.", now=NOW, also_done=True)


def test_what_waits_to_be_processed_goes_on_without_the_person(seeded):
    fill()
    make_delivery(message_event(103, content="the red sofa", conversation=about()))

    erase()

    (body,) = waiting_bodies()
    assert (body["id"], body["message_type"], body["content"]) == (103, "incoming", "(erased)")


def test_a_reply_on_its_way_is_ended_by_a_person_first(seeded):
    make_inbox()
    draft = make_approved()

    with pytest.raises(
        erasure.CannotErase, match=rf"A reply is being sent or is parked \(draft {draft.pk}\)"
    ):
        erase()

    assert Contact.objects.get().name == "Ada Park"


def test_an_undecided_draft_is_withdrawn(seeded):
    make_inbox()
    draft = make_draft()

    erase()

    draft.refresh_from_db()
    assert draft.status == "STALE"


def test_a_contact_that_was_merged_into_another_is_the_same_person(seeded):
    """Chatwoot moves its conversations and tells nothing; the next event of one shows it."""
    make_inbox()
    old = {"id": 4, "name": "A. Park", "email": "ap@example.com", "type": "contact"}
    deliver(message_event(90, content="the red sofa", conversation=about(3, contact=old)))
    deliver(message_event(91, content="the red sofa", conversation=about(2, contact=old)))
    moved = about(3, updated_at=NOW.timestamp() + 60)
    deliver(message_event(92, content="the red sofa", conversation=moved, at=NOW + timedelta(minutes=1)))

    person = ada()
    erase(person)

    assert person.numbers == [4, 5]
    assert where(*NAMES, "A. Park", "ap@example.com") == []


def test_contacts_with_one_address_are_the_same_person(seeded):
    """Chatwoot allows an address to one contact of an account: two that have it were merged."""
    make_inbox()
    deliver(message_event(90, conversation=about(3, contact=SENDER | {"id": 4, "email": "ADA@example.com"})))
    deliver(message_event(91, conversation=about(2)))

    assert ada().numbers == [4, 5]


def test_the_questions_of_a_person_no_longer_teach_search(seeded, settings):
    """Also those asked as a contact that was merged into another."""
    settings.EMBEDDER = "words"
    make_inbox()
    old = SENDER | {"id": 4, "email": "ADA@example.com"}
    for number, contact in ((3, old), (2, SENDER)):
        deliver(message_event(90 + number, conversation=about(number, contact=contact)))
    article = Article.objects.get(slug="refund")
    vector = ArticleVector.objects.create(
        article=article, embedder="use", vector=b"own", asked=b"theirs", asked_count=2, asked_digest="x"
    )
    Question.objects.bulk_create(
        Question(
            article=article, conversation=row, text="q", confirmed_by=make_lead(), at=NOW, in_search=True
        )
        for row in Conversation.objects.all()
    )
    before = SearchState.objects.stamp()

    erase()

    vector.refresh_from_db()
    assert not Question.objects.exists()
    assert (bytes(vector.asked), vector.asked_count, bytes(vector.vector)) == (b"", 0, b"own")
    assert SearchState.objects.stamp() != before


def test_a_merge_that_only_people_know_of_is_named_by_them(seeded):
    make_inbox()
    deliver(message_event(90, conversation=about(3, contact={"id": 4, "name": "Ada", "type": "contact"})))
    deliver(message_event(91, conversation=about(2)))

    assert (ada().numbers, ada(also=[4]).numbers) == ([5], [4, 5])


def test_an_export_holds_everything_that_an_erasure_removes(seeded):
    fill()

    told = erasure.export(ada(), by=None, now=NOW)

    assert all(name in told for name in NAMES)
    assert {label for label, holds in erasure.table().items() if holds.rows} <= set(json.loads(told))


def test_each_act_is_kept_with_who_why_and_how_much_and_without_the_person(seeded):
    fill()
    lead = make_lead("carla")

    erasure.export(ada(), by=lead, now=NOW)
    erasure.erase(ada(), by=lead, reason="Asked for, ticket 12.", now=NOW)

    exported, erased = PrivacyAction.objects.order_by("pk")
    assert (exported.action, exported.by, exported.contact_ids) == ("exported", lead, [5])
    assert (erased.action, erased.by, erased.reason) == ("erased", lead, "Asked for, ticket 12.")
    assert (erased.counts["webhooks.Message"], erased.counts["knowledge.Draft"]) == (2, 1)


@pytest.mark.skipif(connection.vendor != "sqlite", reason="reads SQLite's plans")
def test_a_persons_rows_are_found_without_reading_all_of_their_source(seeded):
    fill()
    wide = []

    def explain(execute, sql, params, many, context):
        if sql.startswith("SELECT"):
            plan = connection.create_cursor().execute(f"EXPLAIN QUERY PLAN {sql}", params).fetchall()
            found = [row[3] for row in plan if re.search("webhooks_(delivery|message) ", f"{row[3]} ")]
            wide.extend(one for one in found if not re.search("(rowid|conversation_id|sender_id)=", one))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(explain):
        erasure.held(ada())

    assert wide == []


def test_an_event_that_names_no_conversation_goes_with_the_person(seeded):
    fill()
    nameless = make_delivery(
        {"event": "message_created", "id": Message.objects.first().message_id, "content": "I am Ada"}
    )
    changed = make_delivery(
        {"event": "contact_updated", "id": int(SENDER["id"]), "name": "Ada", "account": {"id": 3}}
    )
    other = make_delivery(
        {"event": "contact_updated", "id": int(SENDER["id"]) * 10 + 1, "name": "Bob", "account": {"id": 3}}
    )

    erase()

    gone = {
        row.pk: row.redacted_at is not None or b"Ada" not in bytes(row.body) for row in Delivery.objects.all()
    }
    assert (gone[nameless.pk], gone[changed.pk]) == (True, True)
    assert b"Bob" in bytes(Delivery.objects.get(pk=other.pk).body)


def test_an_erasure_needs_a_reason(seeded):
    fill()

    with pytest.raises(erasure.CannotErase, match="Enter a reason"):
        erasure.erase(ada(), by=None, reason=" ", now=NOW)


def command(*arguments: str) -> str:
    out = io.StringIO()
    call_command("contact_data", *arguments, stdout=out)
    return out.getvalue()


def test_the_command_speaks_of_one_as_one(seeded):
    fill()

    said = command("acme", "5")

    assert re.search(r"\b1 contact,", said), said


def test_the_command_exports_to_a_new_file_for_its_owner_alone(seeded, tmp_path):
    fill()
    file = tmp_path / "ada.json"

    said = command("acme", "5", "--export", str(file))

    assert said == f"Contact 5 (acme): written to {file}.\n"
    assert "my secret order" in file.read_text()
    assert file.stat().st_mode & 0o077 == 0


def test_the_command_erases_and_says_how_much(seeded):
    fill()

    said = command("acme", "5", "--erase", "--reason", "Asked for.")

    assert said.startswith("Contact 5 (acme): erased. ")
    assert "2 messages" in said
    assert where(*NAMES) == []


FAILURES = {
    "an unknown source": (("nobody", "5"), "There is no source 'nobody'. This site has acme."),
    "an unknown contact": (("acme", "99"), "is not known here"),
    "no reason": (("acme", "5", "--erase"), "Enter a reason"),
    "a file that is there": (("acme", "5", "--export", "/dev/null"), "name a new file"),
}


@pytest.mark.parametrize("name", FAILURES)
def test_a_failure_is_one_line_and_changes_nothing(seeded, name):
    fill()
    arguments, line = FAILURES[name]

    with pytest.raises(CommandError, match=line):
        command(*arguments)

    assert not PrivacyAction.objects.exists()


def test_an_event_of_anothers_conversation_that_shows_their_words_loses_its_body(seeded):
    fill()
    bob, guest = {"id": 6, "name": "Bob Ray", "type": "contact"}, {"id": 5, "name": "Ada Park"}
    talk = about(8, contact=bob, custom_attributes={})
    deliver(message_event(210, content="the red sofa", sender=guest, conversation=talk))
    showing, other = (
        message_event(number, content="Hm", sender=bob, conversation=talk) for number in (211, 212)
    )
    shown = {"id": 210, "content": "the red sofa", "sender": guest, "created_at": int(NOW.timestamp())}
    showing["conversation"]["messages"] = [shown]
    deliver(showing)
    kept = deliver(other)

    erase()

    assert where(*NAMES) == []
    assert b"Hm" in bytes(Delivery.objects.get(pk=kept.pk).body)
