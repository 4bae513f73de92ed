"""Clocks at risk and breached, reported once each: a digest at most every ten minutes, to the assignee and the inbox's Leads.

Two chores. What lies longer back than a day is no news: a policy that begins in the past, or a recompute, alerts nobody.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from functools import reduce
from operator import or_
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from knowledge.models import ChatwootToken, EscalationRule
from knowledge.replies import escalations
from webhooks import deliveries
from webhooks.accounts import access, profiles
from webhooks.errors import Overtaken
from webhooks.mirror import fold, identities, names
from webhooks.models import Conversation, Delivery
from webhooks.outbound import mail

from ..attainment.cells import NAMES
from ..models import Clock, SLAAlert
from ..sla import State

EVENT = "sla.notify"
EVERY = timedelta(minutes=10)
NEWS = timedelta(days=1)
MOST = 200  # at a time; the rest comes with the next
MOST_LINES = 40
Kind = SLAAlert.Kind


def notice(*, now: datetime) -> int:
    """How many clocks came to be at risk, or were breached, since the last look. A chore: safe to run on several hosts."""
    found = [*_new(_breached(now), Kind.BREACH), *_new(_at_risk(now), Kind.AT_RISK)]
    rows = [
        SLAAlert(conversation_id=clock.conversation_id, metric=clock.metric, number=clock.number, kind=kind,
                 due_at=clock.due_at, noticed_at=now)
        for kind, clock in found
        if clock.due_at
    ]  # fmt: skip
    SLAAlert.objects.bulk_create(rows, ignore_conflicts=True)
    _escalate([clock for kind, clock in found if kind == Kind.BREACH], now=now)
    return len(rows)


def keep_quiet(conversations: list[int], *, now: datetime) -> None:
    """Clocks that a recalculation made late or at risk: the person who asked for it knows, so nothing alerts or escalates."""
    for kind, clocks in ((Kind.BREACH, _breached(now)), (Kind.AT_RISK, _at_risk(now))):
        theirs = clocks.filter(conversation__in=conversations)
        rows = [
            SLAAlert(conversation_id=clock.conversation_id, metric=clock.metric, number=clock.number, kind=kind,
                     due_at=clock.due_at or now, noticed_at=now, notified_at=now - EVERY)  # holds up no digest
            for clock in theirs
        ]  # fmt: skip
        SLAAlert.objects.bulk_create(rows, ignore_conflicts=True)


def _open(now: datetime) -> QuerySet[Clock]:
    return Clock.objects.filter(stopped_at=None, due_at__gte=now - NEWS)


def _breached(now: datetime) -> QuerySet[Clock]:
    return _open(now).filter(state__in=(State.RUNNING, State.MISSED), due_at__lt=now)


def _at_risk(now: datetime) -> QuerySet[Clock]:
    return _open(now).filter(
        state=State.RUNNING, due_at__gte=now, at_risk_at__lte=now, at_risk_at__gte=now - NEWS
    )


def _new(clocks: QuerySet[Clock], kind: Kind) -> list[tuple[Kind, Clock]]:
    known = SLAAlert.objects.filter(
        conversation=OuterRef("conversation"), metric=OuterRef("metric"), number=OuterRef("number"), kind=kind
    )
    return [(kind, clock) for clock in clocks.filter(~Exists(known)).order_by("due_at", "pk")[:MOST]]


def _escalate(clocks: list[Clock], *, now: datetime) -> None:
    """Where a rule wants it."""
    rule = (
        EscalationRule.objects.filter(on=EscalationRule.On.BREACH, enabled=True)
        .select_related("owner")
        .first()
    )
    if rule is None:
        return
    for clock in clocks:
        with transaction.atomic():
            locked = Conversation.objects.select_for_update(of=("self",)).select_related("source", "inbox")
            cause = f"rule:{rule.pk}:{clock.metric}:{clock.number}"
            escalations.by_rule(rule, locked.get(pk=clock.conversation_id), cause=cause, now=now)


def tell(*, now: datetime) -> int:
    """How many digests were put in: one a person and source, with all that is not told yet."""
    if SLAAlert.objects.filter(notified_at__gt=now - EVERY).exists():
        return 0
    with transaction.atomic():
        untold = SLAAlert.objects.select_for_update(of=("self",)).filter(notified_at=None).order_by("pk")
        rows = list(untold.select_related("conversation__source", "conversation__inbox"))
        SLAAlert.objects.filter(pk__in=[row.pk for row in rows]).update(notified_at=now)
        digests = _by_person(rows)
        for (user, source), theirs in digests.items():
            payload = {"user": user, "alerts": [row.pk for row in theirs]}
            key = f"{EVENT}:{user}:{theirs[0].pk}"
            deliveries.enqueue(source, event=EVENT, key=key, lane="slow", payload=payload, at=now, now=now)
    return len(digests)


def _by_person(rows: Iterable[SLAAlert]) -> dict[tuple[int, Any], list[SLAAlert]]:
    found: dict[tuple[int, Any], list[SLAAlert]] = defaultdict(list)
    known: dict[tuple[int, int | None, str, str], list[int]] = {}
    for row in rows:
        about = row.conversation
        key = (about.source_id, about.inbox_id, _assignee(about), about.assignee)
        if key not in known:
            known[key] = list(told(about).values_list("pk", flat=True))
        for user in known[key]:
            found[user, about.source].append(row)
    return found


def told(conversation: Conversation) -> QuerySet[User]:
    """Its inbox's Leads, and its assignee: whose token that is, or whose address. By name only where Chatwoot says no more."""
    sees = Q(membership__all_inboxes=True) | Q(membership__inboxes=conversation.inbox_id)
    wanted = Q(groups__name=access.LEAD)
    if name := conversation.assignee:
        wanted |= _is_assignee(conversation, name)
    return User.objects.filter(sees & wanted, is_active=True).distinct().order_by("pk")


