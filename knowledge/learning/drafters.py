"""Drafters and prompt versions compared by what became of their drafts, with the same measures and intervals as a change.

A drafter against all others, and a prompt version against the one before it of the same model, in the same weeks. Which drafter
gets which question is not drawn (except between models and prompts that share, by hash), so a difference may be the questions'.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from django.contrib.auth.models import User
from django.db.models import Min
from django.utils import timezone
from django.utils.translation import gettext as _

from . import effect, effects, figures
from .effect_measures import NOBODY, Figure, Side
from .figures import DECIDED, STANDING, Filter

WINDOW = timedelta(weeks=16)
Sides = dict[tuple[str, str], Side]  # by author and prompt version


@dataclass(frozen=True)
class Compared:
    """figures: `before` is `against`. where, where_against: the filters of either's rows."""

    name: str
    against: str
    figures: Sequence[Figure]
    where: Filter
    where_against: Filter | None


@dataclass(frozen=True)
class Report:
    since: datetime
    drafters: Sequence[Compared]
    prompts: Sequence[Compared]


def report(user: User, *, now: datetime) -> Report:
    since = timezone.localtime(now - WINDOW).replace(hour=0, minute=0, second=0, microsecond=0)
    where: Filter = {**STANDING, **DECIDED, "at__gte": since}
    grouped: Any = figures.visible(user).filter(**where).order_by().values("author", "draft__prompt_version")
    rows = list(grouped.annotate(**effects.counts(), first=Min("at")))
    sides = {(row["author"], row["draft__prompt_version"]): effects.made(row) for row in rows}
    passed = {
        (row["author"], row["draft__prompt_version"]): effects.share_of((now - row["first"]) / WINDOW)
        for row in rows
    }
    return Report(since, _drafters(sides, where), _prompts(sides, passed, where))


def _drafters(sides: Sides, where: Filter) -> list[Compared]:
    """Nothing to compare where there is only one."""
    own: dict[str, Side] = {}
    for (author, _version), side in sides.items():
        own[author] = own.get(author, NOBODY) + side
    if len(own) < 2:
        return []
    return [
        Compared(
            author, _("all others"),
            list(effect.compare(sum((side for name, side in own.items() if name != author), NOBODY), own[author]).values()),
            where | {"author__exact": author}, None,
        )
        for author in sorted(own, key=lambda name: (-own[name].n, name))
    ]  # fmt: skip


def _prompts(sides: Sides, passed: dict[tuple[str, str], float], where: Filter) -> list[Compared]:
    """passed: by the same keys, the share of the weeks that is over since the first decision."""
    known: dict[str, list[str]] = {}
    for author, version in sides:
        if version:
            known.setdefault(author, []).append(version)
    found = []
    for author in sorted(known):
        versions = sorted(known[author], key=_order)
        for before, after in pairwise(versions):
            figures_of = effect.compare(
                sides[author, before], sides[author, after], passed=passed[author, after]
            )
            each = [
                where | {"author__exact": author, "draft__prompt_version__exact": one}
                for one in (after, before)
            ]
            found.append(
                Compared(
                    _("%(author)s, prompt %(version)s") % {"author": author, "version": after},
                    _("prompt %(version)s") % {"version": before},
                    list(figures_of.values()),
                    *each,
                )
            )
    return found


def _order(version: str) -> list[tuple[int, str]]:
    """v2 before v10."""
    return [(int(part), "") if part.isdecimal() else (0, part) for part in re.findall(r"\d+|\D+", version)]
