"""/api/v1/sla-policies/: read by everybody at the desk, written by Managers. An edit is a version; none is deleted."""

from typing import Any

from django.core.exceptions import ValidationError as ModelError
from django.db import transaction
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, viewsets
from rest_framework.exceptions import ValidationError
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request
from rest_framework.response import Response

from webhooks.accounts.access import has_right
from webhooks.api.conventions import Conflict, asked_number
from webhooks.api.described import Described

from ..models import SLAPolicy
from ..models.sla import no_conditions
from ..policies import versions


class SLAPolicySerializer(serializers.ModelSerializer):
    conditions = serializers.JSONField(required=False)

    class Meta:
        model = SLAPolicy
        fields = ["id", *versions.FACTS, "version"]
        read_only_fields = ["id", "version"]

    def validate_conditions(self, value: Any) -> Any:
        """Whole: what is left out means all."""
        return no_conditions() | value if isinstance(value, dict) else value

    def validate(self, changes: dict[str, Any]) -> dict[str, Any]:
        unknown = sorted(set(self.initial_data) - set(self.fields))
        if unknown:  # a misspelt name must not look like a change that was made
            raise ValidationError(dict.fromkeys(unknown, "A policy has no such field."))
        facts = {name: getattr(self.instance, name) for name in versions.FACTS} if self.instance else {}
        try:
            SLAPolicy(**facts | changes).clean()
        except ModelError as error:
            raise ValidationError(error.message_dict) from error
        return changes


class SLAPolicyChange(SLAPolicySerializer):
    """version: the one that was read; 409 where there is a newer one."""

    class Meta(SLAPolicySerializer.Meta):
        read_only_fields = ["id"]
        extra_kwargs = {"version": {"required": False, "min_value": 0}}


class SLAPolicyViewSet(
    Described,
    mixins.ListModelMixin,
    mixins.CreateModelMixin,
    mixins.RetrieveModelMixin,
    mixins.UpdateModelMixin,
    viewsets.GenericViewSet,
):
    queryset = SLAPolicy.objects.order_by("pk")
    serializer_class = SLAPolicySerializer
    conflicts = {"partial_update": ("version_changed",)}
    http_method_names = ["get", "post", "patch", "head", "options"]

    def get_permissions(self) -> list[BasePermission]:
        return [has_right("drafts" if self.request.method in SAFE_METHODS else "sla_policies")()]

    @extend_schema(request=SLAPolicyChange, responses=SLAPolicySerializer)
    @transaction.atomic
    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """From now on, or from the `valid_from` it names: clocks that run keep their version.

        May carry the `version` it was made from: 409 when that changed.
        """
        row = SLAPolicy.objects.select_for_update().get(pk=self.get_object().pk)
        asked = self.get_serializer(row, data=request.data, partial=True)
        asked.is_valid(raise_exception=True)
        version = asked.initial_data.get("version")
        try:
            row = versions.change(
                row, asked.validated_data, now=timezone.now(),
                version=None if version is None else asked_number("version", str(version)),
            )  # fmt: skip
        except versions.VersionChanged as error:
            raise Conflict("version_changed", str(error)) from error
        except versions.InThePast as error:
            raise ValidationError({"valid_from": str(error)}) from error
        return Response(self.get_serializer(row).data)
