"""What a message holds beside its text, and which of it are the customer's words. Pure.

Chatwoot keeps much of what a customer sent outside `content`: transcripts of voice messages, choices and forms, pins, contact
cards, stories, pictures inside a mail. Pages show `parts`; drafters, search and signals read `words`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from typing import Any, Protocol
from urllib.parse import unquote, urlsplit

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ..parsing import identifier
from . import quoted_mail

MOST = 50  # parts of one message; more are no message to a person
HALF_TURN = 180  # degrees: no latitude or longitude is greater
MOST_DIGITS = 19  # of a number of Chatwoot's
MOST_SCANNED = 300_000  # characters of a mail's HTML in which pictures are looked for
UNSUPPORTED = gettext_lazy(
    "Chatwoot cannot show this message. Ask the customer, or look in the channel's own app."
)
NAMES = {
    "image": gettext_lazy("Picture"),
    "audio": gettext_lazy("Voice message"),
    "video": gettext_lazy("Video"),
    "file": gettext_lazy("File"),
    "location": gettext_lazy("Location"),
    "contact": gettext_lazy("Contact card"),
    "sticker": gettext_lazy("Sticker"),
    "share": gettext_lazy("Shared post"),
    "story_mention": gettext_lazy("Story that mentions you"),
    "ig_reel": gettext_lazy("Reel"),
    "ig_story": gettext_lazy("Story"),
    "ig_post": gettext_lazy("Post"),
    "ig_story_reply": gettext_lazy("Story"),
    "embed": gettext_lazy("Shared content"),
    "fallback": gettext_lazy("Shared link"),
}
PICTURE_IN_HTML = re.compile(
    r"<img\b[^>]{0,2000}?\bsrc\s*=\s*[\"']?(https?://[^\"'\s>]{1,2000})", re.IGNORECASE
)
PICTURE_IN_TEXT = re.compile(r"!\[([^\]\n]{0,200})\]\((https?://[^\s()<>]{1,2000})\)")
ADDRESS = re.compile(r"https?://\S+\Z")


class Holds(Protocol):
    """A message as the mirror has it."""

    kind: str
    content: str
    content_type: str
    content_attributes: Any
    attachments: Any


@dataclass(frozen=True)
class Part:
    """label: what it is. text: words in it. url: where it is, http or https. picture: to be shown, not only linked.

    words: the customer's own, to be read by the person who answers and by drafters.
    """

    label: str
    text: str = ""
    url: str = ""
    picture: bool = False
    words: bool = False


def parts(message: Holds) -> list[Part]:
    """In the order in which a reader wants them: what was chosen, what was attached, what it belongs to."""
    found: list[Part] = []
    for part in _all(message):
        if part not in found:
            found.append(part)
        if len(found) == MOST:
            break
    return found


def _all(message: Holds) -> Iterator[Part]:
    attributes = _dict(message.content_attributes)
    yield from _answers(attributes)
    yield from _items(message.content_type, attributes)
    for attachment in _list(message.attachments):
        yield from _attachment(_dict(attachment))
    yield from (
        Part(_("Picture"), alt.strip(), url, picture=True)
        for alt, url in PICTURE_IN_TEXT.findall(message.content or "")
    )
    yield from _pictures_of_mail(_dict(attributes.get("email")))
    if story := _web(attributes.get("story_url")):
        yield Part(_("The story it answers"), url=story)
    if attributes.get("is_unsupported"):
        yield Part(str(UNSUPPORTED))


def words(message: Holds) -> str:
    """What the customer says with it: own lines without quoted mail, transcripts, choices, names of places and people."""
    own = quoted_mail.own(_text(message.content)).strip() if message.kind == "incoming" else ""
    said = [PICTURE_IN_TEXT.sub(" ", own).strip(), *(part.text for part in parts(message) if part.words)]
    return "\n".join(dict.fromkeys(filter(None, said)))


def line(message: Holds) -> str:
    """One line for a list: the text, else the words in what was sent, else what it is.

    A text is enough: lists must not load the HTML of every mail in them.
    """
    text = PICTURE_IN_TEXT.sub(" ", quoted_mail.own(message.content or ""))
    if found := " ".join((text.strip() or words(message)).split()):
        return found
    labels = [part.label + (f": {part.text}" if part.text else "") for part in parts(message)]
    return ", ".join(labels)


FORMS = (
    "input_select",
    "form",
    "input_email",
)  # outgoing messages onto which Chatwoot writes the customer's answer


def in_reply_to(message: Holds) -> int | None:
    """The message that it answers, by Chatwoot's number, where the channel says so."""
    number = _dict(message.content_attributes).get("in_reply_to")
    if isinstance(number, str) and number.isascii() and number.isdigit():  # as forms and API clients send it
        number = int(number[:MOST_DIGITS])
    return identifier(number) or None


