"""Verbs on sources: connect one to its Chatwoot account, test it. One way for the command and the admin form."""

import json
import re
import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import requests
from django.conf import settings
from django.db import transaction
from django.db.models import Q

from . import chatwoot, inbox, signing
from .errors import DeliveryError
from .models import Inbox, Source, SourceSecret

# Typing events are left out: they are many, and nothing here reads them.
EVENTS = [
    "message_created", "message_updated", "conversation_created", "conversation_updated",
    "conversation_status_changed", "contact_created", "contact_updated",
]  # fmt: skip
OLDEST_TO_SEND = (4, 0)
TEST_EVENT = "support_site_test"  # no handler listens: such a row is kept, and done
TEST_TIMEOUT_S = 5


class CannotConnect(Exception):
    """The text says what is wrong and how to mend it."""


@dataclass(frozen=True)
class Connection:
    slug: str
    base_url: str
    account_id: int
    api_token: str
    register: bool = False
    public_url: str = ""
    secret: str = ""


@dataclass(frozen=True)
class Connected:
    source: Source
    receiving_url: str
    notes: list[str]


def connect(wanted: Connection, *, now: datetime) -> Connected:
    """Check the token, keep the source, register the webhook. Doing it again mends what differs. Raises CannotConnect."""
    _check_arguments(wanted)
    client = chatwoot.Client(wanted.base_url, wanted.account_id, wanted.api_token)
    profile = _checked_profile(client, wanted)
    version, notes = _version(client)
    try:
        listed = client.inboxes()
    except DeliveryError as error:
        listed = []  # each message names its inbox too
        notes.append(f"The inboxes could not be read: {error}")
    webhook = _registered(client, wanted) if wanted.register else {}
    with transaction.atomic():
        source, _ = Source.objects.update_or_create(
            slug=wanted.slug,
            defaults={
                "base_url": wanted.base_url.rstrip("/"), "account_id": wanted.account_id, "api_token": wanted.api_token,
                "chatwoot_version": version, "sender_id": profile.get("id"), "sender_name": str(profile.get("name") or ""),
                "checked_at": now, "credentials_refused_at": None,
                **({"webhook_id": webhook["id"]} if webhook else {}),
            },
        )  # fmt: skip
        keep_secret(
            source,
            webhook.get("secret") or wanted.secret,
            label="registered" if webhook else "entered by hand",
        )
        for found in listed:
            keep_inbox(source, found)
        inbox.release_held(source, held_for="credentials", now=now)
    if not source.secrets.exists():
        notes.append(
            "No secret is known: Chatwoot older than 4.11.2 signs nothing, and unsigned webhooks are refused."
        )
    return Connected(source, _receiving_url(wanted, source), notes)


def check(source: Source, *, now: datetime) -> int:
    """Ask Chatwoot whether it accepts the source's token; if so, let go on what waited for that, and say how many.

    Raises CannotConnect; a refusal is kept on the source, silence is not.
    """
    try:
        profile = chatwoot.client(source).profile()
    except DeliveryError as error:
        if error.http_status in (401, 403):
            Source.objects.filter(pk=source.pk).update(credentials_refused_at=now, checked_at=now)
            raise CannotConnect("Chatwoot refuses this token: connect again with a new one.") from error
        raise CannotConnect(f"{source.base_url} could not be asked: {error}") from error
    with transaction.atomic():
        Source.objects.filter(pk=source.pk).update(
            credentials_refused_at=None, checked_at=now, sender_id=profile.get("id"),
            sender_name=str(profile.get("name") or "")[:200],
        )  # fmt: skip
        return inbox.release_held(source, held_for="credentials", now=now)


def send_test(source: Source, *, now: datetime) -> str:
    """Post a signed event to our own receiving URL, as Chatwoot would; the answer, in words. Raises CannotConnect."""
    usable = Q(expires_at=None) | Q(expires_at__gt=now)
    secret = source.secrets.filter(usable).order_by("-pk").first()
    if secret is None:
        raise CannotConnect(
            "There is no secret to sign with: connect with “register”, or add the webhook's secret."
        )
    body = json.dumps({"event": TEST_EVENT, "sent_at": now.isoformat()}).encode()
    timestamp = str(int(now.timestamp()))
    headers = {
        "Content-Type": "application/json", "X-Chatwoot-Timestamp": timestamp, "X-Chatwoot-Delivery": f"test-{uuid.uuid4()}",
        "X-Chatwoot-Signature": signing.sign(body, secret=secret.secret, timestamp=timestamp),
    }  # fmt: skip
    url = settings.PUBLIC_URL.rstrip("/") + source.path
    try:
        answer = requests.post(url, data=body, headers=headers, timeout=TEST_TIMEOUT_S, allow_redirects=False)
    except requests.RequestException as error:
        raise CannotConnect(
            f"{url} did not answer within {TEST_TIMEOUT_S} s: {type(error).__name__}."
        ) from error
    if answer.status_code != 200:
        raise CannotConnect(f"{url} answered {answer.status_code}: {answer.text[:200]}")
    return f"{url} accepted a signed test event in {answer.elapsed.total_seconds() * 1000:.0f} ms."


