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

    class Meta:
        model = Gap
        fields = ["id", "question", "language", "customers", "since", "conversations", "change"]

    def get_question(self, gap: Gap) -> str:
        return next((row.question for row in self._turns(gap) if row.question), "")

    def get_conversations(self, gap: Gap) -> list[int]:
        return list(dict.fromkeys(row.message.conversation.display_id for row in self._turns(gap)))

    def _turns(self, gap: Gap) -> list[Any]:
        if not hasattr(gap, "shown"):
            gap.shown = gap_writing.turns(gap, access.person(self.context["request"]))  # type: ignore[attr-defined]
        return list(gap.shown)  # type: ignore[attr-defined]


class GapViewSet(Described, mixins.ListModelMixin, viewsets.GenericViewSet):
    """Open ones, newest first."""

    permission_classes = [access.has_right("learning")]
    serializer_class = GapSerializer
    queryset = Gap.objects.open()

    def get_queryset(self) -> Any:
        return Gap.objects.open().visible_to(access.person(self.request))
