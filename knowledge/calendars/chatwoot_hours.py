"""Copies an inbox's business hours from Chatwoot into a calendar, when a person asks. Nothing syncs them later."""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from webhooks.errors import DeliveryError
from webhooks.models import Inbox
from webhooks.outbound import chatwoot

from ..business_time import hours
from ..models import BusinessCalendar, calendar
from . import inbox_calendars

SUNDAY_FIRST = (*hours.DAYS[6:], *hours.DAYS[:6])
LAST_MINUTE = "23:59"  # the latest time that Chatwoot's page offers: it means midnight


class CannotTakeOver(Exception):
    """The text says why, and what to do."""


def take_over(inbox: Inbox) -> BusinessCalendar:
    """The inbox's calendar: a new one, or a new version of the one copied before. Raises CannotTakeOver."""
    facts = read(_fetched(inbox))
    name = f"{inbox.name[:30]} ({inbox.source.slug[:18]} {inbox.inbox_id})"
    with transaction.atomic():
        row, made = BusinessCalendar.objects.get_or_create(name=name, defaults=facts)
        if not made:
            row = inbox_calendars.change(row, facts)
        inbox_calendars.keep(row, [inbox], among=[inbox])
    return row


def _fetched(inbox: Inbox) -> dict[str, Any]:
    try:
        rows = chatwoot.client(inbox.source, watched=True).inboxes()
    except DeliveryError as error:
        raise CannotTakeOver(_("Chatwoot could not be reached: %(error)s") % {"error": error}) from error
    found = next((row for row in rows if row.get("id") == inbox.inbox_id), None)
    if found is None:
        raise CannotTakeOver(
            _("The token of %(source)s has no access to inbox %(inbox_id)s in Chatwoot.")
            % {"source": inbox.source, "inbox_id": inbox.inbox_id}
        )
    return found


def read(answer: dict[str, Any]) -> dict[str, Any]:
    """Chatwoot's inbox as the fields of a calendar. Raises CannotTakeOver."""
    rows = answer.get("working_hours")
    if not answer.get("working_hours_enabled") or not isinstance(rows, list):
        raise CannotTakeOver(
            _(
                "This inbox has no business hours in Chatwoot. Switch them on there (Settings, Inboxes, Business hours),"
                " or add a calendar here."
            )
        )
    zone = answer.get("timezone") or "UTC"
    if zone not in calendar.zones():
        raise CannotTakeOver(_("Chatwoot uses an unknown time zone: %(zone)s.") % {"zone": repr(zone)})
    try:
        weekly = {SUNDAY_FIRST[row["day_of_week"]]: pairs for row in rows if (pairs := _day(row))}
        hours.week_of(weekly)
    except (hours.Unclear, KeyError, IndexError, TypeError, ValueError) as error:
        raise CannotTakeOver(
            _("Chatwoot's business hours cannot be read: %(error)s") % {"error": error}
        ) from error
    whole = all(weekly.get(day) == [["00:00", hours.MIDNIGHT]] for day in hours.DAYS)
    if not weekly:
        raise CannotTakeOver(
            _("This inbox is closed all week in Chatwoot. Enter its hours there, or add a calendar here.")
        )
    return {"zone": zone, "weekly": weekly, "always_open": whole}


def _day(row: dict[str, Any]) -> list[list[str]]:
    if row.get("closed_all_day"):
        return []
    if row.get("open_all_day"):
        return [["00:00", hours.MIDNIGHT]]
    start = f"{row['open_hour']:02}:{row['open_minutes']:02}"
    end = f"{row['close_hour']:02}:{row['close_minutes']:02}"
    return [[start, hours.MIDNIGHT if end == LAST_MINUTE else end]]
