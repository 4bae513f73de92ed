"""Opens the circuit to an upstream that fails ten times in a row: its deliveries wait without losing attempts, one row probes.

The state is a row, so all workers agree on it. The length of pauses is decided in circuit_breaker.py.
"""

import logging
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils.module_loading import import_string

from ..errors import CircuitOpen, DeliveryError
from ..models import Delivery, Upstream
from ..outbound import chatwoot, reachability
from ..outbound.reachability import Observed
from . import circuit_breaker

logger = logging.getLogger(__name__)
NO_ROW = 0  # in place of a delivery's id: a ping
PATIENCE = timedelta(seconds=15)  # how long to wait for a delivery that can be the probe
PING_ENDS = timedelta(seconds=60)


def chatwoot_of(row: Delivery) -> str:
    return f"chatwoot:{row.source_id}"


def upstream_key(row: Delivery) -> str:
    """The upstream it calls; empty if it calls none that has a circuit."""
    path = settings.OUT_UPSTREAMS.get(row.event) if row.direction == "OUT" else None
    return import_string(path)(row) if path else ""


def open_circuit(row: Delivery) -> Upstream | None:
    """The upstream it waits for, if that one's circuit is open."""
    key = upstream_key(row)
    found = Upstream.objects.filter(key=key, opened_at__isnull=False)
    return found.select_related("source").first() if key else None


def check(row: Delivery, *, now: datetime) -> None:
    """Raises NotYet while the circuit to its upstream is open, except for the row that is the probe."""
    upstream = open_circuit(row)
    if upstream is None or _take_probe(upstream, by=row.pk, ends=row.next_attempt_at or now, now=now):
        return
    upstream.refresh_from_db()
    if upstream.probe_at:  # otherwise it has answered at this very moment
        raise CircuitOpen(
            f"{upstream}: circuit open after {upstream.failures} failures in a row.", until=upstream.probe_at
        )


def _take_probe(upstream: Upstream, *, by: int, ends: datetime, now: datetime) -> bool:
    """Whether this row becomes the probe: only one of many does. ends: when the next may try if this one never finishes."""
    due = Upstream.objects.filter(pk=upstream.pk, opened_at__isnull=False, probe_at__lte=now)
    return bool(due.update(probe=by, probe_at=ends))


def recheck_postponed(row: Delivery, until: datetime, *, now: datetime) -> None:
    """After postponing a row: if its upstream answered just before, nothing else would make the row due again."""
    if upstream_key(row) and not Upstream.objects.filter(key=upstream_key(row), probe_at=until).exists():
        _waiting(until).filter(pk=row.pk).update(next_attempt_at=now)


def record_result(row: Delivery, observed: Observed, *, now: datetime) -> None:
    """Updates the upstream's state after an attempt."""
    key = upstream_key(row)
    if not key:
        return
    known = Upstream.objects.filter(key=key).exclude(failures=0)
    if observed.last is False:
        if not known.exists():
            Upstream.objects.get_or_create(
                key=key, defaults={"source": row.source if key == chatwoot_of(row) else None}
            )
    elif not known.exists():
        return  # the usual case costs a single index look-up
    _settle(key, observed, by=row.pk, now=now)


def _settle(key: str, observed: Observed, *, by: int, now: datetime) -> None:
    with transaction.atomic():
        upstream = Upstream.objects.select_for_update(of=("self",)).select_related("source").get(key=key)
        before = _state(upstream)
        if observed.last is None:
            _set_state(upstream, circuit_breaker.probe_unused(before, by=by, now=now))
        elif observed.last:
            _set_state(upstream, circuit_breaker.answered())
        else:
            _set_state(upstream, circuit_breaker.failed(before, by=by, now=now))
            upstream.failed_at, upstream.last_error = now, observed.failure[:500]
        upstream.save()
        if before.probe_at and (upstream.probe_at is None or upstream.probe_at <= now):
            _waiting(before.probe_at).update(next_attempt_at=now)
    if bool(before.opened_at) != bool(upstream.opened_at):
        logger.warning(
            "circuit.opened" if upstream.opened_at else "circuit.closed",
            extra={"upstream": key, "failures": max(before.failures, upstream.failures)},
        )


def _state(upstream: Upstream) -> circuit_breaker.State:
    return circuit_breaker.State(
        upstream.failures, upstream.pauses, upstream.opened_at, upstream.probe_at, upstream.probe
    )


def _set_state(upstream: Upstream, state: circuit_breaker.State) -> None:
    upstream.failures, upstream.pauses, upstream.opened_at = state.failures, state.pauses, state.opened_at
    upstream.probe_at, upstream.probe = state.probe_at, state.probe


def _waiting(probe_at: datetime) -> QuerySet[Delivery]:
    """Rows postponed until this probe. The time matches to the microsecond, so that no row's own delay is meant."""
    return Delivery.objects.filter(
        lane__in=settings.LANE_TIMEOUT_S, next_attempt_at=probe_at, direction="OUT", running_since=None
    )


def retry_now(upstream: Upstream, *, now: datetime) -> bool:
    """A person does not want to wait: the next row is the probe. False if the circuit is closed."""
    with transaction.atomic():
        row = Upstream.objects.select_for_update(of=("self",)).get(pk=upstream.pk)
        if row.opened_at is None or row.probe_at is None:
            return False
        Upstream.objects.filter(pk=row.pk).update(probe_at=now, probe=None)
        _waiting(row.probe_at).update(next_attempt_at=now)
    return True


def ping(*, now: datetime) -> None:
    """A chore. If no delivery comes along to be the probe, a read is: a circuit must close even if nothing is sent."""
    idle = Upstream.objects.filter(opened_at__isnull=False, probe_at__lte=now - PATIENCE)
    for upstream in idle.select_related("source"):
        if not _take_probe(upstream, by=NO_ROW, ends=now + PING_ENDS, now=now):
            continue
        with reachability.observing() as observed:
            try:
                import_string(settings.UPSTREAM_PINGS[upstream.key.partition(":")[0]])(upstream)
            except DeliveryError:
                pass  # recorded in observed
        if observed.last is None:  # the upstream no longer exists
            observed.last = True
        _settle(upstream.key, observed, by=NO_ROW, now=now)


def ping_chatwoot(upstream: Upstream) -> None:
    if upstream.source:
        chatwoot.client(upstream.source, any_installation=True).profile()
