"""The receiver: raw body → verify → record → answer. It does no other work and depends on nothing else."""

import logging
import uuid
from typing import Any

from django.conf import settings
from django.http import HttpRequest, JsonResponse
from django.http.request import HttpHeaders, RawPostDataException, UnreadablePostError
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.views import APIView

from .. import parsing
from ..accounts import rate_limits
from ..database import outage
from ..models import Delivery
from . import requests, signatures, source_cache, spool
from .requests import Arrival
from .source_cache import Known, Secret

logger = logging.getLogger(__name__)
# Of a request's headers, Django's view of them parses every one.
STORED_IN_META = {name: HttpHeaders.to_wsgi_name(name) for name in requests.STORED_HEADERS}


class TooLarge(Exception):
    """The body is longer than WEBHOOK_MAX_BYTES."""


class CutShort(Exception):
    """The sender disconnected or stopped sending before the end of the body."""


class Receive(APIView):
    authentication_classes: list = []
    permission_classes: list = []
    parser_classes: list = []
    throttle_classes: list = []  # a request refused here is a lost event
    schema = None  # only for Chatwoot, not part of the API's description

    def post(self, request: Request, slug: str, token: str = "") -> JsonResponse:
        """Chatwoot waits 5 s and never retries, so each answer below is final for that event.

        200 accepted, duplicate or spooled (the database is down); 400 signed but not an event (stored, DEAD), or cut short;
        401 no valid signature; 404 no such source; 413 too large; 503 if neither the database nor the disk takes it.
        """
        plain = request._request  # DRF's wrapper looks up each attribute in it
        try:
            return self._receive(plain, slug, token)
        except Exception:
            # A bug here must not lose what Chatwoot sends only once: on disk it waits for a version that can read it.
            logger.exception("webhook.failed", extra={"source": slug})
            return _last_resort(plain, slug, token)

    def _receive(self, plain: HttpRequest, slug: str, token: str) -> JsonResponse:
        try:
            source = source_cache.find(slug) or source_cache.find(slug, fresh=True)
        except source_cache.CacheEmpty:
            source = None
        else:
            if source is None or (token and not requests.opens_unsigned(source, token)):
                return _refused(
                    404, "unknown_source", "No source has this URL: check the webhook's URL in Chatwoot."
                )
        try:
            arrival = _arrival(plain, slug, token, body=read_body(plain))
        except CutShort:  # not counted as a rejection: the signature could not be checked
            return _refused(400, "cut_short", "The body ended before its Content-Length.")
        except TooLarge:
            detail = f"The body is longer than {settings.WEBHOOK_MAX_BYTES} bytes (WEBHOOK_MAX_BYTES)."
            if source is None:
                return _refused(413, "too_large", detail)
            head = _arrival(plain, slug, token, body=b"")
            return _rejected(head, source, signatures.Rejected("too_large", detail), status=413)
        if source is None:
            return _spooled(arrival, verified=False)
        try:
            secret = _verified(arrival, source)
        except signatures.Rejected as error:
            if error.code == requests.UNKNOWN_SECRET and source.unreadable:
                return _spooled(arrival, verified=False, why=spool.UNREADABLE)  # judged once the key is back
            return _rejected(arrival, source, error)
        return _recorded(arrival, source, secret)

    def perform_content_negotiation(self, request: Request, force: bool = False) -> Any:
        """Always JSON: an event must not be lost because of an Accept header (406) or a ?format=."""
        return JSONRenderer(), JSONRenderer.media_type


def _arrival(request: HttpRequest, slug: str, token: str, *, body: bytes) -> Arrival:
    given = {name: request.META[key] for name, key in STORED_IN_META.items() if key in request.META}
    return Arrival(
        slug=slug,
        token=token,
        body=body,
        headers=parsing.clean({name: text[:500] for name, text in given.items()}),
        key=requests.delivery_key(given.get("X-Chatwoot-Delivery", "")),
        remote=rate_limits.address(request)[:64],
        at=timezone.now(),
    )


