"""/api/v1/learning-signals/: what decisions taught, with personal data masked (docs/learning_contract.md)."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework import mixins, serializers, viewsets
from rest_framework.exceptions import ValidationError

from webhooks.accounts import access
from webhooks.api.conventions import param_text, param_time
from webhooks.api.described import Described

from ..models import LearningSignal
from ..models.grades import Kind
from ..text.redaction import redacted


class MaskedText(serializers.CharField):
    """Text with personal data masked. The row keeps the original for the people who answer."""

    def get_attribute(self, instance: LearningSignal) -> str:
        contact, message = instance.conversation.contact, instance.draft.in_reply_to
        names = [contact.name if contact else "", message.sender_name]
        return redacted(getattr(instance, str(self.field_name)), names=names)


class LearningSignalSerializer(serializers.ModelSerializer):
    source = serializers.CharField(source="conversation.source.slug", read_only=True)  # type: ignore[assignment]
    inbox_id = serializers.IntegerField(
        source="conversation.inbox.inbox_id", default=None, allow_null=True, read_only=True
    )
    conversation_id = serializers.IntegerField(source="conversation.display_id", read_only=True)
    question = MaskedText(read_only=True)
    proposal = MaskedText(read_only=True)
    final_text = MaskedText(read_only=True)
    articles = serializers.ListField(child=serializers.DictField(), read_only=True)
    grades = serializers.SerializerMethodField()
    reviewer = serializers.CharField(
        source="reviewer.username", default=None, allow_null=True, read_only=True
    )

    class Meta:
        model = LearningSignal
        fields = [
            "id", "source", "inbox_id", "conversation_id", "draft", "decision", "kind", "question", "category", "articles",
            "proposal", "final_text", "distance", "ratio", "grades", "author", "author_kind", "reviewer", "at", "withdrawn_at",
        ]  # fmt: skip

    def get_grades(self, signal: LearningSignal) -> dict[str, int | None] | None:
        return None if signal.tone is None else signal.grades


FILTERS = (
    OpenApiParameter("kind", enum=["", *Kind]),
    OpenApiParameter("since", OpenApiTypes.DATETIME, description="Decided at or after this time"),
    OpenApiParameter("until", OpenApiTypes.DATETIME, description="Decided at or before this time"),
    OpenApiParameter("article", description="The slug of an article that the draft cites"),
    OpenApiParameter("source", description="The slug of a connected Chatwoot"),
)


class LearningSignalViewSet(Described, mixins.ListModelMixin, viewsets.GenericViewSet):
    permission_classes = [access.has_right("learning")]
    serializer_class = LearningSignalSerializer
    params = {"list": FILTERS}
    queryset = LearningSignal.objects.select_related(
        "conversation__source",
        "conversation__inbox",
        "conversation__contact",
        "draft__in_reply_to",
        "reviewer",
    ).prefetch_related("citations")

    def get_queryset(self) -> Any:
        mine = access.in_inboxes_of(access.person(self.request), path="conversation__inbox")
        return super().get_queryset().filter(mine)

    def filter_queryset(self, queryset: Any) -> Any:
        query = self.request.query_params
        plain = {"source": "conversation__source__slug", "article": "citations__article"}
        wanted: dict[str, Any] = {
            field: param_text(name, query[name]) for name, field in plain.items() if query.get(name)
        }
        if query.get("kind"):
            wanted["kind"] = _kind(query["kind"])
        for name, lookup in (("since", "at__gte"), ("until", "at__lte")):
            if query.get(name):
                wanted[lookup] = param_time(name, query[name])
        return queryset.filter(**wanted)


def _kind(value: str) -> str:
    if value not in set(Kind):
        raise ValidationError({"kind": f"{value!r} is not valid. Use one of: {', '.join(Kind)}."})
    return value
