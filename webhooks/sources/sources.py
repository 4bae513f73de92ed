"""Verbs on a connected source: its token, its secrets, a test event, unsigned webhooks. connecting.py connects it."""

import json
import logging
import secrets
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

import requests
from django.conf import settings
from django.db import transaction
from django.db.models import Count, Max, Min, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .. import deliveries
from ..alerts import alerts
from ..errors import DeliveryError
from ..models import Rejection, Source, SourceSecret
from ..outbound import chatwoot, registration
from ..receiver import signatures

logger = logging.getLogger(__name__)
OLD_SECRET_LASTS = timedelta(hours=24)
OWN_LABELS = ("registered", "read from Chatwoot")
LOOK_BACK = timedelta(minutes=10)
ASK_EVERY = timedelta(minutes=5)
PATIENCE = timedelta(minutes=2)
TEST_EVENT = "support_site_test"  # it has no handler: the row is recorded and done
TEST_TIMEOUT_S = 5
UNSIGNED_WARNING = gettext_lazy(
    "Unsigned webhooks are accepted: nothing proves who sent them. Anyone who learns the receiving URL can post as Chatwoot. "
    "Keep it secret, and turn this off as soon as Chatwoot is 4.11.2 or newer."
)


class CannotConnect(Exception):
    """The text says what is wrong and how to fix it."""


def check(source: Source, *, now: datetime) -> int:
    """Ask Chatwoot whether it accepts the source's token. If so, release what waited for that and return how many.

    Raises CannotConnect. A refusal is recorded on the source; no answer is not.
    """
    try:
        profile = chatwoot.client(source, watched=True, any_installation=True).profile()
    except DeliveryError as error:
        if error.http_status in (401, 403):
            refuse_credentials(source, now=now)
            Source.objects.filter(pk=source.pk).update(checked_at=now)
            raise CannotConnect(_("Chatwoot refuses this token: connect again with a new one.")) from error
        raise CannotConnect(
            _("%(base_url)s could not be reached: %(error)s") % {"base_url": source.base_url, "error": error}
        ) from error
    with transaction.atomic():
        Source.objects.filter(pk=source.pk).update(
            credentials_refused_at=None, checked_at=now, sender_id=profile.get("id"),
            sender_name=str(profile.get("name") or "")[:200],
        )  # fmt: skip
        alerts.close(credentials_key(source), now=now)
        return deliveries.release_held(source, held_for="credentials", now=now)


def refuse_credentials(source: Source, *, now: datetime) -> None:
    """Chatwoot refuses the token. Alerts once, however many calls are refused."""
    with transaction.atomic():
        accepted = Source.objects.filter(pk=source.pk, credentials_refused_at=None)
        if accepted.update(credentials_refused_at=now):
            logger.error("source.credentials_refused", extra={"source": source.slug})
            text = f"Chatwoot refuses the token of {source}, so replies wait. Connect the source again with a new token."
            alerts.open_("credentials", key=credentials_key(source), text=text, now=now, source=source)


def credentials_key(source: Source) -> str:
    return f"credentials:{source.pk}"


def send_test(source: Source, *, now: datetime) -> str:
    """Post an event to our own receiving URL, as Chatwoot would. Returns the result as text. Raises CannotConnect."""
    secret = usable_secrets(source, now=now).order_by("-pk").first()
    if secret is None and not source.unsigned_token:
        raise CannotConnect(
            _("There is no secret to sign with: connect with “register”, or add the webhook's secret.")
        )
    body = json.dumps({"event": TEST_EVENT, "sent_at": now.isoformat()}).encode()
    timestamp = str(int(now.timestamp()))
    headers = {"Content-Type": "application/json", "X-Chatwoot-Delivery": f"test-{uuid.uuid4()}"}
    if secret:
        signature = signatures.sign(body, secret=secret.secret, timestamp=timestamp)
        headers |= {"X-Chatwoot-Timestamp": timestamp, "X-Chatwoot-Signature": signature}
    url = receiving_url(source)
    try:
        answer = requests.post(url, data=body, headers=headers, timeout=TEST_TIMEOUT_S, allow_redirects=False)
    except requests.RequestException as error:
        raise CannotConnect(
            _("%(url)s did not answer within %(seconds)s s: %(error)s.")
            % {"url": url, "seconds": TEST_TIMEOUT_S, "error": type(error).__name__}
        ) from error
    if answer.status_code != 200:
        raise CannotConnect(
            _("%(url)s answered %(status)s: %(text)s")
            % {"url": url, "status": answer.status_code, "text": answer.text[:200]}
        )
    facts = {"url": url, "took": f"{answer.elapsed.total_seconds() * 1000:.0f}"}
    if secret:
        return _("%(url)s accepted a signed test event in %(took)s ms.") % facts
    return _("%(url)s accepted an unsigned test event in %(took)s ms.") % facts


