"""Connect a source to its Chatwoot account, or correct what differs. Shared by the command and the admin form."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.db import transaction
from django.utils.translation import gettext as _

from .. import deliveries
from ..alerts import alerts
from ..errors import DeliveryError
from ..models import Inbox, Source
from ..outbound import chatwoot, registration
from . import addresses, sources, versions
from .sources import CannotConnect

OLDEST_TO_SEND = (4, 0)


@dataclass(frozen=True)
class Connection:
    """unsigned: Chatwoot is too old to sign; its webhook's URL ends in a token instead.

    moved: a person says that the Chatwoot at a new address is the one that was connected before.
    internal: the base URL was given on the server, so it may be in the installation's own network.
    """

    slug: str
    base_url: str
    account_id: int
    api_token: str
    register: bool = False
    public_url: str = ""
    secret: str = ""
    unsigned: bool = False
    internal: bool = False
    moved: bool = False


@dataclass(frozen=True)
class Checked:
    """What a token opens. account_name and version: empty where Chatwoot does not say."""

    account_name: str
    user_name: str
    version: str
    notes: list[str]


@dataclass(frozen=True)
class Connected:
    source: Source
    receiving_url: str
    notes: list[str]


def check(wanted: Connection) -> Checked:
    """Only reads: whose token this is, and Chatwoot's version. Raises CannotConnect."""
    client = chatwoot.Client(_base_url(wanted), wanted.account_id, wanted.api_token, watched=True)
    profile = _checked_profile(client, wanted)
    version, notes = _version(client, unsigned=wanted.unsigned)
    mine = next((one for one in _accounts(profile) if one.get("id") == wanted.account_id), {})
    return Checked(str(mine.get("name") or ""), str(profile.get("name") or ""), version, notes)


def _base_url(wanted: Connection) -> str:
    return addresses.split(wanted.base_url).base_url.rstrip("/")


def connect(wanted: Connection, *, now: datetime) -> Connected:
    """Check the token, save the source, register the webhook. Repeating it corrects what differs. Raises CannotConnect."""
    known = _check_arguments(wanted)
    base_url = _base_url(wanted)
    internal = wanted.internal or bool(known and known.internal and known.base_url == base_url)
    client = chatwoot.Client(base_url, wanted.account_id, wanted.api_token, internal=internal, watched=True)
    profile = _checked_profile(client, wanted)
    version, notes = _version(client, unsigned=wanted.unsigned)
    try:
        listed = client.inboxes()
    except DeliveryError as error:
        listed = []  # not fatal: each message names its inbox too
        notes.append(_("The inboxes could not be read: %(error)s") % {"error": error})
    token = known.unsigned_token if known else ""
    if wanted.unsigned:
        token = token or sources.new_token()
    moved_from, asked = _moved_from(known, base_url, wanted)
    notes += asked
    webhook = _registered(client, wanted, Source(slug=wanted.slug, unsigned_token=token))
    with transaction.atomic():
        source = Source.objects.update_or_create(
            slug=wanted.slug,
            defaults={
                "base_url": base_url, "moved_from": moved_from, "internal": internal,
                "account_id": wanted.account_id, "api_token": wanted.api_token,
                "chatwoot_version": version, "version_read_at": now if version else None,
                "sender_id": profile.get("id"), "sender_name": str(profile.get("name") or ""),
                "checked_at": now, "credentials_refused_at": None, "unsigned_token": token,
                **({"webhook_id": webhook["id"], "webhook_url": str(webhook.get("url") or "")} if webhook else {}),
            },
        )[0]  # fmt: skip
        if webhook.get("secret"):
            sources.rotate_webhook_secret(source, webhook["secret"], label="registered", now=now)
        sources.add_secret(source, wanted.secret, label="entered by hand")
        for found in listed:
            save_inbox(source, found)
        deliveries.release_held(source, held_for="credentials", now=now)
        if known and known.moved_from and not moved_from:
            if _host(known.base_url) != _host(base_url):  # what came meanwhile was not said by this Chatwoot
                deliveries.cancel_unconfirmed(source, why=_arrived_elsewhere(known), now=now)
            deliveries.release_unconfirmed(source, now=now)
        alerts.close(sources.credentials_key(source), now=now)
    if not source.secrets.exists() and not token:
        notes.append(_("No secret is stored, so every webhook is refused."))
    return Connected(source, sources.receiving_url(source, wanted.public_url), notes)


def _arrived_elsewhere(known: Source) -> str:
    return (
        f"Not processed: it arrived while {known} was connected to {known.base_url}, where the same numbers are other people. "
        "What the Chatwoot before had is read from it by the next reconciliation run."
    )


def _moved_from(known: Source | None, base_url: str, wanted: Connection) -> tuple[str, list[str]]:
    """The address that a source stays bound to until a person confirms the new one; and what to tell that person."""
    if known is None or wanted.moved:
        return "", []
    bound = known.moved_from or known.base_url
    if _host(bound) == _host(base_url):
        return "", []
    return bound, [
        _(
            "%(slug)s was connected to %(bound)s before. Nothing is sent and no event is processed until you confirm on its "
            "page that %(base_url)s is the same Chatwoot, moved. If it is another one, connect %(slug)s to %(bound)s "
            "again and use another slug for it."
        )
        % {"slug": wanted.slug, "bound": bound, "base_url": base_url}
    ]


