"""The queue's filters as links, each with the number of rows it would leave. Pure: rows and a query in, rows and links out."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from django.contrib.auth.models import User
from django.utils.translation import gettext as _

from ..queue.queue import Waiting
from ..queue.queue_rows import State
from ..text import languages

MINE, UNCLAIMED, OTHERS = "mine", "unclaimed", "others"
FLAGGED = "flagged"
NAMES = ("who", "state", "risk", "inbox", "language")


def is_mine(row: Waiting, me: User) -> bool:
    """Also what was escalated to this person, and second looks that this person may give."""
    return row.is_own_stop or row.is_second_look or me in (row.claimed_by, row.owner, *row.escalated_to)


def assigned_to(row: Waiting, me: User) -> str:
    if is_mine(row, me):
        return MINE
    return OTHERS if row.holders else UNCLAIMED


def risk(row: Waiting) -> str:
    return FLAGGED if row.draft and row.draft.risk else ""


@dataclass(frozen=True)
class Choice:
    label: str
    count: int
    link: str
    chosen: bool


@dataclass(frozen=True)
class Filter:
    label: str
    choices: list[Choice]


@dataclass(frozen=True)
class Filtered:
    rows: list[Waiting]
    filters: list[Filter]
    is_chosen: bool


def apply(rows: list[Waiting], query: Mapping[str, str], *, me: User) -> Filtered:
    """query: the page's query string. A value that no row has leaves none; an unknown name is ignored."""
    read = _readers(me)
    chosen = {name: query[name] for name in read if query.get(name)}
    known = {place: {name: read[name](row) for name in read} for place, row in enumerate(rows)}
    filters = []
    for name, (label, labels) in _labels(rows).items():
        others = {key: value for key, value in chosen.items() if key != name}
        counts = Counter(facts[name] for facts in known.values() if _fits(facts, others))
        filters.append(Filter(label, list(_choices(name, labels, counts, chosen))))
    left = [row for number, row in enumerate(rows) if _fits(known[number], chosen)]
    return Filtered(left, [one for one in filters if one.choices], bool(chosen))


def _readers(me: User) -> dict[str, Callable[[Waiting], str]]:
    return {
        "who": lambda row: assigned_to(row, me),
        "state": lambda row: row.state.value,
        "risk": risk,
        "inbox": lambda row: str(row.conversation.inbox_id),
        "language": lambda row: row.language,
    }


def _labels(rows: list[Waiting]) -> dict[str, tuple[str, dict[str, str]]]:
    """The choices of each filter, in the order in which they are shown."""
    inboxes = {str(row.conversation.inbox_id): str(row.conversation.inbox) for row in rows}
    return {
        "who": (_("Whose"), {MINE: _("Mine"), UNCLAIMED: _("Unassigned"), OTHERS: _("Others")}),
        "state": (_("Draft"), {state.value: str(state.label) for state in State}),
        "risk": (_("Risk"), {FLAGGED: _("Flagged")}),
        "inbox": (_("Inbox"), dict(sorted(inboxes.items(), key=lambda pair: pair[1]))),
        "language": (_("Language"), languages_of(rows)),
    }


def languages_of(rows: Iterable[Waiting], *, known: Iterable[str] = ()) -> dict[str, str]:
    """Code → name of the languages in which customers wait, and of those that are known otherwise. "Unknown" comes last."""
    codes = {row.language for row in rows} | set(known) - {languages.NONE}
    named = {code: languages.shown(code) for code in codes if code not in (languages.NONE, languages.UNKNOWN)}
    last = {languages.UNKNOWN: languages.shown(languages.UNKNOWN)} if languages.UNKNOWN in codes else {}
    return dict(sorted(named.items(), key=lambda pair: pair[1])) | last


def _fits(facts: Mapping[str, str], chosen: Mapping[str, str]) -> bool:
    return all(facts[name] == value for name, value in chosen.items())


def _choices(
    name: str, labels: Mapping[str, str], counts: Mapping[str, int], chosen: Mapping[str, str]
) -> Iterable[Choice]:
    """The link of a chosen one removes the choice. One that would leave no rows is not offered."""
    for value, label in labels.items():
        is_chosen = chosen.get(name) == value
        if not is_chosen and not counts.get(value):
            continue
        query = {key: kept for key, kept in chosen.items() if key != name} | (
            {} if is_chosen else {name: value}
        )
        yield Choice(label, counts.get(value, 0), f"?{urlencode(query)}", is_chosen)
