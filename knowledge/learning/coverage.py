"""How much of what customers ask is drafted, how sure the drafter was, and what became of it. Each count is a set of turns.

Answerable: a turn that needs a reply. Of two machine drafts for one turn, the newest counts.
"""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.db.models import (
    Case,
    CharField,
    Exists,
    FloatField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)  # fmt: skip
from django.db.models.fields.json import KT
from django.db.models.functions import Cast, Coalesce
from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from webhooks.models import Message

from .. import uncertainty
from ..models import Draft, LearningSignal, NoDraft
from ..uncertainty import Estimate
from . import turns
from .edits import REWRITTEN

# slug, label, from, below
BANDS: tuple[tuple[str, str | Promise, float, float], ...] = (
    *(
        (
            f"{tens}",
            format_lazy(_("{low} to {high} %"), low=tens, high=tens + 10),
            tens / 100,
            (tens + 10) / 100,
        )
        for tens in (90, 80, 70, 60, 50)
    ),
    ("may-fit", format_lazy(_("{low} to {high} %"), low=15, high=50), 0.15, 0.5),
    ("nothing", format_lazy(_("under {high} %"), high=15), -1.0, 0.15),
)
UNSTATED = "unstated"
OUTCOMES = {
    "accepted": _("Accepted"), "rewritten": _("Rewritten"), "rejected": _("Rejected"), "overtaken": _("Answered in Chatwoot"),
    "by_hand": _("Written by hand"), "inserted": _("From an article"), "open": _("Not decided"),
}  # fmt: skip
CHUNK = 5_000
S = Draft.Status


@dataclass(frozen=True)
class Row:
    """One band of confidence: outcome → turns."""

    slug: str
    label: str | Promise
    counts: dict[str, int]

    @property
    def n(self) -> int:
        return sum(self.counts.values())


@dataclass(frozen=True)
class Silence:
    """right: a person answered without an article, or a turn that needs no reply got none. unknown: answered in Chatwoot."""

    right: int
    wrong: int
    unknown: int

    @property
    def n(self) -> int:
        return self.right + self.wrong

    @property
    def share(self) -> Estimate | None:
        return uncertainty.share(self.right / self.n, self.n) if self.n else None


@dataclass(frozen=True)
class Coverage:
    """unseen: turns that no drafter looked at. needless: those that need no reply."""

    rows: Sequence[Row]
    turns: int
    needless: int
    unseen: int
    silence: Silence

    @property
    def answerable(self) -> int:
        return self.turns - self.needless


def coverage(user: User, *, since: datetime, until: datetime, now: datetime) -> Coverage:
    ended = turns.keys(user, since=since, until=until, now=now)
    total = len(ended)
    within = {"created_at__gte": since, "created_at__lt": until, "is_customer_message": True}
    drafts = of_drafts(**{f"in_reply_to__{name}": value for name, value in within.items()})
    silences = of_silence(**{f"message__{name}": value for name, value in within.items()})
    counted, silent, needless = (
        _grouped(drafts, ended, "in_reply_to", "band", "outcome"),
        Counter[str](),
        Counter[str](),
    )
    for (is_needless, band, outcome), n in _grouped(
        silences, ended, "message", "needless", "band", "outcome"
    ).items():
        (needless if is_needless else silent)[outcome] += n
        counted[band, outcome] += 0 if is_needless else n
    rows = [
        Row(slug, label, {outcome: counted[slug, outcome] for outcome in OUTCOMES})
        for slug, label in [(band[0], band[1]) for band in BANDS] + [(UNSTATED, _("not stated"))]
    ]
    rows = [row for row in rows if row.n or row.slug != UNSTATED]
    looked_at = needless.total() + sum(row.n for row in rows)
    return Coverage(rows, total, needless.total(), total - looked_at, _silence(silent, needless))


