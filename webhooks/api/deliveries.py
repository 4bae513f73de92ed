"""/api/v1/ for deliveries and retry policies. Only reads, and the verbs of webhooks.deliveries."""

from typing import Any

from django.db import transaction
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from .. import deliveries
from ..accounts.access import has_right, person
from ..database import clock
from ..models import Attempt, Delivery, RetryPolicy
from .conventions import (
    Conflict,
    param_choice,
    param_number,
    param_text,
    param_time,
    refuse_invalid,
    refuse_unknown,
    version_read,
)
from .described import Described


class AttemptSerializer(serializers.ModelSerializer):
    class Meta:
        model = Attempt
        fields = [
            "number", "started_at", "finished_at", "outcome", "http_status", "error_class", "message", "duration_ms",
            "policy_version",
        ]  # fmt: skip


class DeliverySerializer(serializers.ModelSerializer):
    source = serializers.CharField(source="source.slug")  # type: ignore[assignment]
    duplicate_of = serializers.IntegerField(source="duplicate_of_id", allow_null=True)

    class Meta:
        model = Delivery
        fields = [
            "id", "source", "status", "held_for", "direction", "event", "delivery_key", "attempts", "next_attempt_at",
            "running_since", "received_at", "finished_at", "last_error", "conversation_id", "message_id", "origin",
            "duplicate_of",
        ]  # fmt: skip


class DeliveryDetailSerializer(DeliverySerializer):
    attempt_log = serializers.SerializerMethodField()

    class Meta(DeliverySerializer.Meta):
        fields = [*DeliverySerializer.Meta.fields, "attempt_log"]

    @extend_schema_field(AttemptSerializer(many=True))
    def get_attempt_log(self, row: Delivery) -> list[dict[str, Any]]:
        return list(AttemptSerializer(row.attempt_log.order_by("number"), many=True).data)


class ReplaySerializer(serializers.Serializer):
    reason = serializers.CharField(max_length=500)
    also_done = serializers.BooleanField(
        default=False,
        help_text="Required to run a DONE delivery again: its effects are repeated. Ignored for others.",
    )


FILTERS = (
    OpenApiParameter("source", description="The slug of a connected Chatwoot"),
    OpenApiParameter("status", enum=["", *Delivery.Status.values]),
    OpenApiParameter("direction", enum=["", *Delivery.Direction.values]),
    OpenApiParameter("event"),
    OpenApiParameter("conversation_id", {"type": "integer", "minimum": 0}),
    OpenApiParameter("delivery_key"),
    OpenApiParameter("since", OpenApiTypes.DATETIME, description="Received at or after this time"),
    OpenApiParameter("until", OpenApiTypes.DATETIME, description="Received at or before this time"),
)


class DeliveryViewSet(Described, mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet):
    permission_classes = [has_right("deliveries")]
    params = {"list": FILTERS}
    conflicts = {"replay": ("not_replayable",)}
    queryset = Delivery.objects.select_related("source").defer("body", "headers")

    def get_serializer_class(self) -> type[serializers.Serializer]:
        return DeliverySerializer if self.action == "list" else DeliveryDetailSerializer

    def filter_queryset(self, queryset: Any) -> Any:
        params = self.request.query_params
        plain = {"source": "source__slug", "event": "event", "delivery_key": "delivery_key"}
        wanted: dict[str, Any] = {
            field: param_text(name, params[name]) for name, field in plain.items() if params.get(name)
        }
        for name, choices in (("status", Delivery.Status), ("direction", Delivery.Direction)):
            if params.get(name):
                wanted[name] = param_choice(name, params[name], choices.values)
        if params.get("conversation_id"):
            wanted["conversation_id"] = param_number("conversation_id", params["conversation_id"])
        for name, lookup in (("since", "received_at__gte"), ("until", "received_at__lte")):
            if params.get(name):
                wanted[lookup] = param_time(name, params[name])
        return queryset.filter(**wanted)

    @extend_schema(request=ReplaySerializer, responses=DeliveryDetailSerializer)
    @action(detail=True, methods=["post"])
    def replay(self, request: Request, pk: str | None = None) -> Response:
        row = self.get_object()
        if row.event == "reply.send":
            raise Conflict("not_replayable", "A reply is never replayed: open its draft and choose there.")
        body = ReplaySerializer(data=request.data)
        body.is_valid(raise_exception=True)
        try:
            deliveries.replay(row, by=person(request), now=clock.now(), **body.validated_data)
        except deliveries.CannotReplay as error:
            raise Conflict("not_replayable", str(error)) from error
        return Response(DeliveryDetailSerializer(row).data)


class RetryPolicySerializer(serializers.ModelSerializer):
    class Meta:
        model = RetryPolicy
        fields = [
            "id", "name", "is_default", "event_pattern", "direction", "delays", "base", "factor", "cap", "jitter",
            "max_attempts", "max_age", "respect_retry_after", "retry_after_cap", "give_up_on", "hold_on", "retry_on",
            "settle_s", "version",
        ]  # fmt: skip
        read_only_fields = ["id", "is_default", "version"]

    def validate(self, changes: dict[str, Any]) -> dict[str, Any]:
        refuse_unknown(self.initial_data, self.fields)
        row = RetryPolicy(
            **{field.attname: getattr(self.instance, field.attname) for field in RetryPolicy._meta.fields}
        )
        # Setting one kind of delays clears the other, so that callers need not blank it.
        if changes.get("delays") and changes.get("base") is None:
            changes |= {"base": None, "factor": None, "cap": None}
        elif changes.get("base") is not None and not changes.get("delays"):
            changes["delays"] = []
        for field, value in changes.items():
            setattr(row, field, value)
        refuse_invalid(row)
        return changes


class RetryPolicyChange(RetryPolicySerializer):
    """version: the version that you read. 409 if there is a newer one."""

    class Meta(RetryPolicySerializer.Meta):
        read_only_fields = ["id", "is_default"]
        extra_kwargs = {"version": {"required": False, "min_value": 0}}


class RetryPolicyViewSet(
    Described,
    mixins.ListModelMixin,
    mixins.RetrieveModelMixin,
    mixins.UpdateModelMixin,
    viewsets.GenericViewSet,
):
    permission_classes = [has_right("retry_policies")]
    conflicts = {"partial_update": ("version_changed",)}
    queryset = RetryPolicy.objects.all()
    serializer_class = RetryPolicySerializer
    http_method_names = ["get", "patch", "head", "options"]

    @extend_schema(request=RetryPolicyChange, responses=RetryPolicySerializer)
    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        with transaction.atomic():
            row = RetryPolicy.objects.select_for_update().filter(pk=self.get_object().pk).get()
            expected = version_read(request.data)
            if expected is not None and expected != row.version:
                raise Conflict(
                    "version_changed", f"The policy is now at version {row.version}: read it again."
                )
            serializer = self.get_serializer(row, data=request.data, partial=True)
            serializer.is_valid(raise_exception=True)
            if any(getattr(row, field) != value for field, value in serializer.validated_data.items()):
                serializer.save(version=row.version + 1)
        return Response(serializer.data)
