"""Finds dates, times of day and named days. Pure."""

import re
from collections.abc import Iterator

from . import number_terms
from .fact import Fact, Placed, numbers, same, time_of

MONTH_WORD = "|".join(sorted(number_terms.MONTH_OF, key=len, reverse=True))
DATE = re.compile(
    r"(?<![\d.])(?P<y>\d{4})-(?P<m>\d{1,2})-(?P<d>\d{1,2})(?!\d)"
    r"|(?<![\d.])(?P<a>\d{1,2})(?P<s>[./-])(?P<b>\d{1,2})(?P=s)(?P<y2>\d{4}|\d{2})(?!\d)"
    r"|(?<![\d.,/-])(?!24/07)(?P<a2>\d{2})/(?P<b2>\d{2})(?![\d/]|-\d|[.,]\d)"
    r"|(?<![\d.,])(?P<a1>\d{1,2})\.(?P<b1>\d{1,2})\.(?!\d)"
    rf"|(?<![\d.,])(?P<d3>\d{{1,2}})(?:st|nd|rd|th|er|[º°]|\.|:[ae])?(?: of| de| di)? (?P<m3>{MONTH_WORD})\b\.?"
    r"(?:,? (?:de )?(?P<y3>\d{4}))?"
    rf"|\b(?P<m4>{MONTH_WORD})\.? (?:the )?(?P<d4>\d{{1,2}})(?:st|nd|rd|th)?\b(?!\.\d|[ -]?(?:days|tage|%|€))"
    r"(?:,? (?P<y4>\d{4}))?"
)


def dates(text: str, language: str) -> Iterator[Placed]:
    """By month and day, with the year where both have one. 3/4 may be either."""
    for match in DATE.finditer(text):
        part = match.groupdict()
        year = next((value[-2:] for name in ("y", "y2", "y3", "y4") if (value := part[name])), "")
        pairs = {
            (part["m"], part["d"]), (part["b"], part["a"]), (part["a"], part["b"]), (part["b1"], part["a1"]),
            (part["b2"], part["a2"]), (part["a2"], part["b2"]),
            (str(number_terms.MONTH_OF.get(part["m3"] or "", "")), part["d3"]),
            (str(number_terms.MONTH_OF.get(part["m4"] or "", "")), part["d4"]),
        }  # fmt: skip
        days = {
            (int(month), int(day)) for month, day in pairs
            if month and day and 1 <= int(month) <= 12 and 1 <= int(day) <= 31
        }  # fmt: skip
        if days:
            yield match.start(), match.end(), _dated(match[0].strip(" ."), days, year)


def _dated(shown: str, days: set[tuple[int, int]], year: str) -> Fact:
    """A date with a year is supported by the same one, or by one without a year."""
    named = [f"{month}-{day}" for month, day in days]
    needs = {("date", day, mark) for day in named for mark in ((year, "any") if year else ("",))}
    gives = {("date", day, mark) for day in named for mark in ((year, "") if year else ("any", ""))}
    return Fact(shown, frozenset(needs), frozenset(gives) | {("month", str(month)) for month, _ in days})


TIME = re.compile(
    r"(?<![\d.,:])(?P<h>\d{1,2})(?:[:.h](?P<min>\d{2}))?[ \n]?(?P<half>[ap]\.?m\b\.?|uhr\b|o'clock)"
    r"|(?<![\d.,:])(?P<h2>\d{1,2})[:h](?P<min2>\d{2})(?!\d|:\d)"
)


def times(text: str, language: str) -> Iterator[Placed]:
    for match in TIME.finditer(text):
        hour = int(match["h"] or match["h2"])
        minute, half = int(match["min"] or match["min2"] or 0), match["half"] or ""
        said = {float(hour)}
        if half.startswith(("a", "p")):
            hour = hour % 12 + (12 if half.startswith("p") else 0)
        time = time_of(hour, minute)
        # "From 8 to 18:00" says 8:00, too.
        bare = frozenset(("bare", f"{number:g}") for number in said if not minute)
        shown = match[0].strip(" .")
        yield match.start(), match.end(), Fact(shown, time | bare, time | numbers(said | {float(hour)}))


def named_days(text: str, language: str) -> Iterator[Placed]:
    before = ""
    for word in NAMED.finditer(text):
        said = word[0]
        if said in number_terms.WEEKDAY_OF:
            found = same(said, "weekday", str(number_terms.WEEKDAY_OF[said]))
        elif said in number_terms.MONTH_ALONE:
            found = same(said, "month", str(number_terms.MONTH_OF[said]))
        elif said in number_terms.TOMORROW or _is_tomorrow(said, before):
            found = same(said, "tomorrow", "in two days" if said == "übermorgen" else "")
        else:
            before = said
            continue
        before = said
        yield word.start(), word.end(), found


NAMED = re.compile(r"[^\W\d_]+(?:-feiras?)?")


def _is_tomorrow(said: str, before: str) -> bool:
    """A word that is "morning", too: it is after "good", "the" and the like."""
    morning = number_terms.MORNING_AFTER.get(said)
    return before == "i" if said == "morgon" else morning is not None and before not in morning
