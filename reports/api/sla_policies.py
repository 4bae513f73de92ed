"""/api/v1/sla-policies/: everyone at the desk reads, Managers write. An edit is a new version; none is deleted."""

from typing import Any

from django.db import transaction
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, viewsets
from rest_framework.exceptions import ValidationError
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request
from rest_framework.response import Response

from webhooks.accounts.access import has_right
from webhooks.api.conventions import Conflict, refuse_invalid, refuse_unknown, version_read
from webhooks.api.described import Described
from webhooks.database import clock

from ..models import SLAPolicy
from ..models.sla import no_conditions
from ..policies import versions
from ..policies.policy_inboxes import PolicyInboxes


class SLAPolicySerializer(serializers.ModelSerializer):
    conditions = serializers.JSONField(required=False)

    class Meta:
        model = SLAPolicy
        fields = ["id", *versions.FACTS, "version"]
        read_only_fields = ["id", "version"]

    def validate_conditions(self, value: Any) -> Any:
        """A condition that is left out means all."""
        listed = value.get("inbox_ids") if isinstance(value, dict) else None
        inboxes = PolicyInboxes()
        for one in listed if isinstance(listed, list) else ():
            if known := inboxes.unclear(one):
                raise ValidationError(
                    f"inbox_ids: {one} is an inbox of several sources. Write {' or '.join(known)}."
                )
        return no_conditions() | value if isinstance(value, dict) else value

    def validate(self, changes: dict[str, Any]) -> dict[str, Any]:
        refuse_unknown(self.initial_data, self.fields)
        facts = {name: getattr(self.instance, name) for name in versions.FACTS} if self.instance else {}
        refuse_invalid(SLAPolicy(**facts | changes))
        return changes


class SLAPolicyChange(SLAPolicySerializer):
    """version: the version that you read. 409 if there is a newer one."""

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
        """The change applies from now on, or from `valid_from`. Running clocks keep their version.

        Send the `version` you read to get 409 if someone changed the policy meanwhile.
        """
        row = SLAPolicy.objects.select_for_update().get(pk=self.get_object().pk)
        asked = self.get_serializer(row, data=request.data, partial=True)
        asked.is_valid(raise_exception=True)
        try:
            row = versions.change(
                row, asked.validated_data, now=clock.now(), version=version_read(asked.initial_data),
            )  # fmt: skip
        except versions.VersionChanged as error:
            raise Conflict("version_changed", str(error)) from error
        except versions.InThePast as error:
            raise ValidationError({"valid_from": str(error)}) from error
        return Response(self.get_serializer(row).data)
