"""Public holidays by country and region, from the `holidays` library: countries, regions and dates. No database."""

import re
from datetime import date
from functools import cache, lru_cache

import holidays
from holidays.registry import COUNTRIES

ENGLISH = "en_US"  # a country that is not translated keeps its own names


@cache
def countries() -> dict[str, str]:
    """Code → name, by name."""
    known = holidays.list_supported_countries(include_aliases=False)
    names = {code: re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name) for name, code, *_ in COUNTRIES.values()}
    names = {
        code: re.sub(r" (And|Of|The) ", lambda word: word[0].lower(), name) for code, name in names.items()
    }
    return {code: names[code] for code in sorted(known, key=lambda code: names[code])}


@cache
def subdivisions(country: str) -> tuple[str, ...]:
    """The codes of its states or regions. Empty if the country is unknown or has none."""
    return tuple(holidays.list_supported_countries(include_aliases=False).get(country, ()))


@lru_cache(maxsize=512)
def of_year(country: str, subdivision: str, year: int) -> dict[date, str]:
    """Date → name, in order, including days on which a holiday is observed instead."""
    found = holidays.country_holidays(country, subdiv=subdivision or None, years=year, language=ENGLISH)
    return {day: name for day, name in sorted(found.items()) if day.year == year}


class Dates:
    """The dates of all years as a container: `day in Dates("DE", "BY")`."""

    def __init__(self, country: str, subdivision: str) -> None:
        self.country, self.subdivision = country, subdivision

    def __contains__(self, day: object) -> bool:
        return isinstance(day, date) and day in of_year(self.country, self.subdivision, day.year)
