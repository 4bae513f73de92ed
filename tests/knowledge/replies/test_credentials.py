"""A person's own Chatwoot token: checked when kept, used for what that person approves, and never silently replaced."""

import pytest

from knowledge.models import ChatwootToken, Draft
from knowledge.replies import credentials, decisions
from tests.factories import make_source, make_user
from webhooks.models import Delivery, Source
from webhooks.simulator.state import AGENT_TOKEN

POST = {"method": "POST", "path": r"/messages$"}
READ = {"method": "GET", "path": r"/messages$"}
MARIA = 2  # of the simulated Chatwoot; she sees the e-mail inbox and the website chat
TOM_TOKEN = "sim-agent-token-2"  # sees the chat and WhatsApp


def keep(desk, token: str = AGENT_TOKEN) -> ChatwootToken:
    return credentials.store(desk.lead, desk.source, token=token, now=desk.now)


def senders(desk, conversation) -> list[int]:
    return [
        message.sender.id
        for message in desk.world.messages_of(conversation.display_id)
        if message.message_type == "outgoing" and not message.private
    ]


def status() -> str:
    return Draft.objects.get().status


def test_what_its_owner_approves_is_sent_as_the_owner(desk):
    keep(desk)
    conversation = desk.customer_writes()
    desk.approved(conversation)

    desk.send()

    assert (status(), senders(desk, conversation)) == ("SENT", [MARIA])


def test_what_others_approve_is_sent_as_the_connections_user(desk):
    credentials.store(make_user("somebody", "Lead"), desk.source, token=AGENT_TOKEN, now=desk.now)
    conversation = desk.customer_writes()
    desk.approved(conversation)

    desk.send()

    assert (status(), senders(desk, conversation)) == ("SENT", [1])


def test_it_is_kept_with_the_name_it_is_by_chatwoots_word(desk):
    row = keep(desk)

    assert (row.sender_id, row.sender_name, row.checked_at, row.refused_at) == (
        MARIA,
        "Maria Keller",
        desk.now,
        None,
    )


def test_it_stands_encrypted_in_the_database(desk):
    from django.db import connection

    keep(desk)

    with connection.cursor() as cursor:
        cursor.execute("SELECT token FROM knowledge_chatwoottoken")
        assert AGENT_TOKEN not in cursor.fetchone()[0]


@pytest.mark.parametrize(
    "token", ["revoked-token", "", "short", "two words here", "naïve-token", "x" * 201, "line\nbreak-token"]
)
def test_what_chatwoot_does_not_accept_is_not_kept(desk, token):
    with pytest.raises(credentials.CannotStore) as refused:
        keep(desk, token)

    assert "token" in str(refused.value)
    assert not ChatwootToken.objects.exists()


def test_what_cannot_be_checked_is_not_kept_and_the_old_one_stays(desk):
    keep(desk)
    desk.world.faults.add("status", method="GET", path="/profile", code=502, times=None)

    with pytest.raises(credentials.CannotStore):
        keep(desk, TOM_TOKEN)

    assert ChatwootToken.objects.get().sender_id == MARIA


def test_a_token_of_another_account_is_not_kept(desk):
    Source.objects.filter(pk=desk.source.pk).update(account_id=99)

    with pytest.raises(credentials.CannotStore, match="does not belong to account 99"):
        credentials.store(desk.lead, Source.objects.get(), token=AGENT_TOKEN, now=desk.now)


def revoke(desk) -> None:
    desk.world.users[MARIA].token = "another-token"


def test_a_refused_one_parks_the_reply_and_nothing_is_sent_under_another_name(desk):
    keep(desk)
    conversation = desk.customer_writes()
    draft = desk.approved(conversation)
    revoke(desk)

    delivery = desk.send()

    draft.refresh_from_db()
    assert (draft.status, delivery.status, senders(desk, conversation)) == ("PARKED", "DEAD", [])
    assert f"{desk.lead}'s own token" in draft.why
    assert ChatwootToken.objects.get().refused_at
    assert Source.objects.get().credentials_refused_at is None


def test_one_known_as_refused_parks_without_a_call(desk):
    keep(desk)
    conversation = desk.customer_writes()
    desk.approved(conversation)
    ChatwootToken.objects.update(refused_at=desk.now)

    desk.send()

    assert (status(), senders(desk, conversation)) == ("PARKED", [])
    assert not Draft.objects.get().events.filter(action="sending").exists()


def test_renewed_and_sent_again_it_stands_there_once_as_its_owner(desk):
    keep(desk)
    conversation = desk.customer_writes()
    draft = desk.approved(conversation)
    revoke(desk)
    desk.send()
    keep(desk, "another-token")
    draft.refresh_from_db()

    decisions.resend(draft, by=desk.lead, now=desk.now)
    desk.send()

    assert (status(), senders(desk, conversation)) == ("SENT", [MARIA])


