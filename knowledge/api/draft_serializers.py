"""Drafts as programs read and write them: rows, proposals, decisions. The views are in drafts.py."""

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from ..models import Draft, Escalation
from ..models.grades import GRADES
from ..replies.attachments import Listed, listed


class AttachmentSerializer(serializers.Serializer):
    id = serializers.IntegerField()
    name = serializers.CharField()
    type = serializers.CharField(help_text="By its content, not as a browser or an extension says")
    size = serializers.IntegerField(help_text="Bytes")
    sha256 = serializers.CharField()


class DraftSerializer(serializers.ModelSerializer):
    source = serializers.CharField(source="conversation.source.slug", read_only=True)  # type: ignore[assignment]
    conversation_id = serializers.IntegerField(source="conversation.display_id")
    in_reply_to_message_id = serializers.IntegerField(source="in_reply_to.message_id")
    approved_text = serializers.SerializerMethodField()
    approved_recipients = serializers.SerializerMethodField()
    attachments = serializers.SerializerMethodField(
        help_text="What is attached; from its approval on, what was approved. Only people attach files, on the draft's page"
    )
    grades = serializers.SerializerMethodField()
    decided_by = serializers.SerializerMethodField()

    class Meta:
        model = Draft
        fields = [
            "id", "source", "conversation_id", "in_reply_to_message_id", "status", "revision", "body", "approved_text",
            "recipients", "approved_recipients", "attachments", "author", "confidence", "evidence", "risk", "grades",
            "created_at", "decided_at", "decided_by", "after_send", "sent_message_id", "why",
        ]  # fmt: skip

    def get_approved_text(self, draft: Draft) -> str | None:
        return draft.approved_text or None

    def get_approved_recipients(self, draft: Draft) -> dict | None:
        return draft.approved_recipients or None

    @extend_schema_field(AttachmentSerializer(many=True))
    def get_attachments(self, draft: Draft) -> Listed:
        return listed(draft)

    def get_grades(self, draft: Draft) -> dict[str, int] | None:
        return None if draft.tone is None else {name: getattr(draft, name) for name in GRADES}

    def get_decided_by(self, draft: Draft) -> str | None:
        return draft.decided_by.get_username() if draft.decided_by else None


class ProposalSerializer(serializers.Serializer):
    source = serializers.CharField(required=False)  # type: ignore[assignment]
    conversation_id = serializers.IntegerField(min_value=0, max_value=2**63 - 1)
    in_reply_to_message_id = serializers.IntegerField(min_value=0, max_value=2**63 - 1, required=False)
    body = serializers.CharField(max_length=150_000, trim_whitespace=False)
    evidence = serializers.ListField(
        child=serializers.JSONField(), required=False, default=list, max_length=50
    )
    confidence = serializers.FloatField(
        min_value=0, max_value=1, required=False, allow_null=True, default=None
    )


class RecipientsSerializer(serializers.Serializer):
    contact_id = serializers.IntegerField(required=False, allow_null=True)
    to = serializers.ListField(child=serializers.CharField(max_length=300), required=False, max_length=500)
    cc = serializers.ListField(child=serializers.CharField(max_length=300), required=False, max_length=500)


class DecisionSerializer(serializers.Serializer):
    revision = serializers.IntegerField(min_value=1)
    text = serializers.CharField(required=False, allow_null=True, max_length=150_000, trim_whitespace=False)
    tone = serializers.IntegerField(required=False, allow_null=True)
    accuracy = serializers.IntegerField(required=False, allow_null=True)
    policy = serializers.IntegerField(required=False, allow_null=True)
    note = serializers.CharField(required=False, allow_blank=True, allow_null=True, default=None)
    reason = serializers.CharField(required=False, allow_blank=True, default="")
    no_article = serializers.BooleanField(
        required=False, default=False, help_text="Of a rejection: because no article fits the question"
    )
    then = serializers.ChoiceField(
        choices=Draft.Then.choices, required=False, allow_blank=True, allow_null=True, default=None
    )
    newest_message_id = serializers.IntegerField(
        min_value=0, max_value=2**63 - 1, required=False, allow_null=True
    )
    recipients = RecipientsSerializer(required=False, allow_null=True)


class ClaimSerializer(serializers.Serializer):
    take_over = serializers.BooleanField(required=False, default=False)
    reason = serializers.CharField(max_length=200, required=False, allow_blank=True, default="")


class EscalationSerializer(serializers.Serializer):
    reason = serializers.CharField(max_length=500)
    level = serializers.ChoiceField(
        choices=Escalation.Level.choices, required=False, default=Escalation.Level.SECOND
    )
    kind = serializers.ChoiceField(
        choices=Escalation.Kind.choices, required=False, default=Escalation.Kind.OTHER
    )
    owner = serializers.CharField(
        max_length=150, required=False, help_text="A username; by default the person who escalates"
    )
