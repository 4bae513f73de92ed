"""What differs between channels: the details an arriving mail carries, and who receives an answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .records import Contact, Conversation, Inbox, Json, Message, User

if TYPE_CHECKING:
    from .state import State


def mail(inbox: Inbox, contact: Contact, content: str, number: str, given: Json) -> Json:
    """The fields of a message that came by email; `given` replaces headers such as `cc`."""
    message_id = f"{number}@mail.customer.example"
    text = {"full": content, "reply": content, "quoted": content}
    headers = {
        "subject": "Question to support",
        "from": [contact.email],
        "to": [inbox.email],
        "cc": None,
        "bcc": None,
        "message_id": message_id,
        "multipart": True,
        "text_content": text,
        "html_content": dict.fromkeys(text, f"<p>{content}</p>"),
        **given,
    }
    return {
        "content_type": "incoming_email",
        "source_id": message_id,
        "content_attributes": {
            "email": headers,
            "cc_email": headers["cc"],
            "bcc_email": headers["bcc"],
        },
    }


def mail_recipients(contact: Contact, named: dict[str, list[str]]) -> list[str]:
    """Who receives an outgoing email: without `to_emails` the contact, and no CC of the mail before."""
    to = named.get("to_emails") or [contact.email or ""]
    return [*to, *named.get("cc_emails", []), *named.get("bcc_emails", [])]


def addresses(value: str | None) -> list[str]:
    """Chatwoot takes several addresses as one comma-separated string."""
    return [address.strip() for address in (value or "").split(",") if address.strip()]


def attachment(message: Message, number: int, details: Json) -> Json:
    return {
        "id": number,
        "message_id": message.id,
        "file_type": "file",
        "account_id": 1,
        "extension": None,
        "data_url": f"https://chatwoot.example/rails/active_storage/blobs/{number}/file",
        "thumb_url": "",
        "file_size": 48_213,
        "width": None,
        "height": None,
        **details,
    }


def variables(state: State, conversation: Conversation, sender: User) -> dict[str, str]:
    """What Liquid can name in an outgoing message."""
    contact = state.contacts[conversation.contact_id]
    return {
        "contact.name": contact.name,
        "contact.first_name": contact.name.split()[0],
        "contact.last_name": contact.name.split()[-1],
        "contact.email": contact.email or "",
        "contact.phone_number": contact.phone_number or "",
        "agent.name": sender.name,
        "agent.email": sender.email,
        "inbox.name": state.inboxes[conversation.inbox_id].name,
        "conversation.display_id": str(conversation.id),
        "account.name": state.account_name,
    }