def test_removed_and_sent_again_it_goes_as_the_connections_user(desk):
    keep(desk)
    conversation = desk.customer_writes()
    draft = desk.approved(conversation)
    revoke(desk)
    desk.send()
    credentials.remove(desk.lead, desk.source)
    draft.refresh_from_db()

    decisions.resend(draft, by=desk.lead, now=desk.now)
    desk.send()

    assert (status(), senders(desk, conversation)) == ("SENT", [1])


def test_an_owner_who_is_not_in_the_inbox_parks_the_reply(desk):
    keep(desk, TOM_TOKEN)
    conversation = desk.customer_writes(inbox_id=1)
    desk.approved(conversation)

    desk.send()

    draft = Draft.objects.get()
    assert (draft.status, senders(desk, conversation)) == ("PARKED", [])
    assert "use this conversation" in draft.why
    assert ChatwootToken.objects.get().refused_at is None


def lost(desk):
    """A call as Maria whose answer never came, and which did nothing."""
    keep(desk)
    conversation = desk.customer_writes()
    desk.approved(conversation)
    desk.world.faults.add("drop_before", **POST)
    desk.send(12)
    assert status() == "SENDING"
    return conversation


def writes(desk, conversation, user_id: int) -> None:
    desk.world.agent_writes(conversation_id=conversation.display_id, content="By hand.", user_id=user_id)


def test_an_unmarked_message_of_the_owner_may_be_the_reply_and_parks_it(desk):
    conversation = lost(desk)
    writes(desk, conversation, MARIA)

    desk.send()

    assert (status(), len(senders(desk, conversation))) == ("PARKED", 1)


def test_an_unmarked_message_of_the_connections_user_cannot_be_it(desk):
    conversation = lost(desk)
    writes(desk, conversation, 1)

    desk.send()

    assert (status(), senders(desk, conversation)) == ("STALE", [1])  # answered by hand: nothing is sent


def test_the_rule_goes_by_whom_the_call_was_made_as_and_not_by_who_has_a_token_now(desk):
    conversation = lost(desk)
    credentials.remove(desk.lead, desk.source)
    writes(desk, conversation, MARIA)

    desk.send()

    assert status() == "PARKED"


def test_the_echo_of_the_owners_message_settles_it(desk):
    keep(desk)
    conversation = desk.customer_writes()
    desk.approved(conversation)
    desk.world.faults.add("drop_after", **POST)
    desk.send(12)

    desk.webhooks()

    assert (status(), senders(desk, conversation)) == ("SENT", [MARIA])


# The page

PAGE = "/admin/knowledge/chatwoottoken/"


@pytest.fixture
def maria(desk, client):
    client.force_login(desk.lead)
    return client


def test_the_page_keeps_a_token_and_says_as_whom(desk, maria):
    answer = maria.post(f"{PAGE}acme/store/", {"token": AGENT_TOKEN}, follow=True)

    assert "sent as Maria Keller" in answer.content.decode()
    assert ChatwootToken.objects.get().user == desk.lead


def test_the_page_says_why_a_token_is_not_kept_and_never_shows_it(desk, maria):
    answer = maria.post(f"{PAGE}acme/store/", {"token": "revoked-token"})

    assert answer.status_code == 400
    assert "Chatwoot rejected this token" in answer.content.decode()
    assert "revoked-token" not in answer.content.decode()


def test_the_page_never_shows_a_kept_token(desk, maria):
    keep(desk)

    assert AGENT_TOKEN not in maria.get(PAGE).content.decode()


def test_the_page_says_that_a_token_is_refused_and_what_to_do(desk, maria):
    keep(desk)
    ChatwootToken.objects.update(refused_at=desk.now)

    assert "Paste a new token" in maria.get(PAGE).content.decode()


def test_the_page_removes_it(desk, maria):
    keep(desk)

    maria.post(f"{PAGE}acme/remove/")

    assert not ChatwootToken.objects.exists()


def test_nobody_sees_or_removes_the_token_of_another(desk, client):
    row = keep(desk)
    client.force_login(make_user("root", is_superuser=True))

    assert "Maria" not in client.get(PAGE).content.decode()
    client.post(f"{PAGE}acme/remove/")
    client.post(f"{PAGE}{row.pk}/delete/", {"post": "yes"})

    assert ChatwootToken.objects.filter(pk=row.pk).exists()


@pytest.mark.parametrize(
    ("group", "status"), [("Agent", 200), ("Lead", 200), ("Manager", 200), ("Operator", 403)]
)
def test_the_page_is_for_the_desk(desk, client, group, status):
    client.force_login(make_user("someone", group))

    assert client.get(PAGE).status_code == status


def test_a_source_whose_inboxes_one_does_not_see_takes_no_token(desk, client):
    make_source("other", base_url=desk.chatwoot.url)
    client.force_login(make_user("someone", "Lead", inboxes=[]))

    assert client.post(f"{PAGE}acme/store/", {"token": AGENT_TOKEN}).status_code == 404
    assert client.post(f"{PAGE}other/store/", {"token": AGENT_TOKEN}).status_code == 404
    assert not Delivery.objects.exists()
