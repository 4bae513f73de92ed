"""Who a reply goes to. Pure reading of the mirror: prefilled here, frozen at approval, compared before sending.

Chatwoot mails an API message without addresses to the contact alone and drops every CC, so an email names them all.
"""

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _

from webhooks.mirror import authorship
from webhooks.models import Conversation, Inbox, Message

from ..models import Draft
from ..text import addresses
from ..text.addresses import MOST

ARRIVED_AT = ("delivered-to", "x-original-to", "envelope-to", "x-forwarded-to")


class Unfit(Exception):
    """The text says what is wrong with the recipients and how to fix it."""


def for_reply(conversation: Conversation, message: Message) -> dict[str, Any]:
    """{"contact_id"} for chats; for email also {"to": [...], "cc": [...]}: reply-all less our own addresses."""
    found: dict[str, Any] = {"contact_id": conversation.contact.contact_id if conversation.contact else None}
    if not (conversation.inbox and conversation.inbox.is_email):
        return found
    mail = message.content_attributes.get("email")
    mail = mail if isinstance(mail, dict) else {}
    addressed = _addresses(mail.get("to"))
    known = _ours(conversation.inbox)
    ours = known | {_plain(one) for one in _came_through(mail)}
    if not known and len(addressed) == 1:
        ours |= {_plain(addressed[0])}  # the inbox's own address is not known: the only one written to is it
    senders = (_addresses(mail.get("reply_to")), _addresses(mail.get("from")))
    # A form's mail comes from our own address: answering there would be writing to ourselves.
    theirs = ([address for address in listed if _plain(address) not in ours] for listed in senders)
    to = next(filter(None, theirs), [])
    if not to and conversation.contact and conversation.contact.email:
        to = _addresses(conversation.contact.email)
    seen = {address.lower() for address in to}
    cc = [
        address
        for address in [*addressed, *_addresses(mail.get("cc"))]
        if address.lower() not in seen and _plain(address) not in ours
    ]
    return found | within_bounds(_once(to), _once(cc))


def within_bounds(to: list[str], cc: list[str]) -> dict[str, list[str]]:
    """Above the limit, CC is left out as a whole, not cut. A risk flag tells the person who decides."""
    return {"to": to[:MOST], "cc": cc if len(to) + len(cc) <= MOST else []}


def renewed(draft: Draft) -> dict[str, Any]:
    """The recipients of an undecided draft by what is known now. Addresses that a person chose stay."""
    wanted = for_reply(draft.conversation, draft.in_reply_to)
    if draft.events.filter(action="recipients", by__isnull=False).exists():
        return draft.recipients | {"contact_id": wanted["contact_id"]}
    return wanted


def for_contact_of(conversation: Conversation, recipients: dict[str, Any]) -> dict[str, Any]:
    """The same for the conversation's current contact: contacts are merged while a draft is open."""
    contact = conversation.contact
    return recipients | ({"contact_id": contact.contact_id} if contact else {})


def _ours(inbox: Inbox) -> set[str]:
    """The addresses of all our inboxes there: a mail to two of them has one answer, and none to ourselves."""
    texts = Inbox.objects.filter(source=inbox.source_id).exclude(email="").values_list("email", flat=True)
    return {_plain(part.strip()) for text in texts for part in text.split(",") if part.strip()}


def _came_through(mail: dict[str, Any]) -> list[str]:
    """Our addresses that brought it here, where its headers name them."""
    headers = authorship.mail_headers(mail)
    return [
        one
        for name in ARRIVED_AT
        if (value := headers.get(name))
        for one in authorship.addresses(value.split(","))
    ]


def _plain(address: str) -> str:
    """In lower case, without what follows a plus: support+shop@ is support@."""
    name, _, domain = address.lower().rpartition("@")
    return f"{name.partition('+')[0]}@{domain}"


def for_chatwoot(recipients: dict[str, Any]) -> dict[str, str]:
    """As the API wants them: comma-separated; nothing for chats."""
    fields = {"to_emails": recipients.get("to"), "cc_emails": recipients.get("cc")}
    return {name: ",".join(addresses) for name, addresses in fields.items() if addresses}


def _addresses(value: Any) -> list[str]:
    return addresses.of_header(value)


def checked(inbox: Inbox | None, *, to: Iterable[str], cc: Iterable[str]) -> dict[str, list[str]]:
    """{"to", "cc"} as a person wants them, each address once. Raises Unfit."""
    if not (inbox and inbox.is_email):
        raise Unfit(_("Only email replies have recipients."))
    wanted = {"to": _once(to), "cc": _once(cc)}
    named = {address.lower() for address in wanted["to"]}
    wanted["cc"] = [address for address in wanted["cc"] if address.lower() not in named]
    if not wanted["to"]:
        raise Unfit(_("Enter at least one address under To."))
    everybody = [*wanted["to"], *wanted["cc"]]
    if len(everybody) > MOST:
        raise Unfit(
            _("%(n)s recipients are too many. The limit is %(most)s.") % {"n": len(everybody), "most": MOST}
        )
    for address in everybody:
        _check(address, inbox)
    return wanted


def _check(address: str, inbox: Inbox) -> None:
    if not addresses.is_fit(address):
        raise Unfit(
            _("“%(address)s” is not a valid email address. Write it as name@example.com.")
            % {"address": address[:80]}
        )
    if address.lower() in inbox.addresses:
        raise Unfit(_("%(address)s is this inbox's own address. Remove it.") % {"address": address})


def check_frozen(recipients: dict[str, Any]) -> None:
    """Before they are approved, wherever they came from. Raises Unfit."""
    everybody = [*recipients.get("to", []), *recipients.get("cc", [])]
    if len(everybody) > MOST:
        raise Unfit(
            _("%(n)s recipients are too many. The limit is %(most)s.") % {"n": len(everybody), "most": MOST}
        )
    for address in everybody:
        if not (isinstance(address, str) and addresses.is_fit(address)):
            raise Unfit(
                _("“%(address)s” is not a valid email address. Correct the recipients.")
                % {"address": str(address)[:80]}
            )


def are_the_same(named: dict[str, Any], recipients: dict[str, Any]) -> bool:
    """Whether these are the recipients that somebody names: in any order and case; a contact only where one is named."""
    lists = all(_as_set(named.get(field)) == _as_set(recipients.get(field)) for field in ("to", "cc"))
    contact = named.get("contact_id")
    return lists and contact in (None, recipients.get("contact_id"))


def _as_set(listed: Iterable[str] | None) -> set[str]:
    return {address.strip().lower() for address in listed or []}


def _once(listed: Iterable[str]) -> list[str]:
    """By small letters, in the order given, as it was written first."""
    found: dict[str, str] = {}
    for address in map(str.strip, listed):
        if address:
            found.setdefault(address.lower(), address)
    return list(found.values())