def _host(base_url: str) -> tuple[str, int | None]:
    found = urlsplit(base_url)
    return (found.hostname or "").lower().rstrip("."), found.port or {"https": 443, "http": 80}.get(
        found.scheme
    )


def confirm_moved(source: Source, *, now: datetime) -> int:
    """It is the same Chatwoot at a new address: what waited goes on. Returns how many deliveries were released."""
    with transaction.atomic():
        Source.objects.filter(pk=source.pk).update(moved_from="")
        return deliveries.release_unconfirmed(source, now=now)


def _check_arguments(wanted: Connection) -> Source | None:
    """The existing source, if there is one. Raises CannotConnect."""
    if not re.fullmatch(r"[-a-zA-Z0-9_]+", wanted.slug):
        raise CannotConnect(
            _("--slug %(slug)s: use only letters, digits, - and _.") % {"slug": repr(wanted.slug)}
        )
    for value, text in (
        (wanted.base_url, _("The base URL %(value)s is not an http or https URL.")),
        (wanted.public_url or "http://unset", _("The public URL %(value)s is not an http or https URL.")),
    ):
        if not re.match(r"https?://[^/\s]+", value):
            raise CannotConnect(text % {"value": repr(value)})
    known = Source.objects.filter(slug=wanted.slug).first()
    if known and known.account_id != wanted.account_id:
        raise CannotConnect(
            _(
                "%(slug)s is already connected to account %(account_id)s: use another slug for another account."
            )
            % {"slug": wanted.slug, "account_id": known.account_id}
        )
    if wanted.register and not wanted.public_url:
        raise CannotConnect(
            _("--register needs --public-url: the address at which Chatwoot reaches this site.")
        )
    if not (wanted.register or wanted.secret or wanted.unsigned or known):
        raise CannotConnect(
            _("Use --register with --public-url, or give the webhook's secret with --secret.")
        )
    return known


def _checked_profile(client: chatwoot.Client, wanted: Connection) -> dict[str, Any]:
    try:
        profile = client.profile()
    except DeliveryError as error:
        if error.http_status in (401, 403):
            raise CannotConnect(
                _("Chatwoot refuses this token: copy it from Profile settings, Access token.")
            ) from error
        raise CannotConnect(
            _("%(base_url)s could not be reached: %(error)s") % {"base_url": wanted.base_url, "error": error}
        ) from error
    _check_administrator(profile, wanted.account_id)
    return profile


def _check_administrator(profile: dict[str, Any], account_id: int) -> None:
    """Refuses a wrong account or role. A profile that lists neither accounts nor roles is accepted."""
    accounts = _accounts(profile)
    mine = next((one for one in accounts if one.get("id") == account_id), None)
    if accounts and mine is None:
        raise CannotConnect(
            _("The token's user does not belong to account %(account_id)s.") % {"account_id": account_id}
        )
    role = (mine or {}).get("role") or profile.get("role") or "administrator"
    if role != "administrator":
        raise CannotConnect(
            _("The token belongs to a user with the role %(role)s: use an administrator's token.")
            % {"role": role}
        )


def _accounts(profile: dict[str, Any]) -> list[dict[str, Any]]:
    return [one for one in profile.get("accounts") or [] if isinstance(one, dict)]


def _version(client: chatwoot.Client, *, unsigned: bool) -> tuple[str, list[str]]:
    """Chatwoot's version, and notes about it. Raises CannotConnect."""
    try:
        version = client.version()
    except DeliveryError:
        return "", [_("Chatwoot did not report its version.")]
    numbers = versions.numbers(version)
    if numbers and numbers < OLDEST_TO_SEND:
        raise CannotConnect(
            _("Chatwoot %(version)s is too old: update it to 4.0 or newer.") % {"version": version}
        )
    return version, _signing_notes(
        version, signs=not numbers or numbers >= versions.SIGNS_SINCE, unsigned=unsigned
    )


def _signing_notes(version: str, *, signs: bool, unsigned: bool) -> list[str]:
    if not signs and not unsigned:
        return [
            _(
                "Chatwoot %(version)s does not sign webhooks (4.11.2 and newer do), so they are refused. Update "
                "it. Until then, connect again with --unsigned (in the admin: Accept unsigned webhooks, on the "
                "source's page)."
            )
            % {"version": version}
        ]
    if not unsigned:
        return []
    newer = (
        [
            _("Chatwoot %(version)s signs webhooks: it need not be allowed to send unsigned ones.")
            % {"version": version}
        ]
        if signs
        else []
    )
    return [*newer, str(sources.UNSIGNED_WARNING)]


def _registered(client: chatwoot.Client, wanted: Connection, source: Source) -> dict[str, Any]:
    if not wanted.register:
        return {}
    try:
        return registration.register(client, source, base=wanted.public_url)
    except DeliveryError as error:
        raise CannotConnect(_("The webhook could not be registered: %(error)s") % {"error": error}) from error


def save_inbox(source: Source, found: dict[str, Any]) -> None:
    facts = {"name": str(found.get("name") or "")[:200], "channel": str(found.get("channel_type") or "")[:60]}
    if found.get("email"):
        facts["email"] = str(found["email"])[:254]
    Inbox.objects.update_or_create(source=source, inbox_id=found["id"], defaults=facts)
