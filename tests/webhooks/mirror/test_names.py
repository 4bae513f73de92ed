"""Who Chatwoot names: told apart by account, type and number; called by the newest name."""

import pytest

from tests.factories import conversation_object, deliver, later, make_inbox, make_source, message_event
from webhooks.mirror import attribute_changes, fold, identities, names
from webhooks.models import KnownName

pytestmark = pytest.mark.django_db
SAID = {
    "user": "user", "User": "user", "AgentBot": "agent_bot", "agent_bot": "agent_bot", "captain_assistant": "captain_assistant",
    "Captain::Assistant": "captain_assistant", None: "user", "contact": "", "Contact": "",
}  # fmt: skip


@pytest.mark.parametrize("said", SAID, ids=str)
def test_a_type_is_one_however_chatwoot_writes_it(said):
    assert identities.kind(said) == SAID[said]


def assigned(at: float = 0, **card) -> dict:
    about = {
        "updated_at": later(at).timestamp(),
        "meta": {"assignee": card, "sender": {"id": 5, "name": "Ada"}},
    }
    return conversation_object(**about) | {"event": "conversation_updated", "changed_attributes": []}


def test_a_user_a_bot_and_an_assistant_of_one_number_are_three(seeded):
    make_inbox()
    for kind, name in (("user", "Maria"), ("agent_bot", "Robbie"), ("captain_assistant", "Captain")):
        deliver(assigned(id=1, name=name, type=kind))

    found = {who.partition("/")[2]: name for who, (_, name) in names.newest(*identities.PEOPLE).items()}
    assert found == {"user/1": "Maria", "agent_bot/1": "Robbie", "captain_assistant/1": "Captain"}


def test_the_newest_name_holds_whichever_event_comes_last(seeded):
    make_inbox()
    deliver(assigned(86_400, id=1, name="Eva West", type="user"))
    deliver(assigned(0, id=1, name="Eva Ost", type="user"))

    assert [name for _, name in names.newest(identities.USER).values()] == ["Eva West"]


def test_the_same_name_on_the_same_day_is_one_row_however_many_messages(seeded):
    make_inbox()
    for number in range(100, 103):
        deliver(message_event(number, kind="outgoing"))

    assert KnownName.objects.count() == 1


def test_a_customer_is_not_kept_as_one_of_ours(seeded):
    make_inbox()
    deliver(message_event())

    assert not KnownName.objects.exists()


def test_the_type_beside_the_assignee_says_who_it_is_where_the_card_does_not():
    meta = {"assignee": {"id": 1, "name": "Captain"}, "assignee_type": "Captain::Assistant"}

    state = fold.values(fold.conversation(conversation_object(meta=meta)))

    assert state["assignee_key"] == "captain_assistant/1"


def test_a_typed_change_of_the_assignee_names_the_assistant_and_not_the_user():
    changed = [
        {"assignee_id": {"previous_value": 1, "current_value": 1}},
        {"assignee_type": {"previous_value": "User", "current_value": "Captain::Assistant"}},
    ]

    ((_, field, before, after),) = attribute_changes.changes(
        conversation_object() | {"changed_attributes": changed}
    )

    assert (field, before, after) == ("assignee_id", 1, "captain_assistant/1")


def test_an_account_s_people_are_its_own(seeded):
    for slug in ("acme", "other"):
        make_inbox(make_source(slug))
        deliver(assigned(id=3, name="Anna", type="user"), source=make_source(slug))

    assert sorted(names.newest(identities.USER).values()) == [
        ("acme/user/3", "Anna (acme 3)"), ("other/user/3", "Anna (other 3)"),
    ]  # fmt: skip
