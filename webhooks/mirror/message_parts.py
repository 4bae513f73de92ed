"""What a message holds beside its text, and which of it are the customer's words. Pure.

Chatwoot keeps much of what a customer sent outside `content`: transcripts of voice messages, choices and forms, pins, contact
cards, stories, pictures inside a mail. Pages show `parts`; drafters, search and signals read `words`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import unquote, urlsplit

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ..parsing import identifier
from . import authorship, mail_parts, quoted_mail

MOST = 50  # parts of one message; more are no message to a person
HALF_TURN = 180  # degrees: no latitude or longitude is greater
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
# Does not look past the beginning of the next one: else a text of nothing but beginnings takes seconds.
PICTURE_IN_TEXT = re.compile(r"!\[([^\[\]\n]{0,200})\]\((https?://[^\s()<>]{1,2000})\)")
ADDRESS = re.compile(r"https?://\S+\Z", re.IGNORECASE)


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

    words: the customer's own, to be read by the person who answers and by drafters. thing: it was sent, not said.
    """

    label: str
    text: str = ""
    url: str = ""
    picture: bool = False
    words: bool = False
    thing: bool = False


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
    if not (
        message.content_type == "form" and attributes.get("submitted_values")
    ):  # they stand beside their answers
        yield from _items(message.content_type, attributes)
    for attachment in _list(message.attachments):
        yield from _attachment(_dict(attachment))
    yield from (
        Part(_("Picture"), alt.strip(), url, picture=True, thing=True)
        for alt, url in PICTURE_IN_TEXT.findall(message.content or "")
        if _web(url)
    )
    for address in filter(_web, mail_parts.pictures(attributes)):
        yield Part(_("Picture"), url=address, picture=True, thing=True)
    if story := _web(attributes.get("story_url")):
        yield Part(_("The story it answers"), url=story)
    if message.content_type == "voice_call":
        untaken = authorship.is_untaken_call(vars(message))
        yield Part(_("Call that nobody answered") if untaken else _("Phone call"), thing=True)
    if attributes.get("is_unsupported"):
        yield Part(str(UNSUPPORTED), thing=True)


def words(message: Holds) -> str:
    """What the customer says with it: own lines without quoted mail, transcripts, choices, names of places and people."""
    said = [_own_lines(message), *(part.text for part in parts(message) if part.words)]
    return "\n".join(dict.fromkeys(filter(None, said)))


def _own_lines(message: Holds) -> str:
    if message.kind != "incoming":
        return ""
    own = PICTURE_IN_TEXT.sub(" ", quoted_mail.own(_text(message.content))).strip()
    return own or mail_parts.own_subject(message.content_attributes)


def says_something(message: Holds) -> bool:
    """In words that can be answered: text, a transcript, a choice. The name of a place or of a contact is none."""
    return bool(_own_lines(message)) or any(part.words and not part.thing for part in parts(message))


def things(message: Holds) -> list[str]:
    """What was sent beside words, each by its name once."""
    return list(dict.fromkeys(part.label for part in parts(message) if part.thing))


def line(message: Holds) -> str:
    """One line for a list: the text, else the words in what was sent, else what it is.

    A text is enough: lists must not load the HTML of every mail in them.
    """
    text = PICTURE_IN_TEXT.sub(" ", quoted_mail.own(message.content or ""))
    if message.content_type in FORMS:  # the text is our question
        text = words(message) or text
    if found := " ".join(
        (text.strip() or words(message) or mail_parts.subject(message.content_attributes)).split()
    ):
        return found
    labels = [part.label + (f": {part.text}" if part.text else "") for part in parts(message)]
    return ", ".join(labels)


# Our messages onto which Chatwoot writes the customer's answer.
FORMS = ("input_select", "form", "input_email", "input_text", "input_textarea")


def submitted(facts: dict[str, Any]) -> str:
    """What the customer filled in on a form that a person or our bot sent; empty where nothing.

    Not on Chatwoot's own templates: an address that it asks for, or a survey's rating, asks nothing of us.
    facts: as authorship.is_customer_message takes them.
    """
    is_form = facts.get("kind") == "outgoing" and facts.get("content_type") in FORMS
    if not is_form or facts.get("private") or facts.get("deleted"):
        return ""
    return "\n".join(part.text for part in _answers(_dict(facts.get("content_attributes"))))


