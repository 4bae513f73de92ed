"""What a Manager says of a week. A week with a note is left out of the medians and ranges of those that come after."""

from datetime import datetime

from django.contrib.auth.models import User

from ..models import WeeklyNote
from ..periods import Period
from . import iso_week

LONGEST = 200


def of(week: Period) -> WeeklyNote | None:
    return WeeklyNote.objects.filter(week=iso_week.named(week)).select_related("by").first()


def write(week: Period, text: str, *, by: User, now: datetime) -> WeeklyNote | None:
    """No text takes the note away. What was, stays in its history."""
    said, known = " ".join(text.split())[:LONGEST], of(week)
    if not said:
        if known:
            known.delete()
        return None
    if known and known.text == said:
        return known
    note = known or WeeklyNote(week=iso_week.named(week))
    note.text, note.by, note.at = said, by, now
    note.save()
    return note
