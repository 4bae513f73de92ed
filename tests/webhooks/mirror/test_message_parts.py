"""What a message holds beside its text: shown to people, and read by drafters where it is the customer's words."""

import time
from types import SimpleNamespace
from typing import Any

import pytest

from webhooks.mirror import message_parts
from webhooks.mirror.message_parts import Part


def message(
    content: str = "",
    *,
    kind: str = "incoming",
    content_type: str = "text",
    attachments: Any = (),
    **attributes,
):
    return SimpleNamespace(
        kind=kind,
        content=content,
        content_type=content_type,
        content_attributes=attributes,
        attachments=list(attachments),
    )


def attached(file_type: str, **facts: Any):
    return message(attachments=[{"file_type": file_type, **facts}])


def test_a_voice_messages_transcript_is_the_customers_words():
    voice = attached("audio", data_url="https://chat.example/a.ogg", transcribed_text="It arrived broken.")

    assert message_parts.words(voice) == "It arrived broken."
    assert message_parts.parts(voice)[0] == Part(
        "Voice message", url="https://chat.example/a.ogg", thing=True
    )


@pytest.mark.parametrize(
    ("submitted", "items", "words"),
    [
        ([{"title": "Broken item", "value": "broken"}], [], "Broken item"),
        ([{"name": "order", "value": "4711"}, {"name": "city", "value": "Graz"}], [], "4711\nGraz"),
        ([{"value": 7}], [], "7"),
        ([{"value": 12.5}], [], "12.5"),
        ([{"value": "refund"}], [{"title": "Refund", "value": "refund"}], "Refund"),
        (["refund"], [{"title": "Refund", "value": "refund"}], "Refund"),
        ({"title": "Broken item", "value": "broken"}, [], "Broken item"),
        ({"order": "4711", "city": "Graz"}, [], "4711\nGraz"),
        ([{"name": "agree", "value": True}, {"name": "news", "value": False}], [], "✓\n✗"),
        ([{"name": "colours", "value": ["red", "blue"]}], [], "red, blue"),
        (
            [{"name": "size", "value": "l"}],
            [{"name": "size", "label": "Size", "options": [{"label": "Large", "value": "l"}]}],
            "Large",
        ),
    ],
)
def test_what_a_customer_chose_or_filled_in_is_theirs_though_we_asked(submitted, items, words):
    asked = message(
        "What is it about?", kind="template", content_type="form", submitted_values=submitted, items=items
    )

    assert message_parts.words(asked) == words


def test_a_forms_answer_is_named_by_its_fields_label():
    asked = message(
        kind="template", content_type="form", items=[{"name": "no", "label": "Order number"}],
        submitted_values=[{"name": "no", "value": "4711"}],
    )  # fmt: skip

    assert message_parts.parts(asked)[0] == Part("Order number", "4711", words=True)


def test_an_address_that_was_left_is_the_customers():
    asked = message(
        "Your email?", kind="template", content_type="input_email", submitted_email="eve@example.net"
    )

    assert message_parts.words(asked) == "eve@example.net"


@pytest.mark.parametrize(
    ("facts", "text", "url"),
    [
        ({"coordinates_lat": 52.5163, "coordinates_long": 13.3777, "fallback_title": "", "data_url": None},
         "52.51630, 13.37770", "https://www.openstreetmap.org/?mlat=52.5163&mlon=13.3777#map=16/52.5163/13.3777"),
        ({"coordinates_lat": 52.5, "coordinates_long": 13.4, "fallback_title": "Depot", "data_url": "https://maps.example/x"},
         "Depot (52.50000, 13.40000)", "https://maps.example/x"),
        ({"coordinates_lat": 0, "coordinates_long": 0.0, "fallback_title": "Example Road 1"}, "Example Road 1", ""),
        ({"coordinates_lat": "52.5163", "coordinates_long": "13.3777"}, "52.51630, 13.37770",
         "https://www.openstreetmap.org/?mlat=52.5163&mlon=13.3777#map=16/52.5163/13.3777"),
        ({"coordinates_lat": "52", "coordinates_long": True}, "", ""),
        ({"coordinates_lat": "north", "coordinates_long": "east"}, "", ""),
        ({"coordinates_lat": "nan", "coordinates_long": 1e300}, "", ""),
    ],
)  # fmt: skip
def test_a_pin_shows_its_title_and_where_it_is(facts, text, url):
    (part,) = message_parts.parts(attached("location", **facts))

    assert (part.text, part.url) == (text, url)