def _check_arguments(wanted: Connection) -> None:
    if not re.fullmatch(r"[-a-zA-Z0-9_]+", wanted.slug):
        raise CannotConnect(f"--slug {wanted.slug!r}: letters, digits, - and _ only.")
    for name, value in (("base URL", wanted.base_url), ("public URL", wanted.public_url or "http://unset")):
        if not re.match(r"https?://[^/\s]+", value):
            raise CannotConnect(f"The {name} {value!r} is not an http or https URL.")
    known = Source.objects.filter(slug=wanted.slug).first()
    if known and known.account_id != wanted.account_id:
        raise CannotConnect(
            f"{wanted.slug} is account {known.account_id} already: another account needs a slug of its own."
        )
    if wanted.register and not wanted.public_url:
        raise CannotConnect("--register needs --public-url: the address at which Chatwoot reaches this site.")
    if not wanted.register and not wanted.secret and known is None:
        raise CannotConnect("Give --register with --public-url, or the webhook's secret with --secret.")


def _checked_profile(client: chatwoot.Client, wanted: Connection) -> dict[str, Any]:
    try:
        profile = client.profile()
    except DeliveryError as error:
        if error.http_status in (401, 403):
            raise CannotConnect(
                "Chatwoot refuses this token: copy it from Profile settings, Access token."
            ) from error
        raise CannotConnect(f"{wanted.base_url} could not be asked: {error}") from error
    _check_administrator(profile, wanted.account_id)
    return profile


def _check_administrator(profile: dict[str, Any], account_id: int) -> None:
    """Refuse what is known to be wrong; a profile that says nothing of accounts or roles is taken at its word."""
    accounts = [one for one in profile.get("accounts") or [] if isinstance(one, dict)]
    mine = next((one for one in accounts if one.get("id") == account_id), None)
    if accounts and mine is None:
        raise CannotConnect(f"The token's user does not belong to account {account_id}.")
    role = (mine or {}).get("role") or profile.get("role") or "administrator"
    if role != "administrator":
        raise CannotConnect(f"The token's user is {role}: sending and reconciling need an administrator's.")


def _version(client: chatwoot.Client) -> tuple[str, list[str]]:
    try:
        version = client.version()
    except DeliveryError:
        return "", ["Chatwoot did not tell its version."]
    numbers = tuple(int(part) for part in re.findall(r"\d+", version)[:3])
    if numbers and numbers < OLDEST_TO_SEND:
        raise CannotConnect(f"Chatwoot {version} is too old: 4.0 or newer, please.")
    if numbers and numbers < (4, 11, 2):
        return version, [
            f"Chatwoot {version} does not sign webhooks (4.11.2 and newer do): they would be refused."
        ]
    return version, []


def _registered(client: chatwoot.Client, wanted: Connection) -> dict[str, Any]:
    """The webhook for our URL, made or brought up to date. Chatwoot answers 422 for a URL it knows, so look first."""
    url = wanted.public_url.rstrip("/") + Source(slug=wanted.slug).path
    try:
        known = next((hook for hook in client.webhooks() if hook.get("url") == url), None)
        if known is None:
            return client.create_webhook(name=f"Support site ({wanted.slug})", url=url, subscriptions=EVENTS)
        if not set(EVENTS) <= set(known.get("subscriptions") or []):
            events = sorted({*EVENTS, *(known.get("subscriptions") or [])})
            return client.update_webhook(known["id"], url=url, subscriptions=events) or known
        return known
    except DeliveryError as error:
        raise CannotConnect(f"The webhook could not be registered: {error}") from error


def keep_secret(source: Source, secret: str, *, label: str) -> None:
    if secret and not any(row.secret == secret for row in source.secrets.all()):
        SourceSecret.objects.create(source=source, secret=secret, label=label)


def keep_inbox(source: Source, found: dict[str, Any]) -> None:
    facts = {"name": str(found.get("name") or "")[:200], "channel": str(found.get("channel_type") or "")[:60]}
    if found.get("email"):
        facts["email"] = str(found["email"])[:254]
    Inbox.objects.update_or_create(source=source, inbox_id=found["id"], defaults=facts)


def _receiving_url(wanted: Connection, source: Source) -> str:
    return (wanted.public_url or settings.PUBLIC_URL).rstrip("/") + source.path
