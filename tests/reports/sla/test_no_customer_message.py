"""Rule 9: what comes from the customer's side and is no message of theirs; and what looks like it and is one."""

import pytest

from webhooks.mirror import authorship

STICKER, PICTURE = {"file_type": "sticker"}, {"file_type": "image"}


def facts(**about) -> dict:
    return {"kind": "incoming", "private": False, "content": "Hello", "content_type": "text"} | about


def mail(**about) -> dict:
    return facts(content_type="incoming_email", content_attributes={"email": about})


NONE = [
    ("a reaction", facts(content_attributes={"is_reaction": True})),
    ("a sticker alone", facts(content="", attachments=[STICKER])),
    ("a CSAT answer", facts(content_type="input_csat")),
    ("an auto-reply", mail(auto_reply=True)),
    ("a bounce", mail(content_type="multipart/report; report-type=delivery-status")),
    ("an absence notice", mail(headers={"Auto-Submitted": "auto-replied"})),
    ("an autoresponder's", mail(headers={"X-Autoreply": "yes"})),
    ("bulk mail", mail(headers={"Precedence": "bulk"})),
]
ONES = [
    ("words", facts()),
    ("a picture alone", facts(content="", attachments=[PICTURE])),
    ("a sticker with words", facts(attachments=[STICKER])),
    ("a sticker and a picture", facts(content="", attachments=[STICKER, PICTURE])),
    ("an answer to an absence notice", mail(subject="Re: Out of office", **{"from": ["ada@example.com"]})),
    ("from no-reply, as a form writes", mail(**{"from": ["no-reply@example.com"]})),
    ("a subject like a machine's", mail(subject="Automatische Antwort: Ihre Bestellung")),
    ("a question about being away", mail(subject="My order while I am out of office")),
]


@pytest.mark.parametrize("message", [row[1] for row in NONE], ids=[row[0] for row in NONE])
def test_9_is_no_customer_message(message):
    assert not authorship.is_customer_message(message)


@pytest.mark.parametrize("message", [row[1] for row in ONES], ids=[row[0] for row in ONES])
def test_9_is_a_customer_message(message):
    assert authorship.is_customer_message(message)
