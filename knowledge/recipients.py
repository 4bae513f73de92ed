"""Who a reply goes to. Pure reading of the mirror: prefilled here, frozen at approval, compared before sending.

Chatwoot mails an API message without addresses to the contact alone and drops every CC, so e-mail names them all.
"""

from typing import Any

from webhooks.models import Conversation, Message


def for_reply(conversation: Conversation, message: Message) -> dict[str, Any]:
    """{"contact_id"} for chats; for e-mail also {"to": [...], "cc": [...]}: reply-all less our own addresses."""
    found: dict[str, Any] = {"contact_id": conversation.contact.contact_id if conversation.contact else None}
    if not (conversation.inbox and conversation.inbox.is_email):
        return found
    mail = message.content_attributes.get("email")
    mail = mail if isinstance(mail, dict) else {}
    ours = {conversation.inbox.email.lower()} if conversation.inbox.email else set()
    addressed = _addresses(mail.get("to"))
    if not ours and len(addressed) == 1:
        ours = {addressed[0].lower()}  # the inbox's own address is not known: the only one written to is it
    senders = (_addresses(mail.get("reply_to")), _addresses(mail.get("from")))
    # A form's mail comes from our own address: answering there would be writing to ourselves.
    theirs = ([address for address in listed if address.lower() not in ours] for listed in senders)
    to = next(filter(None, theirs), [])
    if not to and conversation.contact and conversation.contact.email:
        to = [conversation.contact.email]
    seen = ours | {address.lower() for address in to}
    cc = [address for address in [*addressed, *_addresses(mail.get("cc"))] if address.lower() not in seen]
    return found | {"to": to, "cc": list(dict.fromkeys(cc))}


def for_chatwoot(recipients: dict[str, Any]) -> dict[str, str]:
    """As the API wants them: comma-separated; nothing for chats."""
    fields = {"to_emails": recipients.get("to"), "cc_emails": recipients.get("cc")}
    return {name: ",".join(addresses) for name, addresses in fields.items() if addresses}


def _addresses(value: Any) -> list[str]:
    listed = value if isinstance(value, list) else [value] if isinstance(value, str) else []
    return [str(address).strip() for address in listed if isinstance(address, str) and "@" in address]
