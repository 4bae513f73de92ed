"""Whose a message is: a person's answer, the customer's, or a machine's. Pure: facts of a message → yes or no.

facts are a message's values as the fold keeps them, or a payload of Chatwoot's with the same names.
"""

import re
from collections.abc import Iterable
from email.parser import HeaderParser
from email.utils import parseaddr
from typing import Any

from .payloads import as_dict

# What only makes a mail doubtful: contact forms write from no-reply@, and people have such subjects (looks_automatic).
NO_REPLY_MARKS = ("mailer-daemon", "no-reply", "noreply", "do-not-reply", "donotreply", "postmaster")
AWAY_SUBJECTS = (  # how a mailbox answers by itself; a person's reply begins with Re: or AW:
    "out of office", "automatic reply", "auto-reply", "autoreply", "auto:", "abwesenheitsnotiz", "automatische antwort",
    "undeliverable", "undelivered mail", "delivery status notification", "mail delivery failed", "unzustellbar",
    "réponse automatique", "absence du bureau", "respuesta automática", "fuera de la oficina", "resposta automática",
    "risposta automatica", "automatisch antwoord", "automatiskt svar", "automatisk svar", "odpowiedź automatyczna",
)  # fmt: skip
AUTOMATIC_HEADERS = ("x-autoreply", "x-autorespond", "x-autoresponder", "x-auto-reply")
# Senders that are no person, as Chatwoot's sender_type and its payloads' `type` name them, in lower case.
MACHINE_SENDERS = ("agent_bot", "agentbot", "captain")
TAKEN_CALLS = ("answered", "in-progress", "completed")


def outside_name(attributes: Any) -> str:
    """Of a colleague who answers outside Chatwoot, as the bridge gives it. attributes: a message's content_attributes."""
    said = as_dict(attributes).get("external_sender_name")
    return said.strip() if isinstance(said, str) else ""


def is_person_answer(facts: dict[str, Any]) -> bool:
    """Public, outgoing and by a person (design, section 5): the one predicate of queue, clocks, staleness and sending.

    A person is a user, or nobody known with the marks of a channel's own app, Slack or a bridge. An answer that was
    deleted later stays one: the customer had it, and what was decided by it stays decided.
    facts: kind, private, sender {"type"}, content_type, content_attributes, additional_attributes, status; and marks,
    which a deletion does not take away ("by_machine", "by_app").
    """
    attributes = as_dict(facts.get("content_attributes"))
    return (
        facts.get("kind") == "outgoing"
        and not facts.get("private")
        and _is_by_person(facts)
        and facts.get("content_type") != "input_csat"
        and not is_untaken_call(facts)
        and not attributes.get("is_reaction")
        and not attributes.get("external_error")
        and facts.get("status") != "failed"
    )


def _is_by_person(facts: dict[str, Any]) -> bool:
    if facts.get("by_machine") or is_by_machine(facts):
        return False
    who = str(as_dict(facts.get("sender")).get("type") or "").lower()
    if who == "user":
        return True
    return not who.startswith(MACHINE_SENDERS) and bool(facts.get("by_app") or is_by_app(facts))


def is_by_machine(facts: dict[str, Any]) -> bool:
    """An automation rule or a campaign wrote it, no matter who it names as its sender."""
    content, additional = (
        as_dict(facts.get("content_attributes")),
        as_dict(facts.get("additional_attributes")),
    )
    return any(
        named.get(mark) for named in (content, additional) for mark in ("automation_rule_id", "campaign_id")
    )


def is_by_app(facts: dict[str, Any]) -> bool:
    """Written outside Chatwoot by a colleague: in the channel's own app, in Slack, or on a phone behind a bridge."""
    attributes = as_dict(facts.get("content_attributes"))
    sources = as_dict(facts.get("external_source_ids"))
    return bool(
        attributes.get("external_echo") or attributes.get("external_sender_name") or sources.get("slack")
        or facts.get("external_source_id_slack")
    )  # fmt: skip


def is_untaken_call(facts: dict[str, Any]) -> bool:
    if facts.get("content_type") != "voice_call":
        return False
    status = as_dict(as_dict(facts.get("content_attributes")).get("data")).get("status")
    return str(status or "").lower().replace("_", "-") not in TAKEN_CALLS