def _verified(arrival: Arrival, source: Known) -> Secret | None:
    try:
        return requests.verify(arrival, source)
    except signatures.Rejected as error:
        if error.code != requests.UNKNOWN_SECRET:
            raise
    # A new secret may not be in the cache yet.
    return requests.verify(arrival, source_cache.find(arrival.slug, fresh=True) or source)


def _recorded(arrival: Arrival, source: Known, secret: Secret | None) -> JsonResponse:
    try:
        row, created = outage.ask(lambda: requests.record(arrival, source, secret), writes=True)
    except outage.DatabaseUnavailable as error:
        return _spooled(arrival, verified=True, why=_why(error))
    if created and row.status == Delivery.Status.DEAD:
        return JsonResponse({"error": "not_an_event", "detail": row.last_error, "id": row.pk}, status=400)
    return JsonResponse({"status": "accepted" if created else "duplicate", "id": row.pk})


def _rejected(
    arrival: Arrival, source: Known, error: signatures.Rejected, *, status: int = 401
) -> JsonResponse:
    try:
        outage.ask(lambda: requests.refuse(arrival, source, error), writes=True)
    except outage.DatabaseUnavailable as away:
        # Signed by Chatwoot, but a clock is off: the event is lost unless it is stored. The others are only counted.
        if error.code == "timestamp_stale":
            _spooled(arrival, verified=False, why=_why(away))
    return _refused(status, error.code, error.detail)


def _why(error: outage.DatabaseUnavailable) -> str:
    return spool.BUSY if isinstance(error, outage.Busy) else spool.AWAY


def _spooled(arrival: Arrival, *, verified: bool, why: str = spool.AWAY) -> JsonResponse:
    try:
        spool.store(arrival, verified=verified, why=why)
    except spool.Full as error:
        return _refused(
            503, "unavailable", f"Neither the database nor the disk could store this event. {error}"
        )
    return JsonResponse({"status": "spooled"})


def _last_resort(request: HttpRequest, slug: str, token: str) -> JsonResponse:
    """Keeps the event unverified, with none of what may have failed: its signature is judged at the import."""
    try:
        body = request._body if hasattr(request, "_body") else read_body(request)
        return _spooled(_bare_arrival(request, slug, token, body=body), verified=False, why=spool.FAILED)
    except Exception:
        logger.exception("webhook.lost", extra={"source": slug})
        return _refused(503, "unavailable", "The site failed, and could not keep this event on its disk.")


def _bare_arrival(request: HttpRequest, slug: str, token: str, *, body: bytes) -> Arrival:
    """By as little code as can be: any of it may be what failed."""
    given = {
        name: str(request.META[key])[:200].encode("ascii", "replace").decode().replace("\0", "")
        for name, key in STORED_IN_META.items()
        if key in request.META
    }
    key = given.get("X-Chatwoot-Delivery") or f"local-{uuid.uuid4()}"
    return Arrival(slug=slug, token=token, body=body, headers=given, key=key, remote="", at=timezone.now())


def read_body(request: HttpRequest) -> bytes:
    """The raw bytes, up to WEBHOOK_MAX_BYTES. Django's own limit (2.5 MB) stays for every other path."""
    length = request.META.get("CONTENT_LENGTH") or ""
    if length.isdecimal() and int(length[:18]) > settings.WEBHOOK_MAX_BYTES:
        raise TooLarge
    try:
        # A proxy may send the body in chunks without a length. Django then reads nothing, but the server knows the end.
        whole = not length and request.META.get("wsgi.input_terminated")
        body = (request.META["wsgi.input"] if whole else request).read(settings.WEBHOOK_MAX_BYTES + 1)
    except (UnreadablePostError, RawPostDataException, OSError) as error:
        raise CutShort from error
    if length.isdecimal() and len(body) < int(length[:18]):
        raise CutShort
    if len(body) > settings.WEBHOOK_MAX_BYTES:
        raise TooLarge
    request._body = body  # where Django itself keeps it: it can be read from the connection only once
    return body


def _refused(status: int, code: str, detail: str) -> JsonResponse:
    return JsonResponse({"error": code, "detail": detail}, status=status)


receive = csrf_exempt(Receive.as_view())
