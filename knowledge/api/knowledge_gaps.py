"""/api/v1/knowledge-gaps/: topics that customers ask about and no draft answers, by inbox (learning/gap_rows.py)."""

from typing import Any

from rest_framework import mixins, serializers, viewsets

from webhooks.accounts import access
from webhooks.api.described import Described

from ..learning import gap_writing
from ..models import Gap


class GapSerializer(serializers.ModelSerializer):
    question = serializers.SerializerMethodField(
        help_text="The most typical one, masked; empty once it is erased"
    )
    customers = serializers.IntegerField(
        source="seen_customers", read_only=True, help_text="In 28 days, in your inboxes"
    )
    conversations = serializers.SerializerMethodField(
        help_text="Their numbers in Chatwoot, the most typical first"
    )

    change = serializers.SerializerMethodField(
        help_text="The open change that fills it; null if you do not see one"
    )

    class Meta:
        model = Gap
        fields = ["id", "question", "language", "customers", "since", "conversations", "change"]

    def get_question(self, gap: Gap) -> str:
        return next((row.question for row in self.context["turns"][gap.pk] if row.question), "")

    def get_conversations(self, gap: Gap) -> list[int]:
        return list(
            dict.fromkeys(row.message.conversation.display_id for row in self.context["turns"][gap.pk])
        )

    def get_change(self, gap: Gap) -> int | None:
        change = self.context["writing"].get(gap.pk)
        return change.pk if change else None


class GapViewSet(Described, mixins.ListModelMixin, viewsets.GenericViewSet):
    """Open ones, newest first."""

    permission_classes = [access.has_right("learning")]
    serializer_class = GapSerializer
    queryset = Gap.objects.open()

    def get_queryset(self) -> Any:
        return Gap.objects.open().visible_to(access.person(self.request))

    def get_serializer(self, *gaps: Any, **kwargs: Any) -> Any:
        """However many gaps a page has, what is read beside them takes the same few queries."""
        if not gaps:  # the description of the API asks without any, and for nobody
            return super().get_serializer(**kwargs)
        listed, user = list(gaps[0]), access.person(self.request)
        beside = {"turns": gap_writing.turns_of(listed, user), "writing": gap_writing.writing(listed, user)}
        return GapSerializer(listed, context={**self.get_serializer_context(), **beside}, **kwargs)