def is_customer_message(facts: dict[str, Any]) -> bool:
    """Public and incoming; not a reaction, a lone sticker, a CSAT answer, a call that was taken, or automatic mail."""
    attributes = as_dict(facts.get("content_attributes"))
    return (
        facts.get("kind") == "incoming"
        and not facts.get("private")
        and facts.get("content_type") != "input_csat"
        and not attributes.get("is_reaction")
        and not is_automatic_mail(facts)
        and not is_sticker(facts)
        and not (facts.get("content_type") == "voice_call" and not is_untaken_call(facts))
        and not facts.get("deleted")
    )


def is_automatic_mail(facts: dict[str, Any]) -> bool:
    """By Chatwoot's own flag and the standard headers (RFC 3834, 3464, 5321), never by a subject or an address."""
    attributes = as_dict(facts.get("content_attributes"))
    mail = as_dict(attributes.get("email"))
    if attributes.get("auto_reply") is True or mail.get("auto_reply") is True:
        return True
    headers = mail_headers(mail)
    submitted = re.split(r"[;(]", headers.get("auto-submitted", "no"))[0].strip()
    return (
        submitted not in ("", "no", "false")
        or any(headers.get(name, "no") not in ("", "no", "false", "0") for name in AUTOMATIC_HEADERS)
        or headers.get("precedence") in ("auto_reply", "auto-reply")
        # A mailing list that people write to says so, too: its mail is doubtful, not a machine's.
        or (headers.get("precedence") in ("bulk", "junk") and "list-post" not in headers)
        or headers.get("return-path") == "<>"
        or str(mail.get("content_type") or "").lower().startswith("multipart/report")
    )


def looks_automatic(facts: dict[str, Any]) -> bool:
    """A customer's mail that may still be a machine's. It waits like any other, marked."""
    mail = as_dict(as_dict(facts.get("content_attributes")).get("email"))
    if not mail or not is_customer_message(facts):
        return False
    headers = mail_headers(mail)
    if any(name.startswith("list-") for name in headers) or headers.get("precedence") == "list":
        return True
    if str(mail.get("subject") or "").strip().lower().startswith(AWAY_SUBJECTS):
        return True
    origin = addresses(mail.get("from"))
    answers = [address for address in addresses(mail.get("reply_to")) if address not in origin]
    return not answers and any(address.partition("@")[0] in NO_REPLY_MARKS for address in origin)


def mail_headers(mail: dict[str, Any]) -> dict[str, str]:
    """In lower case. Chatwoot has them as an object; forks and gateways as text, a list, or several values of one name."""
    found: dict[str, str] = {}
    for name, value in _named_headers(mail.get("headers")):
        while isinstance(value, list | dict):  # of several the first, as mail programs read it
            value = value.get("value") if isinstance(value, dict) else next(iter(value), None)
        if value is not None:
            found.setdefault(str(name).lower().replace("_", "-"), str(value).strip().lower())
    return found


def _named_headers(listed: Any) -> Iterable[tuple[Any, Any]]:
    if isinstance(listed, str):
        return HeaderParser().parsestr(listed).items()
    if not isinstance(listed, list):
        return as_dict(listed).items()
    pairs = [(one.get("name"), one.get("value")) for one in listed if isinstance(one, dict)]
    return pairs + [(one[0], one[1]) for one in listed if isinstance(one, list) and len(one) == 2]


def addresses(value: Any) -> list[str]:
    """Of an email's field, in lower case."""
    listed = value if isinstance(value, list) else [value]
    found = (parseaddr(one)[1] or one for one in listed if isinstance(one, str))
    return [address.strip().lower() for address in found if "@" in address]


def is_sticker(facts: dict[str, Any]) -> bool:
    """Nothing but stickers. A picture may show what is broken: it is a message."""
    attached = facts.get("attachments") or []
    return (
        not str(facts.get("content") or "").strip()
        and bool(attached)
        and (
            facts.get("content_type") == "sticker"
            or all(as_dict(one).get("file_type") == "sticker" for one in attached)
        )
    )