def receiving_url(source: Source, base: str = "") -> str:
    return (base or settings.PUBLIC_URL).rstrip("/") + registration.path(source)


# Unsigned webhooks


def accept_unsigned(source: Source) -> None:
    """For a Chatwoot that cannot sign. Requests to the plain URL are still refused without a signature."""
    source.unsigned_token = source.unsigned_token or new_token()
    source.save(update_fields=["unsigned_token"])


def refuse_unsigned(source: Source) -> None:
    source.unsigned_token = ""
    source.save(update_fields=["unsigned_token"])


def new_token() -> str:
    return secrets.token_urlsafe(32)


# Secrets


def usable_secrets(source: Source, *, now: datetime) -> QuerySet[SourceSecret]:
    return source.secrets.filter(Q(expires_at=None) | Q(expires_at__gt=now))


def add_secret(source: Source, secret: str, *, label: str, expires_at: datetime | None = None) -> bool:
    """Whether it was new."""
    if not secret or any(row.secret == secret for row in source.secrets.all()):
        return False
    SourceSecret.objects.create(source=source, secret=secret, label=label, expires_at=expires_at)
    return True


def rotate_webhook_secret(source: Source, secret: str, *, label: str, now: datetime) -> bool:
    """Whether it was new. The secret it replaces stays valid for a day, for webhooks signed before the reset."""
    with transaction.atomic():
        Source.objects.select_for_update().get(
            pk=source.pk
        )  # two hosts may notice the reset in the same minute
        old = _replaced(source, now=now)
        if not add_secret(source, secret, label=label):
            return False
        if old:
            SourceSecret.objects.filter(pk=old.pk).update(expires_at=now + OLD_SECRET_LASTS)
        alerts.close(secret_key(source), now=now)
    return True


def _replaced(source: Source, *, now: datetime) -> SourceSecret | None:
    """The webhook's current secret. Others may belong to an API inbox or a bot and stay."""
    lasting = [row for row in usable_secrets(source, now=now).order_by("-pk") if row.expires_at is None]
    own = [row for row in lasting if row.label in OWN_LABELS]
    return own[0] if own else lasting[0] if len(lasting) == 1 else None


def refresh_secret(source: Source, *, now: datetime) -> bool:
    """Read the webhook's secret from Chatwoot and store it. Returns whether anything changed. Raises CannotConnect."""
    try:
        hook = registration.find(
            chatwoot.client(source, watched=True, any_installation=True), source, base=settings.PUBLIC_URL
        )
    except DeliveryError as error:
        raise CannotConnect(
            _("The webhook's secret could not be read from Chatwoot: %(error)s") % {"error": error}
        ) from error
    if hook is None:
        url = settings.PUBLIC_URL.rstrip("/") + source.path
        raise CannotConnect(
            _("Chatwoot has no webhook for %(url)s: connect again with “register”.") % {"url": url}
        )
    if not hook.get("secret"):
        raise CannotConnect(_("Chatwoot does not show its webhook's secret: add it by hand."))
    known = next((row for row in source.secrets.all() if row.secret == hook["secret"]), None)
    if known and known.expires_at:  # reset, and reset back
        known.expires_at = None
        known.save(update_fields=["expires_at"])
        alerts.close(secret_key(source), now=now)
        return True
    return rotate_webhook_secret(source, hook["secret"], label="read from Chatwoot", now=now)