def _assignee(conversation: Conversation) -> str:
    return str(fold.values(conversation.registers).get("assignee_key") or "")


def _is_assignee(conversation: Conversation, name: str) -> Q:
    who = _assignee(conversation)
    kind, _, number = who.partition("/")
    if who and kind != identities.USER:
        return Q(pk=None)  # a bot reads no mail, whatever it is called
    if who:
        tokens = ChatwootToken.objects.filter(source=conversation.source_id, sender_id=int(number))
        addresses = names.emails(conversation.source_id, who)
        if addresses or tokens.exists():
            mine = (Q(email__iexact=address) for address in addresses)
            return reduce(or_, mine, Q(pk__in=tokens.values("user")))
    senders = ChatwootToken.objects.filter(source=conversation.source_id, sender_name=name).values("user")
    first, _, last = name.partition(" ")
    return Q(pk__in=senders) | Q(username=name) | Q(first_name=first, last_name=last)


def handle_notify(delivery: Delivery, payload: dict[str, Any], *, now: datetime) -> Callable[[], str] | None:
    """One mail to one person, about what is still open."""
    user = User.objects.filter(pk=payload["user"], is_active=True).first()
    rows = list(_still_open(payload["alerts"]))
    if not rows:
        raise Overtaken("All of it was answered before the digest was sent.")
    if user is None or not user.email:
        return lambda: "This person has no email address, so only the dashboard shows it."
    with profiles.in_language_of(user):
        mail.send(_mail(delivery, user, rows))
    return None


def _still_open(alerts: list[int]) -> QuerySet[SLAAlert]:
    clocks = Clock.objects.filter(
        conversation=OuterRef("conversation"),
        metric=OuterRef("metric"),
        number=OuterRef("number"),
        stopped_at=None,
    )
    rows = SLAAlert.objects.filter(Exists(clocks), pk__in=alerts).order_by("-kind", "due_at")
    return rows.select_related("conversation__inbox")


def _mail(delivery: Delivery, user: User, rows: list[SLAAlert]) -> EmailMultiAlternatives:
    base = settings.PUBLIC_URL.rstrip("/")
    lines = [line for row in rows[:MOST_LINES] for line in _lines(row, base)]
    more = [_("And %(n)s more.") % {"n": len(rows) - MOST_LINES}] if len(rows) > MOST_LINES else []
    everything = _("All of them: %(url)s") % {"url": base + reverse("admin:reports_clock_dashboard")}
    return mail.compose(
        delivery, kind="sla", to=[user.email], subject=_subject(rows), body="\n".join([*lines, *more, "", everything])
    )  # fmt: skip


def _subject(rows: list[SLAAlert]) -> str:
    late = sum(row.kind == Kind.BREACH for row in rows)
    counts = {"breached": late, "at_risk": len(rows) - late}
    if not late:
        return _("Customers wait: %(at_risk)s at risk") % counts
    if late == len(rows):
        return _("Customers wait: %(breached)s breached") % counts
    return _("Customers wait: %(breached)s breached, %(at_risk)s at risk") % counts


def _lines(row: SLAAlert, base: str) -> list[str]:
    """No customer's name or words: mail is kept in many places."""
    about, due = row.conversation, timezone.localtime(row.due_at)
    page = reverse("admin:reports_clock_timeline", args=[about.pk])
    facts = {
        "kind": capfirst(row.get_kind_display()), "metric": NAMES[row.metric], "inbox": about.inbox or _("no inbox"),
        "conversation": about, "due": f"{date_format(due, 'D')} {date_format(due, 'MONTH_DAY_FORMAT')}, {due:%H:%M %Z}",
    }  # fmt: skip
    return [
        _("%(kind)s: %(metric)s, %(inbox)s %(conversation)s, due %(due)s") % facts,
        f"  {base}{page}",
    ]