def in_reply_to(message: Holds) -> int | None:
    """The message that it answers, by Chatwoot's number, where the channel says so."""
    return identifier(_dict(message.content_attributes).get("in_reply_to")) or None


def _answers(attributes: dict[str, Any]) -> Iterator[Part]:
    """An input_select's or form's answer, an address left: Chatwoot writes them onto the message that asked."""
    fields = [_dict(item) for item in _list(attributes.get("items"))]
    labels = {str(field.get("name")): _text(field.get("label")) for field in fields}
    for name, given in _submitted(attributes.get("submitted_values")):
        if text := _given(given, fields):
            yield Part(labels.get(name) or name or _("The customer chose"), text, words=True)
    if email := _text(attributes.get("submitted_email")):
        yield Part(_("The customer's email address"), email, words=True)


def _submitted(values: Any) -> Iterator[tuple[str, Any]]:
    """(field's name, its value). Chatwoot lists them; API clients send one object, or the values alone."""
    if isinstance(values, dict) and not {"title", "value"} & values.keys():
        yield from values.items()
        return
    for one in values if isinstance(values, list) else [values]:
        value = _dict(one)
        yield (_text(value.get("name")), value.get("title") or value.get("value")) if value else ("", one)


def _given(value: Any, fields: list[dict[str, Any]]) -> str:
    """What the customer saw of what they chose: an option's title, not the value behind it."""
    if isinstance(value, list):
        return ", ".join(filter(None, (_given(one, fields) for one in value)))
    if isinstance(value, bool):
        return "✓" if value else "✗"  # in no language: digests of it are compared between pages and workers
    text = str(value) if isinstance(value, float) else _text(value)
    options = [*fields, *(_dict(option) for field in fields for option in _list(field.get("options")))]
    called = (
        _text(one.get("title") or one.get("label")) for one in options if _text(one.get("value")) == text
    )
    return next(filter(None, called), text) if text else ""


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
        yield Part(
            label, " · ".join(dict.fromkeys(filter(None, (_name(meta), title)))), url, words=True, thing=True
        )
    else:
        name = title or (_file_name(url) if kind == "file" else "")
        yield Part(label, name, url, picture=kind in ("image", "sticker") and bool(url), thing=True)
        meta = _dict(attachment.get("meta"))
        if transcript := _text(attachment.get("transcribed_text")) or _text(meta.get("transcribed_text")):
            yield Part(_("Transcript"), transcript, words=True)


def _name(card: dict[str, Any]) -> str:
    """As WhatsApp, Telegram and bridges have it, each with its own keys."""
    if isinstance(card.get("name"), dict):
        card = card | card["name"]
    first = card.get("first_name") or card.get("firstName")
    last = card.get("last_name") or card.get("lastName")
    whole = card.get("formatted_name") or card.get("name")
    return " ".join(filter(None, map(_text, (first, last)))) if first or last else _text(whole)


def _file_name(url: str) -> str:
    """Chatwoot's addresses of files end with their name, and nothing else says it."""
    name = unquote(urlsplit(url).path.rpartition("/")[2])
    return name if "." in name else ""


def _location(attachment: dict[str, Any], title: str, url: str) -> Part:
    north, east = map(_degrees, (attachment.get("coordinates_lat"), attachment.get("coordinates_long")))
    if (
        north is None or east is None or not (north or east)
    ):  # Chatwoot's columns hold 0, 0 where there are none
        return Part(_("Location"), title, url, words=bool(title), thing=True)
    here = f"{north:.5f}, {east:.5f}"
    map_of = f"https://www.openstreetmap.org/?mlat={north}&mlon={east}#map=16/{north}/{east}"
    return Part(_("Location"), f"{title} ({here})" if title else here, url or map_of, words=True, thing=True)


def _degrees(value: Any) -> float | None:
    """A number, or one as text. None where it is neither, or on no globe."""
    try:
        found = float(value) if isinstance(value, int | float | str) and not isinstance(value, bool) else None
    except (ValueError, OverflowError):
        return None
    return found if found is not None and abs(found) <= HALF_TURN else None


def _web(address: Any) -> str:
    if not isinstance(address, str) or not ADDRESS.match(address):
        return ""
    try:
        urlsplit(address)
    except ValueError:  # https://[x: one such address must not take the whole queue from everybody
        return ""
    return address


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
