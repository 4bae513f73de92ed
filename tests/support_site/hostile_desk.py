"""A desk whose customers write code in every field that is mirrored from Chatwoot, and a reader that finds it."""

from html.parser import HTMLParser
from typing import Any

from django.test import Client

from knowledge.replies import escalations
from tests.factories import (
    NOW,
    conversation_object,
    deliver,
    later,
    make_approved,
    make_draft,
    make_inbox,
    make_lead,
    make_source,
    message_event,
    signed,
)
from webhooks.models import Delivery, Inbox, Message

MARK = "alert(7)"
CODE = f"""x"'><xss-7></xss-7><script>{MARK}</script><img src=x onerror={MARK}> `${{{MARK}}}` {{{{ 7*7 }}}}"""
ADDRESS = f"javascript:{MARK}"
LINKS = f"[click]({ADDRESS}) ![i]({ADDRESS}) <a href='{ADDRESS}'>a</a> <{ADDRESS}> {ADDRESS}"
FORMULA = "=HYPERLINK(1)"
ADDRESSED = {
    "href",
    "src",
    "action",
    "formaction",
    "data",
    "srcdoc",
    "xlink:href",
    "hx-get",
    "hx-post",
    "poster",
}
RUNS = ("x-", "@", ":", "on", "hx-on", "hx-vals", "hx-headers")


def make_desk() -> None:
    """Two conversations: one waits with a draft, one was approved, escalated and failed; a dead delivery, a refused one."""
    source = make_source()
    type(source).objects.update(sender_name=CODE[:200], chatwoot_version=CODE[:20])
    make_inbox()
    Inbox.objects.update(name=(FORMULA + CODE)[:200], email=CODE[:254], channel=CODE[:60])
    for number in (7, 8):
        deliver(customer(100 * number, number))
    make_draft(Message.objects.get(message_id=700), text=CODE + LINKS, author=CODE[:150])
    approved = make_approved(
        make_draft(Message.objects.get(message_id=800), text=CODE + LINKS),
        by=(lead := make_lead("lea")),
        note=CODE,
    )
    escalations.of_conversation(
        approved.conversation, by=lead, kind="other", reason=CODE, level=2, owner=lead, now=NOW
    )
    deliver(answer(801, 8), now=later(60))
    deliver(survey(802, 8), now=later(120))
    dead = deliver(customer(900, 9), now=later(180))
    Delivery.objects.filter(pk=dead.pk).update(status="DEAD", last_error=CODE)
    forged = signed(customer(901, 9), secret="none", key=CODE[:200]) | {"HTTP_USER_AGENT": CODE}
    Client().post("/webhooks/chatwoot/acme/", **forged)


def conversation(number: int, **facts: Any) -> dict[str, Any]:
    person = {
        "id": 5,
        "name": CODE,
        "email": CODE[:200],
        "phone_number": CODE[:40],
        "identifier": CODE,
        "thumbnail": ADDRESS,
    }
    somebody = {"id": 3, "name": FORMULA + CODE[:150], "email": CODE, "type": "user", "thumbnail": ADDRESS}
    return conversation_object(
        number, labels=[CODE[:100], FORMULA], priority=CODE[:10], channel=CODE[:60], custom_attributes={CODE[:50]: CODE},
        additional_attributes={"mail_subject": CODE, "referer": ADDRESS}, changed_attributes=None,
        meta={"sender": person, "assignee": somebody, "team": {"id": 1, "name": FORMULA + CODE[:150]}}, **facts,
    )  # fmt: skip


def customer(number: int, about: int) -> dict[str, Any]:
    mail = {"subject": CODE, "from": [CODE], "cc": [CODE], "html_content": {"full": CODE, "reply": CODE}}
    files = [
        {
            "id": 1,
            "file_type": kind,
            "data_url": ADDRESS,
            "thumb_url": ADDRESS,
            "extension": CODE,
            "fallback_title": CODE,
        }
        for kind in ("image", "file", "audio", CODE)
    ]
    return message_event(
        number, content=CODE + LINKS, sender={"id": 5, "name": CODE, "thumbnail": ADDRESS}, attachments=files,
        content_attributes={"email": mail, CODE: CODE}, conversation=conversation(about), source_id=CODE,
    )  # fmt: skip


def answer(number: int, about: int) -> dict[str, Any]:
    return message_event(
        number, kind="outgoing", content=CODE + LINKS, at=later(60), sender={"id": 3, "name": CODE, "type": "user"},
        content_attributes={"external_error": CODE}, conversation=conversation(about, updated_at=later(60).timestamp()),
    )  # fmt: skip


def survey(number: int, about: int) -> dict[str, Any]:
    told = {"submitted_values": {"csat_survey_response": {"rating": 1, "feedback_message": CODE}}}
    return message_event(
        number, kind="template", content_type="input_csat", content=CODE, at=later(120), content_attributes=told,
        conversation=conversation(about, updated_at=later(120).timestamp()),
    )  # fmt: skip


class Reader(HTMLParser):
    """links: where a page leads. found: what of the customers' code a browser would take for code."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.links: list[str] = []
        self.found: list[str] = []
        self.script = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.script = given.get("type", "text/javascript") if tag == "script" else ""
        if tag == "xss-7" or (tag == "img" and given.get("src") == "x"):
            self.found.append(self.get_starttag_text() or tag)
        for name, value in given.items():
            runs = name.startswith(RUNS) and MARK in value
            leads = name in ADDRESSED and value.strip().lower().startswith(
                ("javascript:", "vbscript:", "data:text/html")
            )
            if runs or leads:
                self.found.append(f"{name}={value[:80]}")
        self.links += [given[name] for name in ("href", "hx-get", "data-href") if name in given]

    def handle_data(self, data: str) -> None:
        if self.script and self.script != "application/json" and MARK in data:
            self.found.append(data[:80])

    def handle_endtag(self, tag: str) -> None:
        self.script = ""
