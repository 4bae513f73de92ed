"""One delivery's page: its payload, its effects, every attempt, and what happens next."""

import hmac
from typing import Any

from django import forms
from django.conf import settings
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.module_loading import import_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminTextInputWidget

from .. import deliveries, parsing
from ..accounts import access
from ..deliveries import policies, redaction
from ..display import delivery_text, timeline
from ..models import Conversation, Delivery
from ..privacy.masking import masked
from ..receiver import signatures
from ..templatetags.support import pretty

LONGEST = 200_000  # characters of a body shown on the page; the download is complete
MOST = 20  # rows in each list on the page
RECENT = 12  # timeline steps that are not folded away


class ReplayForm(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=500,
        widget=UnfoldAdminTextInputWidget(attrs={"placeholder": gettext_lazy("Why it should run again")}),
    )


def show(
    model_admin: Any, request: HttpRequest, row: Delivery, form: ReplayForm, status: int = 200
) -> HttpResponse:
    policy, clear, now = policies.current(row), may_read(request, row), timezone.localtime()
    ahead = timeline.ahead(row, policy, now=now)
    audit = row.audit.select_related("by")
    steps = timeline.steps(row, policy, attempts=row.attempt_log.all(), audit=audit, now=now)
    return model_admin.page(
        request, "webhooks/delivery.html", title=str(row), original=row, status=status, row=row, form=form, clear=clear,
        outlook=delivery_text.outlook(row, policy, ahead=ahead, now=now), trouble=delivery_text.trouble(row), policy=policy,
        earlier=steps[:-RECENT], steps=steps[-RECENT:], now=now, **_body(row, clear=clear), effects=_effects(request, row),
        related=_related(row), duplicates=_duplicates(model_admin, row), signed=_signed(row),
        origin=delivery_text.origin(row), chatwoot_url=row.source.dashboard_url(row.conversation_id or 0),
        audit=audit.order_by("-at"),
        replays=row.replay_items.select_related("run__by").order_by("-pk")[:MOST], is_reply=row.event == "reply.send",
        may_replay=_may_replay(row), replay_url=model_admin.url("replay", row.pk),
        raw_url=model_admin.url("raw", row.pk), list_url=model_admin.url("changelist"),
        upstream=deliveries.open_circuit(row) if row.status == "PENDING" else None,
    )  # fmt: skip


def _may_replay(row: Delivery) -> bool:
    return row.event != "reply.send" and row.status != "PENDING" and row.redacted_at is None


def raw(request: HttpRequest, row: Delivery) -> HttpResponse:
    """The body byte for byte, for people who may read it. A download and never a page: a hostile body would run as one."""
    if not may_read(request, row) or row.redacted_at:
        raise Http404
    name = f'attachment; filename="delivery-{row.pk}.json"'
    return HttpResponse(
        bytes(row.body), content_type="application/octet-stream", headers={"Content-Disposition": name}
    )


def may_read(request: HttpRequest, row: Delivery) -> bool:
    """Customer text is only for people who answer in that inbox."""
    if request.user.is_superuser:
        return True
    if not access.may(request.user, "drafts") or row.conversation_id is None:
        return False
    about = Conversation.objects.filter(source=row.source_id, display_id=row.conversation_id)
    return about.filter(access.in_inboxes_of(access.person(request), path="inbox")).exists()


def _body(row: Delivery, *, clear: bool) -> dict[str, Any]:
    """Why the body was removed; else the event, masked for people who may not read it. None: not JSON and not to be shown."""
    if row.redacted_at:
        return {"gone": redaction.why_gone(row), "size": row.body_size}
    size, text = len(row.body), bytes(row.body[:LONGEST]).decode("utf-8", "replace")
    try:
        payload = row.payload()
    except parsing.NotAnEvent:
        return {"body": None, "raw": text if clear else None, "size": size}
    shown = pretty(payload if clear else masked(payload))
    return {
        "body": shown[:LONGEST],
        "cut": len(shown) > LONGEST,
        "raw": text if clear else None,
        "size": size,
    }


def _effects(request: HttpRequest, row: Delivery) -> list[tuple[str, str]]:
    """What it led to, according to the apps above (settings.DELIVERY_EFFECTS): (label, URL), as far as this person may see."""
    if row.conversation_id is None:
        return []
    return import_string(settings.DELIVERY_EFFECTS)(row, user=access.person(request))


def _duplicates(model_admin: Any, row: Delivery) -> SafeString:
    """Links to the deliveries that brought the same event again."""
    numbers = row.duplicates.values_list("pk", flat=True)[:MOST]
    return format_html_join(
        ", ", '<a class="s-link" href="{}">{}</a>', ((model_admin.url("change", pk), pk) for pk in numbers)
    )


def _related(row: Delivery) -> QuerySet[Delivery]:
    """For an incoming delivery: what it made us send. For an outgoing one: what came in about the same message."""
    if row.conversation_id is None:
        return Delivery.objects.none()
    about = Q(message_id=row.message_id) if row.message_id else Q(pk__in=[])
    done = row.attempt_log.filter(outcome="ok").order_by("-number").first()
    if row.direction == "IN" and done and done.finished_at:
        about |= Q(received_at__gte=done.started_at, received_at__lte=done.finished_at)
    other = Delivery.objects.filter(source=row.source_id, conversation_id=row.conversation_id).exclude(
        direction=row.direction
    )
    return other.filter(about).defer("body", "headers").order_by("pk")[:MOST]


def _signed(row: Delivery) -> str:
    """Which of the source's secrets signed it, found by signing it again with each."""
    signature = str(row.headers.get("X-Chatwoot-Signature") or "")
    timestamp = str(row.headers.get("X-Chatwoot-Timestamp") or "")
    if row.direction != "IN" or not signature or row.redacted_at:
        return ""
    for secret in row.source.secrets.order_by("pk"):
        own = signatures.sign(bytes(row.body), secret=secret.secret, timestamp=timestamp)
        if hmac.compare_digest(own.encode(), signature.encode("utf-8", "replace")):
            return _("with the secret “%(secret)s”") % {"secret": secret}
    return _("with a secret that is no longer stored")