@dataclass(frozen=True)
class Unknown:
    """Requests signed with none of the source's secrets since a secret last matched."""

    count: int
    first_at: datetime
    last_at: datetime


def unknown_signatures(source: Source, *, since: datetime) -> Unknown | None:
    """Counted since the last accepted event (a match is noted once a minute, a delivery always) or the last new secret."""
    accepted = source.deliveries.filter(direction="IN", origin="webhook").order_by("-received_at")
    known = source.secrets.aggregate(matched=Max("last_matched_at"), made=Max("created_at"))
    facts = [known["matched"], known["made"], accepted.values_list("received_at", flat=True).first(), since]
    after = max(at for at in facts if at)
    seen = Rejection.objects.filter(source=source, code="signature_mismatch", at__gt=after).aggregate(
        count=Count("pk"), first_at=Min("at"), last_at=Max("at")
    )
    return Unknown(**seen) if seen["count"] else None


def check_secrets(*, now: datetime) -> None:
    """Every minute: if signatures no longer match, read the secret again, and alert people if that does not help."""
    for source in Source.objects.filter(alerts__kind="secret", alerts__closed_at=None).distinct():
        _close_if_matched(source, now=now)
    recent = Rejection.objects.filter(code="signature_mismatch", at__gte=now - LOOK_BACK)
    for source in Source.objects.filter(pk__in=recent.values("source")):
        unknown = unknown_signatures(source, since=now - LOOK_BACK)
        if unknown and not _asked_lately(source, now=now):
            _find_secret(source, unknown, now=now)


def _close_if_matched(source: Source, *, now: datetime) -> None:
    seen = source.alerts.filter(kind="secret", closed_at=None).aggregate(at=Max("last_seen_at"))["at"]
    if seen and source.secrets.filter(last_matched_at__gt=seen).exists():
        alerts.close(secret_key(source), now=now)


def _asked_lately(source: Source, *, now: datetime) -> bool:
    """An open alert was last seen when Chatwoot was last asked, by any host."""
    return source.alerts.filter(kind="secret", closed_at=None, last_seen_at__gt=now - ASK_EVERY).exists()


def _find_secret(source: Source, unknown: Unknown, *, now: datetime) -> None:
    try:
        if refresh_secret(source, now=now):
            logger.warning("source.secret_renewed", extra={"source": source.slug, "refused": unknown.count})
            return
        if now - unknown.first_at < PATIENCE:
            return  # it may just be a forged request between two events
        why = "Chatwoot's webhook has the stored secret: another webhook may post here, or a proxy changes the body"
    except CannotConnect as error:
        why = str(error).rstrip(".")
    events = "1 event" if unknown.count == 1 else f"{unknown.count} events"
    text = f"{source}: {events} since {unknown.first_at:%H:%M} UTC had a signature that matches no stored secret. {why}."
    alerts.open_("secret", key=secret_key(source), text=text, now=now, source=source)


def secret_key(source: Source) -> str:
    return f"secret:{source.pk}"


def rotation_trouble(rows: list[SourceSecret], *, now: datetime) -> tuple[SourceSecret, SourceSecret] | None:
    """An old secret that is still in use, and its successor: the signer must change before the old one expires.

    Two secrets that both match and have no expiry belong to two webhooks.
    """
    usable = sorted(
        (row for row in rows if row.expires_at is None or row.expires_at > now), key=lambda row: row.pk
    )
    for number, old in enumerate(usable[:-1]):
        matched = max(
            (row.last_matched_at for row in usable[number + 1 :] if row.last_matched_at), default=None
        )
        replaced = old.expires_at is not None or matched is None
        if replaced and old.last_matched_at and (matched is None or matched < old.last_matched_at):
            return old, usable[-1]
    return None
