"""What Chatwoot keeps of an incoming mail beside the message's text: its whole text, its subject, its pictures. Pure."""

import re
from collections.abc import Iterator
from html import unescape
from typing import Any

from .payloads import as_dict

MOST_SCANNED = 300_000  # characters of a mail's HTML that are looked at
# Does not look past the beginning of the next one: else a text of nothing but beginnings takes seconds.
PICTURE = re.compile(r"<img\b[^<>]{0,2000}?\bsrc\s*=\s*[\"']?(https?://[^\"'\s>]{1,2000})", re.IGNORECASE)
LINE_ENDS = re.compile(r"<br\b[^<>]{0,200}>|</(?:p|div|li|tr|h\d|blockquote)>", re.IGNORECASE)
UNSEEN = re.compile(r"<(?:script|style|title)\b", re.IGNORECASE)
UNSEEN_END = re.compile(r"</(?:script|style|title)\s{0,9}>", re.IGNORECASE)
TAG = re.compile(r"</?[a-z!][^<>]{0,2000}>", re.IGNORECASE)
ANSWERING = re.compile(r"\w{1,6}\s?(?:\[\d+\]\s?)?[:：]")  # Re:, AW:, Antw:, 回复：, Re[2]:


def content(payload: dict[str, Any]) -> str:
    """A message's text; of a mail that Chatwoot kept none of, what the mail itself holds.

    Chatwoot cuts a mail down to its reply, and where it finds none the text is empty, whatever the customer wrote.
    """
    text = payload.get("content")
    if isinstance(text, str) and text.strip():
        return text
    mail = as_dict(as_dict(payload.get("content_attributes")).get("email"))
    plain, marked_up = _bodies(mail.get("text_content")), map(_plain, _bodies(mail.get("html_content")))
    found = (body.strip() for bodies in (plain, marked_up) for body in bodies)
    return next(filter(None, found), "")


def subject(attributes: Any) -> str:
    """Of a message's content_attributes."""
    said = as_dict(as_dict(attributes).get("email")).get("subject")
    return said.strip() if isinstance(said, str) else ""


def own_subject(attributes: Any) -> str:
    """The customer's own words; the subject of an answer repeats ours."""
    said = subject(attributes)
    return "" if ANSWERING.match(said) else said


def pictures(attributes: Any) -> list[str]:
    """Addresses in the reply alone, where Chatwoot has it: the whole mail repeats the pictures of those before it."""
    bodies = _bodies(as_dict(as_dict(attributes).get("email")).get("html_content"))
    return list(map(unescape, PICTURE.findall(next(bodies, "")[:MOST_SCANNED])))


def _bodies(kept: Any) -> Iterator[str]:
    """The reply, then the whole; older Chatwoots keep one text."""
    listed = (kept.get("reply"), kept.get("full")) if isinstance(kept, dict) else (kept,)
    return (body for body in listed if isinstance(body, str) and body.strip())


def _plain(html: str) -> str:
    """By hand: an HTML parser takes a quarter of a minute for 60,000 nested tags."""
    first, *more = UNSEEN.split(html[:MOST_SCANNED])
    seen = first + "".join(part for piece in more for part in UNSEEN_END.split(piece, maxsplit=1)[1:])
    return unescape(TAG.sub("", LINE_ENDS.sub("\n", seen)))
