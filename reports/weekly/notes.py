"""A Manager's note on a week. A week with a note does not count in the medians and ranges of later weeks."""

from datetime import datetime

from django.contrib.auth.models import User

from ..models import WeeklyNote
from ..periods import Period
from . import iso_week

LONGEST = 200


def of(week: Period) -> WeeklyNote | None:
    return WeeklyNote.objects.filter(week=iso_week.named(week)).select_related("by").first()


def write(week: Period, text: str, *, by: User, now: datetime) -> WeeklyNote | None:
    """An empty text removes the note. Its history remains."""
    cleaned, known = " ".join(text.split())[:LONGEST], of(week)
    if not cleaned:
        if known:
            known.delete()
        return None
    if known and known.text == cleaned:
        return known
    note = known or WeeklyNote(week=iso_week.named(week))
    note.text, note.by, note.at = cleaned, by, now
    note.save()
    return note
