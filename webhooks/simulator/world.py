"""What people do in a Chatwoot account, as verbs: each changes the state and emits its events.

Everything is in memory and thread-safe; the wire shapes are in `payloads` and `shapes`.
"""

from __future__ import annotations

from .records import PRIORITIES, STATUSES, CsatResponse, Event, Json, Message
from .state import Invalid, NotFound, locked
from .writing import Writing

__all__ = ["Invalid", "NotFound", "World"]


class World(Writing):
    """`World(now=clock)`: one account, id 1, with all its verbs."""

    @locked
    def set_status(
        self,
        conversation_id: int,
        status: str,
        *,
        user_id: int | None = 1,
        snoozed_until: float | None = None,
        settle: bool = True,
    ) -> None:
        """`settle=False` stops where Chatwoot is for a moment: resolved, still waiting (see below)."""
        if status not in STATUSES:
            raise Invalid(f"'{status}' is not a valid status")
        conversation = self.conversation(conversation_id)
        if conversation.status == status:
            return
        until = snoozed_until if status == "snoozed" else None
        self._update(conversation, status=status, snoozed_until=until)
        self._add_activity(conversation, f"Conversation was marked {status}", user_id)
        if status == "resolved" and settle:
            self.clear_waiting(conversation_id)

    @locked
    def clear_waiting(self, conversation_id: int) -> None:
        # A bare column update after the commit: no event, and `updated_at` stays as it was.
        self.conversation(conversation_id).waiting_since = None

    @locked
    def mark_seen(self, conversation_id: int) -> None:
        """An agent opened the conversation: unread falls to 0 with no event and no new version."""
        self.conversation(conversation_id).agent_last_seen_at = self.now()

    @locked
    def set_labels(self, conversation_id: int, labels: list[str]) -> list[str]:
        """Replaces them, as the API does."""
        conversation = self.conversation(conversation_id)
        if labels != conversation.label_list:
            self._update(conversation, label_list=list(dict.fromkeys(labels)))
        return conversation.label_list

    @locked
    def add_labels(self, conversation_id: int, labels: list[str]) -> list[str]:
        return self.set_labels(conversation_id, self.conversation(conversation_id).label_list + labels)

    @locked
    def set_priority(self, conversation_id: int, priority: str | None) -> None:
        if priority not in (None, *PRIORITIES):
            raise Invalid(f"'{priority}' is not a valid priority")
        conversation = self.conversation(conversation_id)
        if conversation.priority != priority:
            self._update(conversation, priority=priority)

    @locked
    def assign(self, conversation_id: int, user_id: int | None, team_id: int | None = None) -> None:
        conversation = self.conversation(conversation_id)
        if user_id is not None and user_id not in self.users:
            raise NotFound(str(user_id))
        changes = {"assignee_id": user_id} if team_id is None else {"team_id": team_id}
        self._update(conversation, **changes)

    @locked
    def give_to_bot(self, conversation_id: int, *, captain: bool = False) -> None:
        """Assigned to a bot, or to Captain, it is pending, no matter who had it."""
        conversation = self.conversation(conversation_id)
        conversation.with_bot, conversation.with_captain = not captain, captain
        self._update(conversation, status="pending", assignee_id=None)

    @locked
    def hand_over(self, conversation_id: int) -> None:
        """The bot gives it to people."""
        conversation = self.conversation(conversation_id)
        conversation.with_bot = conversation.with_captain = False
        self._update(conversation, status="open")

    @locked
    def set_custom_attributes(self, conversation_id: int, attributes: Json) -> None:
        self._update(self.conversation(conversation_id), custom_attributes=attributes)

    @locked
    def typing(self, conversation_id: int, *, on: bool = True, user_id: int = 2) -> None:
        name = "conversation_typing_on" if on else "conversation_typing_off"
        self.emit(Event(name, conversation_id, user_id=user_id))

    @locked
    def customer_reads(self, conversation_id: int) -> None:
        """The contact saw the conversation: a bare column, no event."""
        self.conversation(conversation_id).contact_last_seen_at = self.now()

    # --- what later happens to a message; none of it gives the conversation a new version

    @locked
    def edit_message(self, message_id: int, content: str) -> None:
        self._update_message(self.message(message_id), content=content)

    @locked
    def delete_message(self, message_id: int) -> Message:
        message = self.message(message_id)
        message.attachments = []
        self._update_message(
            message,
            content="This message was deleted",
            content_type="text",
            content_attributes={"deleted": True},
        )
        return message

    @locked
    def update_status(self, message_id: int, status: str) -> None:
        """sent, delivered, read: what the channel reports."""
        self._update_message(self.message(message_id), status=status)

    @locked
    def fail_message(self, message_id: int, error: str = "Recipient address rejected") -> None:
        self._fail(self.message(message_id), error)

    @locked
    def retry_message(self, message_id: int) -> None:
        """The dashboard's retry button; it erases whatever marker the message carried."""
        self._update_message(self.message(message_id), status="sent", content_attributes={})

    @locked
    def csat_request(self, conversation_id: int) -> Message:
        return self._add_message(
            self.conversation(conversation_id),
            "template",
            content="Please rate this conversation",
            content_type="input_csat",
            content_attributes={"display_type": "emoji"},
        )

    @locked
    def csat_answer(self, message_id: int, rating: int, feedback: str = "") -> CsatResponse:
        message = self.message(message_id)
        conversation = self.conversation(message.conversation_id)
        answer = {"csat_survey_response": {"rating": rating, "feedback_message": feedback}}
        response = CsatResponse(
            id=self.next_id("csat"),
            message_id=message_id,
            conversation_id=conversation.id,
            contact_id=conversation.contact_id,
            rating=rating,
            feedback_message=feedback,
            created_at=self.now(),
            assigned_agent_id=conversation.assignee_id,
        )
        self.csat_responses[response.id] = response
        attributes = {**message.content_attributes, "submitted_values": answer}
        self._update_message(message, content_attributes=attributes)
        return response

    @locked
    def ask(
        self,
        conversation_id: int,
        question: str,
        content_type: str,
        items: list[Json] | None = None,
        *,
        by_bot: bool = False,
        user_id: int | None = None,
    ) -> Message:
        """A choice (input_select), a form or a question for an address (input_email), put to the customer.

        By a bot, by a user, or by Chatwoot itself.
        """
        sender = self.users[user_id] if user_id else self.bot if by_bot else None
        conversation = self.conversation(conversation_id)
        message = self._add_message(
            conversation, "outgoing" if sender else "template", content=question,
            content_type=content_type, content_attributes={"items": items or []}, sender=sender,
        )  # fmt: skip
        if user_id:
            self._note_human_reply(conversation, message)
        return message

    @locked
    def fill_in(self, message_id: int, values: list[Json] | None = None, email: str | None = None) -> Message:
        """The customer's answer is written onto the message that asked; it is not a message."""
        message = self.message(message_id)
        answer: Json = {"submitted_email": email} if email else {"submitted_values": values or []}
        self._update_message(message, content_attributes={**message.content_attributes, **answer})
        return message

    @locked
    def transcribe(self, message_id: int, text: str) -> Message:
        """What a voice message says, which a job of Chatwoot's writes onto it some time later."""
        message = self.message(message_id)
        heard = [
            {**one, "transcribed_text": text} for one in message.attachments if one["file_type"] == "audio"
        ]
        rest = [one for one in message.attachments if one["file_type"] != "audio"]
        self._update_message(message, attachments=[*heard, *rest])
        return message

    @locked
    def delete_conversation(self, conversation_id: int) -> None:
        """Gone without any event: a later 404 is the only sign."""
        del self.conversations[self.conversation(conversation_id).id]
        for message in self._by_conversation.pop(conversation_id, []):
            del self.messages[message.id]
