"""Which token a call uses, and what it means when Chatwoot rejects it.

401 and 403 mean a bad token or one forbidden conversation; a call to the profile shows which (chatwoot.md). A reply that its
approver's own token cannot send is parked: it is sent under another name only if a person decides so.
"""

import contextlib
from collections.abc import Iterator
from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext as _

from webhooks.errors import DeliveryError, Hold, Permanent, Retryable
from webhooks.models import Source
from webhooks.outbound import chatwoot
from webhooks.sources import sources

from ..models import ChatwootToken

REFUSED = (401, 403)


class CannotStore(Exception):
    """The text says what is wrong with the token and how to fix it."""


def own(user: User | None, source: Source) -> ChatwootToken | None:
    return (
        ChatwootToken.objects.filter(user=user, source=source).select_related("user").first()
        if user
        else None
    )


def store(user: User, source: Source, *, token: str, now: datetime) -> ChatwootToken:
    """Only a token that Chatwoot accepts, and only for this account. Raises CannotStore."""
    token = token.strip()
    if not token.isascii() or not token.isprintable() or not 8 <= len(token) <= 200 or " " in token:
        raise CannotStore(
            _("This is not an access token. In Chatwoot, copy it from Profile settings, Access token.")
        )
    try:
        profile = chatwoot.client_with(source, token, watched=True).profile()
    except DeliveryError as error:
        if error.http_status in REFUSED:
            raise CannotStore(
                _("Chatwoot rejected this token. Copy it again from Profile settings, Access token.")
            ) from error
        raise CannotStore(
            _("%(base_url)s could not be reached, so nothing was saved: %(error)s")
            % {"base_url": source.base_url, "error": error}
        ) from error
    accounts = [one.get("id") for one in profile.get("accounts") or [] if isinstance(one, dict)]
    if accounts and source.account_id not in accounts:
        raise CannotStore(
            _("The token's user does not belong to account %(account_id)s of %(source)s.")
            % {"account_id": source.account_id, "source": source}
        )
    if not isinstance(profile.get("id"), int):
        raise CannotStore(
            _("Chatwoot does not report a user for this token. Use the token of an agent or administrator.")
        )
    facts = {
        "token": token, "sender_id": profile["id"], "sender_name": str(profile.get("name") or "")[:200],
        "checked_at": now, "refused_at": None,
    }  # fmt: skip
    row, _is_new = ChatwootToken.objects.update_or_create(user=user, source=source, defaults=facts)
    return row


def remove(user: User, source: Source) -> bool:
    return bool(ChatwootToken.objects.filter(user=user, source=source).delete()[0])


def client(source: Source, token: ChatwootToken | None = None) -> chatwoot.Client:
    return chatwoot.client_with(source, token.token) if token else chatwoot.client(source)


def check_usable(token: ChatwootToken | None) -> None:
    """Raises Permanent if Chatwoot rejected the token before: another call would only be rejected again."""
    if token and token.refused_at:
        raise Permanent(_refused(token))


@contextlib.contextmanager
def trouble(source: Source, *, now: datetime, token: ChatwootToken | None = None) -> Iterator[None]:
    """Around calls to Chatwoot: turns a rejection into an error that says what to do."""
    try:
        yield
    except DeliveryError as error:
        if error.http_status not in REFUSED:
            raise
        if _accepts(source, token):
            sender = f"{token.user}'s own token" if token else "the user of the connection"
            raise Permanent(
                f"Chatwoot does not let {sender} use this conversation.", http_status=error.http_status
            ) from error
        if token:
            ChatwootToken.objects.filter(pk=token.pk).update(refused_at=now)
            raise Permanent(_refused(token), http_status=401) from error
        with transaction.atomic():
            sources.refuse_credentials(source, now=now)
        raise Hold(
            "Chatwoot rejected the token of the connection.", held_for="credentials", http_status=401
        ) from error


def _accepts(source: Source, token: ChatwootToken | None) -> bool:
    try:
        client(source, token).profile()
    except DeliveryError as refused:
        if refused.http_status not in REFUSED:
            raise Retryable(
                f"Chatwoot refused the call, and the token's profile could not be read: {refused}"
            ) from refused
        return False
    return True


def _refused(token: ChatwootToken) -> str:
    return (
        f"Chatwoot rejected {token.user}'s own token. Nothing is sent under another name. Replace or remove the token "
        "under “My Chatwoot token”, then send again."
    )
