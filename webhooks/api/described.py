"""What the API says of itself, and that it keeps to it: each view names what may be asked, and anything else is refused."""

from typing import Any, ClassVar

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter, inline_serializer
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

Parameters = tuple[OpenApiParameter, ...]
PAGES = {"cursor", "page_size"}
WRITING = ("POST", "PATCH", "PUT")
# Of every operation. 404: also a cursor that is none.
ALWAYS = {
    "400": ("Something that was asked is unknown or wrong.", ("invalid", "parse_error", "bad_request")),
    "401": ("No token, or none that is valid.", ("not_authenticated", "authentication_failed")),
    "403": ("The token's user may not do this.", ("permission_denied", "service_token", "forbidden")),
    "404": ("There is no such thing, or it is in an inbox that this user does not see.", ("not_found",)),
    "406": ("The answer is JSON alone.", ("not_acceptable",)),
    "429": ("Too many calls: wait as long as Retry-After says.", ("throttled",)),
}
OF_WRITING = {
    "413": ("The body is too large.", ("too_large",)),
    "415": ("The body is read as JSON alone.", ("unsupported_media_type",)),
}


class ErrorSerializer(serializers.Serializer):
    code = serializers.CharField(help_text="For programs: one of those listed")
    detail = serializers.CharField(help_text="For people: what happened, and what to do")
    fields = serializers.DictField(required=False, help_text="Where input is wrong: what, by its name")  # type: ignore[assignment]


class Described:
    """Before a view's own bases. asks, conflicts: by action, or by method where a view has no actions."""

    asks: ClassVar[dict[str, Parameters]] = {}
    conflicts: ClassVar[dict[str, tuple[str, ...]]] = {}
    refusals: ClassVar[dict[str, tuple[str, ...]]] = {}  # further codes of 400

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)  # type: ignore[misc]
        known = known_parameters(self, _operation(self, request.method or ""))
        unknown = sorted(set(request.query_params) - known)
        if unknown:
            told = f"It may be one of: {', '.join(sorted(known))}." if known else "Nothing can be asked here."
            raise ValidationError(
                dict.fromkeys(unknown, f"There is no such parameter. {told}"), "unknown_parameter"
            )


def known_parameters(view: Any, operation: str) -> set[str]:
    named = {parameter.name for parameter in view.asks.get(operation, ())}
    return named | (PAGES if _is_paged(view, operation) else set())


def _operation(view: Any, method: str) -> str:
    return getattr(view, "action", None) or method.lower()


def _is_paged(view: Any, operation: str) -> bool:
    return hasattr(view, "list") and operation in ("list", "get")


def rows_of(serializer: type[serializers.Serializer]) -> Any:
    """A list that is one page however long it is, in the form of all lists."""
    return inline_serializer(
        f"{serializer.__name__.removesuffix('Serializer')}Page",
        {"next": serializers.URLField(allow_null=True), "results": serializer(many=True)},
    )


class Description(AutoSchema):
    def get_override_parameters(self) -> list[Any]:
        return list(getattr(self.view, "asks", {}).get(_operation(self.view, self.method), ()))

    def get_operation(self, *args: Any, **kwargs: Any) -> dict[str, Any] | None:
        operation = super().get_operation(*args, **kwargs)
        view: Any = self.view
        if operation and isinstance(view, Described):
            operation["responses"] |= self._refusals(view, _operation(view, self.method))
        return operation

    def _refusals(self, view: Described, name: str) -> dict[str, Any]:
        told = ALWAYS | (OF_WRITING if self.method in WRITING else {})
        about, codes = told["400"]
        more = ("unknown_parameter", *view.refusals.get(name, ()))
        told = told | {"400": (about, (*codes, *more))}
        if conflicts := view.conflicts.get(name):
            told["409"] = ("It is not as it was when it was read.", conflicts)
        error = self.resolve_serializer(ErrorSerializer, "response").ref
        return {
            status: {
                "description": f"{about} code: {', '.join(codes)}.",
                "content": {"application/json": {"schema": error}},
            }
            for status, (about, codes) in sorted(told.items())
        }
