"""A party that fails ten times in a row is rested: what is meant for it waits without losing attempts, one row probes.

Its state is a row, so all workers agree; which pauses it makes is decided in breaker.py.
"""

import logging
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils.module_loading import import_string

from ..errors import DeliveryError, NotYet
from ..models import Delivery, Party
from ..outbound import chatwoot, reachability
from ..outbound.reachability import Heard
from . import circuit_breaker

logger = logging.getLogger(__name__)
NO_ROW = 0  # in place of a delivery's number: a ping
PATIENCE = timedelta(seconds=15)  # for a delivery to come that can be the probe
PING_ENDS = timedelta(seconds=60)


def chatwoot_of(row: Delivery) -> str:
    return f"chatwoot:{row.source_id}"


def party_key(row: Delivery) -> str:
    """Whom it calls; empty where that is nobody who is ever rested."""
    path = settings.OUT_PARTIES.get(row.event) if row.direction == "OUT" else None
    return import_string(path)(row) if path else ""


def rested(row: Delivery) -> Party | None:
    """The party it waits for."""
    key = party_key(row)
    resting = Party.objects.filter(key=key, rested_at__isnull=False)
    return resting.select_related("source").first() if key else None


def check(row: Delivery, *, now: datetime) -> None:
    """Raises NotYet while its party is rested, but for the one row that is the probe."""
    party = rested(row)
    if party is None or _take_probe(party, by=row.pk, ends=row.next_attempt_at or now, now=now):
        return
    party.refresh_from_db()
    if party.probe_at:  # else it has answered in this moment
        raise NotYet(f"{party} is rested after {party.failures} failures in a row.", until=party.probe_at)


def _take_probe(party: Party, *, by: int, ends: datetime, now: datetime) -> bool:
    """One of many. ends: when the next may try, should this one never come back."""
    due = Party.objects.filter(pk=party.pk, rested_at__isnull=False, probe_at__lte=now)
    return bool(due.update(probe=by, probe_at=ends))


def look_again(row: Delivery, until: datetime, *, now: datetime) -> None:
    """After it was put off: had its party answered just before, nobody else would let it go on."""
    if party_key(row) and not Party.objects.filter(key=party_key(row), probe_at=until).exists():
        _waiting(until).filter(pk=row.pk).update(next_attempt_at=now)


def learn(row: Delivery, heard: Heard, *, now: datetime) -> None:
    """What the end of a try tells of its party."""
    key = party_key(row)
    if not key:
        return
    known = Party.objects.filter(key=key).exclude(failures=0)
    if heard.last is False:
        if not known.exists():
            Party.objects.get_or_create(
                key=key, defaults={"source": row.source if key == chatwoot_of(row) else None}
            )
    elif not known.exists():
        return  # the usual case costs one probe of an index
    _settle(key, heard, by=row.pk, now=now)


def _settle(key: str, heard: Heard, *, by: int, now: datetime) -> None:
    with transaction.atomic():
        party = Party.objects.select_for_update(of=("self",)).select_related("source").get(key=key)
        before = _state(party)
        if heard.last is None:
            _set_state(party, circuit_breaker.sent_home(before, by=by, now=now))
        elif heard.last:
            _set_state(party, circuit_breaker.answered())
        else:
            _set_state(party, circuit_breaker.failed(before, by=by, now=now))
            party.failed_at, party.last_error = now, heard.failure[:500]
        party.save()
        if before.probe_at and (party.probe_at is None or party.probe_at <= now):
            _waiting(before.probe_at).update(next_attempt_at=now)
    if bool(before.rested_at) != bool(party.rested_at):
        logger.warning(
            "party.rested" if party.rested_at else "party.answers",
            extra={"party": key, "failures": max(before.failures, party.failures)},
        )


def _state(party: Party) -> circuit_breaker.State:
    return circuit_breaker.State(party.failures, party.rests, party.rested_at, party.probe_at, party.probe)


def _set_state(party: Party, state: circuit_breaker.State) -> None:
    party.failures, party.rests, party.rested_at = state.failures, state.rests, state.rested_at
    party.probe_at, party.probe = state.probe_at, state.probe


def _waiting(probe_at: datetime) -> QuerySet[Delivery]:
    """What was put off until this probe: to the microsecond, so that no row's own delay is meant."""
    return Delivery.objects.filter(
        lane__in=settings.LANE_TIMEOUT_S, next_attempt_at=probe_at, direction="OUT", running_since=None
    )


def try_now(party: Party, *, now: datetime) -> bool:
    """A person does not want to wait: the next row is the probe. False where it is not rested."""
    with transaction.atomic():
        row = Party.objects.select_for_update(of=("self",)).get(pk=party.pk)
        if row.rested_at is None or row.probe_at is None:
            return False
        Party.objects.filter(pk=row.pk).update(probe_at=now, probe=None)
        _waiting(row.probe_at).update(next_attempt_at=now)
    return True


def ping(*, now: datetime) -> None:
    """A chore. Where no delivery comes to be the probe, a read is it: a rest must end although nobody writes."""
    idle = Party.objects.filter(rested_at__isnull=False, probe_at__lte=now - PATIENCE)
    for party in idle.select_related("source"):
        if not _take_probe(party, by=NO_ROW, ends=now + PING_ENDS, now=now):
            continue
        with reachability.listening() as heard:
            try:
                import_string(settings.PARTY_PINGS[party.key.partition(":")[0]])(party)
            except DeliveryError:
                pass  # heard says so
        if heard.last is None:  # there is nobody to call any more
            heard.last = True
        _settle(party.key, heard, by=NO_ROW, now=now)


def ping_chatwoot(party: Party) -> None:
    if party.source:
        chatwoot.client(party.source).profile()
