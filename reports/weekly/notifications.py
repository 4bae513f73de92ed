"""The report goes to those chosen in the admin: as a mail or as a post to a chat, each a delivery of its own with retries.

Neither carries a customer's words: mail and chats are kept in many places.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse

from webhooks import deliveries
from webhooks.alerts import alerts
from webhooks.errors import Overtaken
from webhooks.models import Delivery, Source
from webhooks.outbound import mail, slack

from ..attainment.cells import NAMES
from ..models import WeeklyRecipient, WeeklyReport
from . import export, summary
from .trends import percent

EVENT = "weekly.notify"


def tell(report: WeeklyReport, *, now: datetime) -> int:
    """How many deliveries were put in, with the report itself. Any source carries them; without one there is nothing to tell."""
    carrier = Source.objects.order_by("pk").first()
    if carrier is None:
        return 0
    wanted = list(WeeklyRecipient.objects.filter(active=True))
    for recipient in wanted:
        payload = {"week": report.week, "recipient": recipient.pk}
        deliveries.post(
            carrier, event=EVENT, key=_key(payload), lane="slow", payload=payload, at=now, now=now
        )  # fmt: skip
    return len(wanted)


def _key(payload: dict[str, Any]) -> str:
    return f"{EVENT}:{payload['week']}:{payload['recipient']}"


def handle_notify(delivery: Delivery, payload: dict[str, Any], *, now: datetime) -> Callable[[], None]:
    """One mail or one post. That it failed before is over then."""
    recipient = WeeklyRecipient.objects.filter(pk=payload["recipient"], active=True).first()
    if recipient is None:
        raise Overtaken("Nobody wants it there any more.")
    kept = WeeklyReport.objects.get(week=payload["week"]).snapshot
    if recipient.is_chat:
        slack.post(recipient.address, kept["headline"], blocks(kept))
        return lambda: _over(payload, now=now)
    mail.send(letter(kept, recipient, delivery))
    return lambda: _over(payload, now=now)


def _over(payload: dict[str, Any], *, now: datetime) -> None:
    alerts.close(_key(payload), now=now)


def on_dead_letter(delivery: Delivery, *, error: str, now: datetime) -> None:
    """In the transaction that makes the delivery DEAD."""
    payload = delivery.payload()
    recipient = WeeklyRecipient.objects.filter(pk=payload["recipient"]).first()
    text = f"The report of week {payload['week']} did not reach {recipient or 'its recipient'}: {error}"
    alerts.open_("report", key=_key(payload), text=text, now=now)


def page_of(kept: dict[str, Any]) -> str:
    return _base() + reverse("admin:reports_weeklyreport_week", args=[kept["week"]])


def _base() -> str:
    return settings.PUBLIC_URL.rstrip("/")


def letter(
    kept: dict[str, Any], recipient: WeeklyRecipient, delivery: Delivery | None = None
) -> EmailMultiAlternatives:
    """The headline is the subject; the same as text and as HTML."""
    about = {"kept": kept, "base": _base(), "page": page_of(kept), "wire": summary.wire(kept["webhooks"])}
    return mail.letter(
        delivery, kind="weekly-report", to=[recipient.address], subject=kept["headline"],
        body=f"{export.markdown(kept, base=_base(), comments=False)}\n{page_of(kept)}\n",
        html=render_to_string("reports/weekly_mail.html", about),
        unsubscribe=reverse("admin:reports_weeklyrecipient_change", args=[recipient.pk]) if recipient.pk else "",
    )  # fmt: skip


def blocks(kept: dict[str, Any]) -> list[dict[str, Any]]:
    """As Slack lays a message out."""
    said = [*kept["text"], summary.wire(kept["webhooks"])]
    if not kept["complete"]:
        said.insert(0, "Incomplete: some of the week's data is still missing.")
    needs = [f"• <{_base()}{one['where']}|{slack.plain(one['what'])}>" for one in kept["needs_you"]]
    return [
        {"type": "header", "text": {"type": "plain_text", "text": kept["headline"][:150]}},
        _section("\n".join(map(slack.plain, said))),
        _section("\n".join(["*Needs you*", *(needs or ["Nothing."])])),
        _section("\n".join(["*In time*", *_kept_promises(kept)])),
        _section(f"<{page_of(kept)}|Open the report>"),
    ]


def _section(text: str) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text[:3000]}}


def _kept_promises(kept: dict[str, Any]) -> list[str]:
    return [
        f"{NAMES[metric]}: {percent(one['attainment'])}, n = {one['n']:,}; last week {percent(one['last_week'])}, "
        f"four-week median {percent(one['median_4_weeks'])}"
        for metric, one in kept["adherence"].items()
    ]
