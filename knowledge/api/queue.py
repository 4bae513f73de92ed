"""The queue, for programs at /api/v1/queue/."""

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from webhooks.accounts import access
from webhooks.api.described import Described, rows_of
from webhooks.database import clock

from ..queue import queue


class MayFitSerializer(serializers.Serializer):
    article = serializers.CharField()
    version = serializers.IntegerField()
    title = serializers.CharField()
    language = serializers.CharField()
    confidence = serializers.FloatField()
    sentence = serializers.CharField()


class WaitingSerializer(serializers.Serializer):
    source = serializers.CharField(source="conversation.source.slug")  # type: ignore[assignment]
    conversation_id = serializers.IntegerField(source="conversation.display_id")
    waiting_since = serializers.DateTimeField()
    reply_due_at = serializers.DateTimeField()
    window_closes_at = serializers.DateTimeField(allow_null=True)
    review_due_at = serializers.DateTimeField(allow_null=True)
    draft = serializers.IntegerField(source="draft.pk", default=None, allow_null=True)
    claimed_by = serializers.CharField(source="claimed_by.username", default=None, allow_null=True)
    conversation_status = serializers.CharField(source="status", help_text="open, pending or snoozed")
    language = serializers.CharField(
        help_text="Detected: a code such as de, unknown, or empty for a picture alone"
    )
    no_draft = serializers.CharField(
        source="no_draft.reason", default=None, allow_null=True,
        help_text="Why there is no draft: no_reply_needed, may_fit, no_article or no_text",
    )  # fmt: skip
    may_fit = MayFitSerializer(
        source="no_draft.articles",
        many=True,
        default=[],
        help_text="Without a draft: articles that may fit, best first",
    )
    looks_automatic = serializers.BooleanField(
        help_text="The message may be a machine's: read before answering"
    )


class QueueView(Described, APIView):
    """Waiting customers, most urgent first. Always the whole queue, in one page."""

    permission_classes = [access.has_right("drafts")]
    serializer_class = WaitingSerializer

    @extend_schema(responses=rows_of(WaitingSerializer))
    def get(self, request: Request) -> Response:
        rows = queue.waiting(access.person(request), now=clock.now())
        return Response({"next": None, "results": WaitingSerializer(rows, many=True).data})
