"""/api/v1/calendars/: read by everyone who answers, written by Managers. Each edit is a version; nothing is deleted."""

import contextlib
from collections.abc import Iterator
from typing import Any

from django.db import IntegrityError, transaction
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, viewsets
from rest_framework.exceptions import ValidationError
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request
from rest_framework.response import Response

from webhooks.accounts.access import has_right
from webhooks.api.conventions import Conflict, refuse_invalid, refuse_unknown, version_read
from webhooks.api.described import Described

from ..calendars import inbox_calendars
from ..models import BusinessCalendar


class CalendarSerializer(serializers.ModelSerializer):
    class Meta:
        model = BusinessCalendar
        fields = ["id", *inbox_calendars.FACTS, "version"]
        read_only_fields = ["id", "version"]

    def validate(self, changes: dict[str, Any]) -> dict[str, Any]:
        refuse_unknown(self.initial_data, self.fields)
        facts = (
            {name: getattr(self.instance, name) for name in inbox_calendars.FACTS} if self.instance else {}
        )
        refuse_invalid(BusinessCalendar(**facts | changes))
        return changes


class CalendarChange(CalendarSerializer):
    """version: the version that you read. 409 if there is a newer one."""

    class Meta(CalendarSerializer.Meta):
        read_only_fields = ["id"]
        extra_kwargs = {"version": {"required": False, "min_value": 0}}


class CalendarViewSet(
    Described,
    mixins.ListModelMixin,
    mixins.CreateModelMixin,
    mixins.RetrieveModelMixin,
    mixins.UpdateModelMixin,
    viewsets.GenericViewSet,
):
    queryset = BusinessCalendar.objects.all()
    serializer_class = CalendarSerializer
    conflicts = {"partial_update": ("version_changed",)}
    refusals = {"create": ("unique",), "partial_update": ("unique",)}
    http_method_names = ["get", "post", "patch", "head", "options"]

    def get_permissions(self) -> list[BasePermission]:
        return [has_right("drafts" if self.request.method in SAFE_METHODS else "calendars")()]

    def perform_create(self, serializer: Any) -> None:
        with _one_of_a_name():
            serializer.save()

    @extend_schema(request=CalendarChange, responses=CalendarSerializer)
    @transaction.atomic
    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Optional `version`: the version that the edit is based on. 409 if a newer one exists."""
        row = BusinessCalendar.objects.select_for_update().get(pk=self.get_object().pk)
        serializer = self.get_serializer(row, data=request.data, partial=True)
        serializer.is_valid(raise_exception=True)
        try:
            with _one_of_a_name():
                row = inbox_calendars.change(
                    row,
                    serializer.validated_data,
                    version=version_read(serializer.initial_data),
                )
        except inbox_calendars.VersionChanged as error:
            raise Conflict("version_changed", str(error)) from error
        return Response(self.get_serializer(row).data)


@contextlib.contextmanager
def _one_of_a_name() -> Iterator[None]:
    """Two concurrent requests may both find a name free. The database accepts only one of them."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        raise ValidationError({"name": ["Another calendar already has this name."]}, "unique") from error
