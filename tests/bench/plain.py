"""A plain Django view that does the receiver's work and nothing else: verify, one INSERT into the same table, answer."""

import json

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django_q.tasks import async_task

from tests.factories import SECRET
from webhooks.models import Delivery
from webhooks.receiver import signatures


@csrf_exempt
def receive(request: HttpRequest, source: int) -> HttpResponse:
    return JsonResponse({"status": "accepted", "id": _keep(request, source).pk})


@csrf_exempt
def receive_and_enqueue(request: HttpRequest, source: int) -> HttpResponse:
    row = _keep(request, source)
    async_task("tests.bench.work.task", row.pk)
    return JsonResponse({"status": "accepted", "id": row.pk})


def _keep(request: HttpRequest, source: int) -> Delivery:
    body, now = request.body, timezone.now()
    signatures.verify(
        body, timestamp=request.headers["X-Chatwoot-Timestamp"], signature=request.headers["X-Chatwoot-Signature"],
        secrets=[SECRET], now=now, window_s=300,
    )  # fmt: skip
    event = json.loads(body)
    row = Delivery(
        source_id=source, direction="IN", lane="in", event=event["event"], body=body, received_at=now, due_since=now,
        next_attempt_at=now, delivery_key=request.headers["X-Chatwoot-Delivery"], message_id=event["id"],
        conversation_id=event["conversation"]["id"], semantic_key=f"message_created:{event['id']}",
        headers={name: request.headers[name] for name in ("X-Chatwoot-Delivery", "X-Chatwoot-Timestamp")},
    )  # fmt: skip
    row.save(force_insert=True)
    return row


def ping(request: HttpRequest) -> HttpResponse:
    return HttpResponse("up")


urlpatterns = [
    path("", ping),
    path("plain/<int:source>/", receive),
    path("enqueues/<int:source>/", receive_and_enqueue),
]
