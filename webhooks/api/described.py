"""The API's OpenAPI description. Each view declares its query parameters, and any other parameter is refused."""

from typing import Any, ClassVar

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter, inline_serializer
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

Parameters = tuple[OpenApiParameter, ...]
PAGES = {"cursor", "page_size"}
WRITING = ("POST", "PATCH", "PUT")
# For every operation. 404 includes an invalid cursor.
ALWAYS = {
    "400": ("A parameter or a value is unknown or not valid.", ("invalid", "parse_error", "bad_request")),
    "401": ("The token is missing or not valid.", ("not_authenticated", "authentication_failed")),
    "403": (
        "The token's user has no permission for this.",
        ("permission_denied", "service_token", "forbidden"),
    ),
    "404": ("It does not exist, or it is in an inbox that this user cannot see.", ("not_found",)),
    "406": ("Responses are JSON only.", ("not_acceptable",)),
    "429": ("Too many requests. Wait as long as Retry-After says.", ("throttled",)),
}
OF_WRITING = {
    "413": ("The request body is too large.", ("too_large",)),
    "415": ("Request bodies are JSON only.", ("unsupported_media_type",)),
}


class ErrorSerializer(serializers.Serializer):
    code = serializers.CharField(help_text="For programs: one of the codes listed")
    detail = serializers.CharField(help_text="For people: what happened, and what to do")
    fields = serializers.DictField(
        required=False, help_text="If input is not valid: the errors, by field or parameter"
    )  # type: ignore[assignment]


class Described:
    """Mixed in before a view's own bases. The keys are actions, or methods if a view has no actions."""

    params: ClassVar[dict[str, Parameters]] = {}
    conflicts: ClassVar[dict[str, tuple[str, ...]]] = {}
    refusals: ClassVar[dict[str, tuple[str, ...]]] = {}  # more codes for 400

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)  # type: ignore[misc]
        known = known_parameters(self, _operation(self, request.method or ""))
        unknown = sorted(set(request.query_params) - known)
        if unknown:
            allowed = (
                f"Use one of: {', '.join(sorted(known))}." if known else "This path takes no parameters."
            )
            raise ValidationError(
                dict.fromkeys(unknown, f"This parameter does not exist. {allowed}"), "unknown_parameter"
            )


def known_parameters(view: Any, operation: str) -> set[str]:
    named = {parameter.name for parameter in view.params.get(operation, ())}
    return named | (PAGES if _is_paged(view, operation) else set())


def _operation(view: Any, method: str) -> str:
    return getattr(view, "action", None) or method.lower()


def _is_paged(view: Any, operation: str) -> bool:
    return hasattr(view, "list") and operation in ("list", "get")


def rows_of(serializer: type[serializers.Serializer]) -> Any:
    """A list that always has one page, in the same form as the paged lists."""
    return inline_serializer(
        f"{serializer.__name__.removesuffix('Serializer')}Page",
        {"next": serializers.URLField(allow_null=True), "results": serializer(many=True)},
    )


class Description(AutoSchema):
    def get_override_parameters(self) -> list[Any]:
        return list(getattr(self.view, "params", {}).get(_operation(self.view, self.method), ()))

    def get_operation(self, *args: Any, **kwargs: Any) -> dict[str, Any] | None:
        operation = super().get_operation(*args, **kwargs)
        view: Any = self.view
        if operation and isinstance(view, Described):
            operation["responses"] |= self._refusals(view, _operation(view, self.method))
        return operation

    def _refusals(self, view: Described, name: str) -> dict[str, Any]:
        errors = ALWAYS | (OF_WRITING if self.method in WRITING else {})
        about, codes = errors["400"]
        more = ("unknown_parameter", *view.refusals.get(name, ()))
        errors = errors | {"400": (about, (*codes, *more))}
        if conflicts := view.conflicts.get(name):
            errors["409"] = ("It has changed since it was read.", conflicts)
        error = self.resolve_serializer(ErrorSerializer, "response").ref
        return {
            status: {
                "description": f"{about} code: {', '.join(codes)}.",
                "content": {"application/json": {"schema": error}},
            }
            for status, (about, codes) in sorted(errors.items())
        }