def rows(ended: QuerySet[Message], *, band: str, outcome: str) -> QuerySet[Message]:
    """The turns behind a number. An empty band or outcome means all of them."""
    wanted = {name: value for name, value in (("band", band), ("outcome", outcome)) if value}
    drafted = of_drafts(in_reply_to__in=ended.values("pk")).filter(**wanted).values("in_reply_to")
    silent = of_silence(message__in=ended.values("pk")).filter(needless=False, **wanted).values("message")
    return ended.filter(Q(pk__in=drafted) | Q(pk__in=silent))


def of_drafts(**within: Any) -> QuerySet[Any]:
    """The newest machine draft of each turn, with its band and what became of it."""
    machine = Q(author_kind__in=turns.MACHINES)
    newer = Draft.objects.filter(machine, in_reply_to=OuterRef("in_reply_to"), pk__gt=OuterRef("pk"))
    found = Draft.objects.filter(machine, ~Exists(newer), **within)
    return found.annotate(
        band=_band("confidence"),
        outcome=Coalesce(
            Subquery(_decided()), _case(("overtaken", Exists(_answers("conversation", "in_reply_to__created_at"))))
        ),
    )  # fmt: skip


def _decided() -> QuerySet[Any]:
    """What its decision made of a draft. One look-up in an index: of several Exists, PostgreSQL reads all signals for each."""
    standing = LearningSignal.objects.filter(draft=OuterRef("pk"), withdrawn_at=None)
    became = _case(
        ("accepted", Q(decision="approved", ratio__lt=REWRITTEN)), ("rewritten", Q(decision="approved")),
        ("rejected", Q(decision="rejected")), otherwise="overtaken",
    )  # fmt: skip
    return standing.annotate(became=became).order_by("decision", "ratio").values("became")[:1]


def of_silence(**within: Any) -> QuerySet[Any]:
    """Turns without a machine draft, with the confidence of the best article and who answered. needless: need no reply."""
    machine = Draft.objects.filter(in_reply_to=OuterRef("message"), author_kind__in=turns.MACHINES)
    own = Draft.objects.filter(
        in_reply_to=OuterRef("message"),
        author_kind=Draft.AuthorKind.PERSON,
        status__in=(S.APPROVED, S.SENDING, S.SENT),
    )
    found = NoDraft.objects.filter(~Exists(machine), **within)
    return found.annotate(
        needless=Case(When(reason=NoDraft.Reason.NO_REPLY_NEEDED, then=Value(True)), default=Value(False)),
        p=Cast(KT("articles__0__confidence"), FloatField()),
        band=Case(When(p=None, then=Value("nothing")), default=_band("p"), output_field=CharField()),
        outcome=_case(
            ("inserted", Exists(own.exclude(evidence=[]))),
            ("by_hand", Exists(own)),
            ("overtaken", Exists(_answers("message__conversation", "message__created_at"))),
        ),
    )  # fmt: skip


def _answers(conversation: str, at: str) -> QuerySet[Message]:
    return Message.objects.filter(
        conversation=OuterRef(conversation), created_at__gt=OuterRef(at), is_person_answer=True
    )


def _case(*named: tuple[str, Any], otherwise: str = "open") -> Case:
    """The first condition that holds."""
    whens = [When(condition, then=Value(name)) for name, condition in named]
    return Case(*whens, default=Value(otherwise), output_field=CharField())


def _band(field: str) -> Case:
    whens = [When(**{f"{field}__gte": low}, then=Value(slug)) for slug, _, low, _ in BANDS]
    return Case(*whens, default=Value(UNSTATED), output_field=CharField())


def _grouped(found: QuerySet[Any], ended: Collection[int], turn: str, *by: str) -> Counter[Any]:
    """How many turns of each combination. turn: the column with their message."""
    rows = found.order_by().values_list(turn, *by)
    return Counter(tuple(facts) for key, *facts in rows.iterator(CHUNK) if key in ended)


def _silence(silent: Counter[str], needless: Counter[str]) -> Silence:
    """Both by outcome."""
    answered = needless.total() - needless["open"]
    return Silence(silent["by_hand"] + needless["open"], silent["inserted"] + answered, silent["overtaken"])
