"""The receiver: raw body → verify → record → answer. It does no other work, whatever the state of the rest."""

import hashlib
import logging
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest
from django.http.request import RawPostDataException, UnreadablePostError
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from . import inbox, parsing, signing
from .models import Delivery, Source

logger = logging.getLogger(__name__)

KEPT_HEADERS = (
    "X-Chatwoot-Delivery",
    "X-Chatwoot-Timestamp",
    "X-Chatwoot-Signature",
    "User-Agent",
    "Content-Type",
)


class TooLarge(Exception):
    """The body is longer than WEBHOOK_MAX_BYTES."""


class Receive(APIView):
    authentication_classes: list = []
    permission_classes: list = []
    parser_classes: list = []
    schema = None  # Chatwoot's side of the contract, not for API users

    def post(self, request: Request, slug: str) -> Response:
        """Chatwoot gives 5 s once and never retries, so each answer below is final for that event.

        200 accepted or duplicate; 400 signed but no event (kept, DEAD); 401 not signed by us; 404 no such source; 413;
        503 where the database cannot take it.
        """
        try:
            return self._receive(request, slug)
        except (OperationalError, InterfaceError):
            logger.exception("webhook.not_kept", extra={"source": slug})
            return _refused(503, "unavailable", "The database does not answer: this event could not be kept.")

    def _receive(self, request: Request, slug: str) -> Response:
        now = timezone.now()
        source = Source.objects.filter(slug=slug).first()
        if source is None:
            return _refused(404, "unknown_source", f"No source is called {slug!r}: check the webhook's URL.")
        try:
            body = read_body(request._request)
        except TooLarge:
            return _refused(
                413, "too_large", f"The body is over {settings.WEBHOOK_MAX_BYTES} bytes (WEBHOOK_MAX_BYTES)."
            )
        try:
            self._verify(request, source, body, now=now)
        except signing.Rejected as error:
            return _refused(401, error.code, error.detail)
        headers = parsing.clean(
            {name: request.headers[name][:500] for name in KEPT_HEADERS if name in request.headers}
        )
        key = _delivery_key(request.headers.get("X-Chatwoot-Delivery", ""))
        row, created = inbox.record(source, body=body, headers=headers, key=key, now=now)
        if created and row.status == Delivery.Status.DEAD:
            return Response({"error": "not_an_event", "detail": row.last_error, "id": row.pk}, status=400)
        return Response({"status": "accepted" if created else "duplicate", "id": row.pk})

    def perform_content_negotiation(self, request: Request, force: bool = False) -> Any:
        """Always JSON: an event must not be lost over an Accept header (406) or a ?format=."""
        return super().perform_content_negotiation(request, force=True)

    def _verify(self, request: Request, source: Source, body: bytes, *, now: datetime) -> None:
        usable = [
            row.secret for row in source.secrets.all() if row.expires_at is None or row.expires_at > now
        ]
        signing.verify(
            body,
            timestamp=request.headers.get("X-Chatwoot-Timestamp", ""),
            signature=request.headers.get("X-Chatwoot-Signature", ""),
            secrets=usable,
            now=now,
            window_s=settings.SIGNATURE_WINDOW_S,
        )


def read_body(request: HttpRequest) -> bytes:
    """The raw bytes, up to WEBHOOK_MAX_BYTES. Django's own limit (2.5 MB) stays for every other path."""
    length = request.META.get("CONTENT_LENGTH") or ""
    if length.isdecimal() and int(length[:18]) > settings.WEBHOOK_MAX_BYTES:
        raise TooLarge
    try:
        # A proxy may pass the body on in chunks, without a length: Django then reads nothing, the server knows the end.
        whole = not length and request.META.get("wsgi.input_terminated")
        body = (request.META["wsgi.input"] if whole else request).read(settings.WEBHOOK_MAX_BYTES + 1)
    except (UnreadablePostError, RawPostDataException, OSError):
        body = b""  # the sender went away: nobody reads this answer
    if len(body) > settings.WEBHOOK_MAX_BYTES:
        raise TooLarge
    return body


def _delivery_key(given: str) -> str:
    """As it came where the column can hold it; of a longer one the hash, so that two that begin alike stay two."""
    key = str(parsing.clean(given))
    return key if len(key) <= 200 else "sha256-" + hashlib.sha256(key.encode()).hexdigest()


def _refused(status: int, code: str, detail: str) -> Response:
    return Response({"error": code, "detail": detail}, status=status)


receive = csrf_exempt(Receive.as_view())
