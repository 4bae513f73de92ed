"""Why changes were proposed or expired, each sentence once. Kept in English; `shown` says it in the page's language. Pure.

What a person wrote as a reason is no such sentence and stands as it is.
"""

from datetime import date, datetime

from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from webhooks.display.kept_texts import KeptTexts, number

from ..models import ImportRun

SAMPLE = _("Sample article.")
IMPORTED = _("Imported: %(run)s.")
NO_LONGER_THERE = _("No longer there: %(run)s.")
RESTORES = _("Restores version %(n)s.")
ROLLS_BACK = _("Rolls back change %(n)s.")
MERGED = _("Merged into %(slug)s by change %(n)s.")
CORRECTED = _("Replies were corrected: %(what)s")
NOT_FOUND = _("Customers ask this, and search does not find this article for it.")
NOT_ANSWERED = _("Customers ask this, and no article answers it.")
FROM_ANSWERS = _("From answers of %(people)s.")
UNDONE = _("The decisions it rested on were undone.")
BASE_GONE = _("It was written from version %(n)s of %(slug)s, which does not exist any more.")
OUTDATED = _(
    "%(slug)s has been newer than version %(n)s since %(day)s, and nobody decided for %(days)s days."
)
WORSE = _("“%(title)s”, version %(n)s: %(figures)s. A change that restores version %(before)s is ready.")
AND = _("%(one)s and %(other)s")
FELL = _("%(measure)s fell from %(before)s (n = %(n_before)s) to %(after)s (n = %(n_after)s)")
FELL_FURTHER = _(
    "%(measure)s fell from %(before)s (n = %(n_before)s) to %(after)s (n = %(n_after)s), %(points)s points more than the other "
    "articles"
)
DAY = "%d %b %Y"  # as OUTDATED keeps it
BETWEEN = "; "  # figures


def _day(kept: str) -> str:
    try:
        day: date = datetime.strptime(kept, DAY).date()
    except ValueError:
        return kept
    return date_format(day, "DATE_FORMAT")


def _share(kept: str) -> str:
    return f"{number(kept.removesuffix(' %'))} %"


def _measure(kept: str) -> str:
    """Its label begins with a capital letter; within a sentence it is kept without."""
    label = kept[:1].upper() + kept[1:]
    said = gettext(label)
    return kept if said == label else said


PEOPLE = KeptTexts(AND)
FIGURES = KeptTexts(FELL, FELL_FURTHER, facts={
    "measure": _measure, "before": _share, "after": _share, "n_before": number, "n_after": number, "points": number,
})  # fmt: skip


def _figures(kept: str) -> str:
    return BETWEEN.join(map(FIGURES.shown, kept.split(BETWEEN)))


NOTES = KeptTexts(
    SAMPLE, IMPORTED, NO_LONGER_THERE, RESTORES, ROLLS_BACK, MERGED, CORRECTED, NOT_FOUND, NOT_ANSWERED, FROM_ANSWERS, UNDONE,
    BASE_GONE, OUTDATED, WORSE,
    facts={
        "n": number,
        "days": number,
        "before": number,
        "day": _day,
        "people": PEOPLE.shown,
        "run": ImportRun.shown_name,
        "figures": _figures,
    },
)  # fmt: skip


def from_answers(people: tuple[str, str] | list[str]) -> str:
    """people: the two who sent much the same."""
    one, other = people
    return FROM_ANSWERS % {"people": AND % {"one": one, "other": other}}


def shown(note: str) -> str:
    return NOTES.shown(note)