def _answers(attributes: dict[str, Any]) -> Iterator[Part]:
    """An input_select's or form's answer, an address left: Chatwoot writes them onto the message that asked."""
    submitted = attributes.get("submitted_values")
    titles = {
        str(_dict(item).get("name")): _text(_dict(item).get("label"))
        for item in _list(attributes.get("items"))
    }
    for item in _list(submitted):
        value = _dict(item)
        name, text = _text(value.get("name")), _text(value.get("title")) or _text(value.get("value"))
        if text:
            yield Part(titles.get(name) or name or _("The customer chose"), text, words=True)
    if email := _text(attributes.get("submitted_email")):
        yield Part(_("The customer's email address"), email, words=True)


def _items(content_type: str, attributes: dict[str, Any]) -> Iterator[Part]:
    """What cards, articles and choices offered: what the customer saw before they wrote."""
    label = {
        "cards": _("Card"),
        "article": _("Article"),
        "input_select": _("Choice"),
        "form": _("Field"),
    }.get(content_type)
    for item in _list(attributes.get("items")) if label else []:
        card = _dict(item)
        text = " · ".join(
            filter(None, map(_text, (card.get("title") or card.get("label"), card.get("description"))))
        )
        if text:
            yield Part(str(label), text, _web(card.get("link")) or _web(card.get("media_url")))
        for action in map(_dict, _list(card.get("actions"))):
            if offered := _text(action.get("text")):
                yield Part("Button", offered, _web(action.get("uri")))


def _attachment(attachment: dict[str, Any]) -> Iterator[Part]:
    kind, title = _text(attachment.get("file_type")), _text(attachment.get("fallback_title"))
    label = str(NAMES.get(kind, "")) or (kind.replace("_", " ").capitalize() or _("Attachment"))
    url = _web(attachment.get("data_url")) or _web(attachment.get("external_url"))
    if kind == "location":
        yield _location(attachment, title, url)
    elif kind == "contact":
        meta = _dict(attachment.get("meta"))
        first = meta.get("first_name") or meta.get("firstName") or meta.get("name")
        name = " ".join(filter(None, map(_text, (first, meta.get("last_name") or meta.get("lastName")))))
        yield Part(label, " · ".join(dict.fromkeys(filter(None, (name, title)))), url, words=True)
    else:
        name = title or (_file_name(url) if kind == "file" else "")
        yield Part(label, name, url, picture=kind in ("image", "sticker") and bool(url))
        if transcript := _text(attachment.get("transcribed_text")):
            yield Part(_("Transcript"), transcript, words=True)


def _file_name(url: str) -> str:
    """Chatwoot's addresses of files end with their name, and nothing else says it."""
    name = unquote(urlsplit(url).path.rpartition("/")[2])
    return name if "." in name else ""


def _location(attachment: dict[str, Any], title: str, url: str) -> Part:
    north, east = map(_degrees, (attachment.get("coordinates_lat"), attachment.get("coordinates_long")))
    if (
        north is None or east is None or not (north or east)
    ):  # Chatwoot's columns hold 0, 0 where there are none
        return Part(_("Location"), title, url, words=bool(title))
    here = f"{north:.5f}, {east:.5f}"
    map_of = f"https://www.openstreetmap.org/?mlat={north}&mlon={east}#map=16/{north}/{east}"
    return Part(_("Location"), f"{title} ({here})" if title else here, url or map_of, words=True)


def _degrees(value: Any) -> float | None:
    """A number, or one as text. None where it is neither, or on no globe."""
    try:
        found = float(value) if isinstance(value, int | float | str) and not isinstance(value, bool) else None
    except (ValueError, OverflowError):
        return None
    return found if found is not None and abs(found) <= HALF_TURN else None


def _pictures_of_mail(mail: dict[str, Any]) -> Iterator[Part]:
    html = _dict(mail.get("html_content"))
    # The reply alone, where Chatwoot has it: the full mail repeats the pictures of those before it.
    text = _text(html.get("reply")) or _text(html.get("full"))
    for address in PICTURE_IN_HTML.findall(text[:MOST_SCANNED]):
        yield Part(_("Picture"), url=unescape(address), picture=True)


def _web(address: Any) -> str:
    return address if isinstance(address, str) and ADDRESS.match(address) else ""


def _text(value: Any) -> str:
    return (
        value.strip()
        if isinstance(value, str)
        else str(value)
        if isinstance(value, int) and value is not True
        else ""
    )


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