@pytest.mark.parametrize(
    "name",
    [{"first_name": "Kim", "last_name": "Doe"}, {"firstName": "Kim", "lastName": "Doe"}],
    ids=["in Telegram's spelling", "in WhatsApp's"],
)
def test_a_contact_card_shows_name_and_number(name):
    card = attached("contact", fallback_title="+49 151 0000000", meta=name)

    assert message_parts.parts(card)[0].text == "Kim Doe · +49 151 0000000"


def test_pictures_of_a_mail_that_are_no_attachments_are_shown():
    mail = message(
        "Look:\n[image: image.png]", content_type="incoming_email",
        email={"html_content": {"full": '<p>Look:<img width=1 src="https://chat.example/abc/image.png?a=1&amp;b=2"></p>'}},
    )  # fmt: skip

    assert message_parts.parts(mail) == [
        Part("Picture", url="https://chat.example/abc/image.png?a=1&b=2", picture=True, thing=True)
    ]


def test_a_picture_written_as_markdown_is_shown_and_is_no_word():
    sent = message("Here ![the box](https://chat.example/x.png)")

    assert message_parts.words(sent) == "Here"
    assert message_parts.parts(sent) == [
        Part("Picture", "the box", "https://chat.example/x.png", picture=True, thing=True)
    ]


def test_the_story_that_is_answered_is_linked():
    assert message_parts.parts(message("how much?", story_url="https://cdn.example/s.jpg")) == [
        Part("The story it answers", url="https://cdn.example/s.jpg")
    ]


def test_a_cards_buttons_are_shown_with_where_they_lead():
    buttons = [
        {"type": "link", "text": "Buy it", "uri": "https://shop.example/1"},
        {"type": "postback", "text": "More"},
        7,
        {},
    ]
    card = message(kind="outgoing", content_type="cards", items=[{"title": "Red shoe", "actions": buttons}])

    assert message_parts.parts(card) == [
        Part("Card", "Red shoe"), Part("Button", "Buy it", "https://shop.example/1"), Part("Button", "More"),
    ]  # fmt: skip


def test_cards_and_choices_show_what_the_customer_saw():
    cards = message(
        kind="outgoing", content_type="cards", items=[{"title": "Red shoe", "description": "39 EUR"}]
    )
    choices = message(
        kind="template", content_type="input_select", items=[{"title": "Refund", "value": "refund"}]
    )

    assert message_parts.parts(cards) == [Part("Card", "Red shoe · 39 EUR")]
    assert message_parts.parts(choices) == [Part("Choice", "Refund")]


def test_what_chatwoot_cannot_show_says_what_to_do():
    assert message_parts.parts(message(is_unsupported=True))[0].label == message_parts.UNSUPPORTED


def test_quoted_mail_is_not_the_customers():
    assert message_parts.words(message("Thanks!\n\n> You can return anything.")) == "Thanks!"


def test_our_own_text_is_not_the_customers():
    assert message_parts.words(message("You can return anything.", kind="outgoing")) == ""


@pytest.mark.parametrize(
    ("sent", "line"),
    [
        (attached("image", data_url="https://chat.example/x.png"), "Picture"),
        (attached("audio", transcribed_text="Broken.\nAll of it."), "Broken. All of it."),
        (message(is_unsupported=True), message_parts.UNSUPPORTED),
        (message(), ""),
    ],
)
def test_a_list_says_in_one_line_what_was_sent(sent, line):
    assert message_parts.line(sent) == line


