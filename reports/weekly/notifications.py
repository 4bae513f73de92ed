"""Sends the report to the recipients chosen in the admin, by email or chat message. Each is a delivery with retries.

Neither contains text by customers: emails and chat messages are copied to many places.
"""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _

from webhooks import deliveries
from webhooks.alerts import alerts
from webhooks.display import chart_image
from webhooks.display import charts as chart_numbers
from webhooks.errors import Overtaken
from webhooks.models import Delivery, Source
from webhooks.outbound import mail, slack

from ..attainment.cells import NAMES
from ..models import WeeklyRecipient, WeeklyReport
from . import charts, export, languages, summary
from .trends import percent

EVENT = "weekly.notify"


def notify(report: WeeklyReport, *, now: datetime, again: bool = False) -> int:
    """How many deliveries were enqueued. They belong to the first source; without any source there is nothing to report.

    again: a person sends it, whether it went out already or not; at most once a minute.
    """
    carrier = Source.objects.order_by("pk").first()
    if carrier is None:
        return 0
    wanted, minute = recipients(), f":{now:%Y-%m-%dT%H:%M}" if again else ""
    for recipient in wanted:
        payload = {"week": report.week, "recipient": recipient.pk}
        deliveries.enqueue(
            carrier, event=EVENT, key=_key(payload) + minute, lane="slow", payload=payload, at=now, now=now
        )  # fmt: skip
    return len(wanted)


def recipients() -> list[WeeklyRecipient]:
    return list(WeeklyRecipient.objects.filter(active=True))


def _key(payload: dict[str, Any]) -> str:
    return f"{EVENT}:{payload['week']}:{payload['recipient']}"


def handle_notify(delivery: Delivery, payload: dict[str, Any], *, now: datetime) -> Callable[[], None]:
    """Sends one email or chat message, and closes the alert of an earlier failure."""
    recipient = WeeklyRecipient.objects.filter(pk=payload["recipient"], active=True).first()
    if recipient is None:
        raise Overtaken("This recipient no longer receives the report.")
    saved = WeeklyReport.objects.get(week=payload["week"]).snapshot
    with languages.of_the_site():
        _send(languages.translated(saved), recipient, delivery)
    return lambda: _close_alert(payload, now=now)


def _send(report: dict[str, Any], recipient: WeeklyRecipient, delivery: Delivery) -> None:
    if recipient.is_chat:
        slack.post(recipient.address, report["headline"], blocks(report))
    else:
        mail.send(email(report, recipient, delivery))


def _close_alert(payload: dict[str, Any], *, now: datetime) -> None:
    alerts.close(_key(payload), now=now)


def on_dead_letter(delivery: Delivery, *, error: str, now: datetime) -> None:
    """In the transaction that makes the delivery DEAD."""
    payload = delivery.payload()
    recipient = WeeklyRecipient.objects.filter(pk=payload["recipient"]).first()
    text = f"The report for week {payload['week']} did not reach {recipient or 'its recipient'}: {error}"
    alerts.open_("report", key=_key(payload), text=text, now=now)


def page_of(report: dict[str, Any]) -> str:
    return _base() + reverse("admin:reports_weeklyreport_week", args=[report["week"]])


def _base() -> str:
    return settings.PUBLIC_URL.rstrip("/")


def email(
    report: dict[str, Any], recipient: WeeklyRecipient, delivery: Delivery | None = None
) -> EmailMultiAlternatives:
    """The headline is the subject; the body is both text and HTML with three charts. The PDF is attached."""
    drawn = {f"chart-{number}": one for number, one in enumerate(charts.headline(report)) if one.has_data}
    context = {
        "star": summary.north_star(report["north_star"]) if "north_star" in report else "",
        "charts": drawn, "causes": charts.causes(report), "report": report, "base": _base(), "page": page_of(report),
        "webhooks": summary.webhooks(report["webhooks"]),
        "first": date.fromisoformat(report["from"]), "last": date.fromisoformat(report["to"]),
    }  # fmt: skip
    message = mail.compose(
        delivery, kind="weekly-report", to=[recipient.address], subject=report["headline"],
        body=f"{export.markdown(report, comments=False)}\n{page_of(report)}\n",
        html=render_to_string("reports/weekly_mail.html", context),
        unsubscribe=reverse("admin:reports_weeklyrecipient_change", args=[recipient.pk]) if recipient.pk else "",
        images={name: chart_image.png(one) for name, one in drawn.items()},
    )  # fmt: skip
    from . import pdf  # loads fpdf2, and with it numpy: 25 MB that few processes need

    message.attach(f"support-{report['week']}.pdf", pdf.rendered(report), "application/pdf")
    return message


def blocks(report: dict[str, Any]) -> list[dict[str, Any]]:
    """The chat message in Slack's block format."""
    star = [summary.north_star(report["north_star"])] if "north_star" in report else []
    sentences = [*report["text"], *star, summary.webhooks(report["webhooks"])]
    if not report["complete"]:
        sentences.insert(0, _("Incomplete: some of this week's data is missing."))
    items = [f"• <{_base()}{one['where']}|{slack.plain(one['what'])}>" for one in report["needs_you"]]
    to_do, met, link = _("Action items"), _("Targets met"), _("Open the report")
    return [
        {"type": "header", "text": {"type": "plain_text", "text": report["headline"][:150]}},
        _section("\n".join(map(slack.plain, sentences))),
        _section("\n".join([f"*{to_do}*", *(items or [_("None.")])])),
        _section("\n".join([f"*{met}*", *_attainment(report)])),
        _section(f"<{page_of(report)}|{link}>"),
    ]


def _section(text: str) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text[:3000]}}


def _attainment(report: dict[str, Any]) -> list[str]:
    return [
        _("%(metric)s: %(share)s, n = %(n)s; last week %(last_week)s, 4-week median %(median)s")
        % {
            "metric": NAMES[metric],
            "share": percent(one["attainment"]),
            "n": chart_numbers.count(one["n"]),
            "last_week": percent(one["last_week"]),
            "median": percent(one["median_4_weeks"]),
        }
        for metric, one in report["adherence"].items()
    ]