@pytest.mark.parametrize("number", [201001, "201001"], ids=["as the dashboard sends it", "as forms do"])
def test_a_number_names_the_message_that_is_answered(number):
    assert message_parts.in_reply_to(message("no", in_reply_to=number)) == 201001


@pytest.mark.parametrize("number", [True, "seven", "²", "9" * 5000, -1, 0, None, {}], ids=str)
def test_only_a_number_names_the_message_that_is_answered(number):
    assert message_parts.in_reply_to(message("no", in_reply_to=number)) is None


@pytest.mark.parametrize(
    "odd", [None, "x", 7, [None, 7, "x", []], {"items": 3}, [{"file_type": {}, "meta": 7}]]
)
def test_odd_details_are_left_out(odd):
    for kind in ("incoming", "template"):
        whole = SimpleNamespace(
            kind=kind, content="hi", content_type="cards", attachments=odd,
            content_attributes={"items": odd, "submitted_values": odd, "email": odd, "story_url": odd, "submitted_email": odd},
        )  # fmt: skip
        assert isinstance(message_parts.parts(whole), list)
        whole.content_attributes = odd
        assert isinstance(message_parts.words(whole), str)


def test_a_link_that_is_no_web_address_is_no_link():
    assert message_parts.parts(attached("file", data_url="javascript:alert(1)"))[0].url == ""
    assert message_parts.parts(message("x", story_url="data:text/html,x")) == []


@pytest.mark.parametrize("address", ["https://[bad/file.pdf", "https://[::1", "http://]/x.png"])
def test_an_address_that_none_can_open_is_no_link_and_no_error(address):
    named = {"data_url": address, "external_url": address, "fallback_title": ""}
    for kind in (*message_parts.NAMES, "unknown"):
        assert message_parts.line(attached(kind, **named))
    html = {"html_content": {"full": f'<img src="{address}">'}}
    shown = message_parts.parts(message(f"![x]({address})", story_url=address, email=html))

    assert [part.url for part in shown if part.url] == []


@pytest.mark.parametrize(
    ("card", "name"),
    [
        ({"formatted_name": "Kim Doe"}, "Kim Doe"),
        ({"name": {"first_name": "Kim"}}, "Kim"),
        ({"name": "Kim"}, "Kim"),
    ],
)
def test_a_contact_card_may_keep_its_name_in_other_places(card, name):
    assert (
        message_parts.parts(attached("contact", fallback_title="+49 151", meta=card))[0].text
        == f"{name} · +49 151"
    )


@pytest.mark.parametrize("content_type", ["input_text", "input_textarea"])
def test_what_a_customer_typed_into_a_field_of_ours_is_theirs(content_type):
    asked = message(kind="template", content_type=content_type, submitted_values=[{"value": "blue"}])

    assert message_parts.words(asked) == "blue"


def test_a_transcript_may_stand_in_the_attachments_details():
    assert message_parts.words(attached("audio", meta={"transcribed_text": "It broke."})) == "It broke."


@pytest.mark.parametrize(
    ("status", "label"), [("no-answer", "Call that nobody answered"), ("completed", "Phone call")]
)
def test_a_call_is_shown_as_one(status, label):
    call = message(content_type="voice_call", data={"status": status})

    assert message_parts.line(call) == label


@pytest.mark.parametrize("beginning", ["![", "<img ", "<img src=", "![a]("])
def test_time_for_pictures_grows_with_the_length_alone(beginning):
    text = beginning * (149_000 // len(beginning))
    began = time.process_time()

    message_parts.parts(message(text, email={"html_content": {"full": text}}))

    assert time.process_time() - began < 0.3


def test_a_forms_fields_are_shown_until_they_are_filled_in():
    fields = [{"name": "no", "label": "Order number"}]
    asked = message(kind="template", content_type="form", items=fields)
    filled = message(
        kind="template", content_type="form", items=fields, submitted_values=[{"name": "no", "value": "7"}]
    )

    assert message_parts.parts(asked) == [Part("Field", "Order number")]
    assert message_parts.parts(filled) == [Part("Order number", "7", words=True)]
