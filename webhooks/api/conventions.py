"""What all APIs of the site share: pagination, errors, conflicts, query parameters."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from django.core.exceptions import ValidationError as ModelError
from django.db.models import Model
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.views import defaults
from django.views.decorators.csrf import csrf_exempt
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.plumbing import build_bearer_security_scheme_object
from rest_framework import status
from rest_framework.exceptions import APIException, NotFound, ValidationError
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import exception_handler


class TokenScheme(OpenApiAuthenticationExtension):
    """How the API's OpenAPI description documents tokens."""

    target_class = "webhooks.accounts.access.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        return build_bearer_security_scheme_object(header_name="Authorization", token_prefix="Token")  # noqa: S106


class NewestFirst(CursorPagination):
    ordering = "-id"
    page_size_query_param = "page_size"
    max_page_size = 200

    def get_page_size(self, request: Request) -> int | None:
        """1 to 200. Any other value is refused instead of replaced."""
        asked = request.query_params.get(self.page_size_query_param)
        if asked is None:
            return self.page_size
        if not (
            asked.isascii()
            and asked.isdecimal()
            and 1 <= int(asked[:6]) <= self.max_page_size
            and len(asked) < 6
        ):
            raise ValidationError(
                {self.page_size_query_param: f"Use a number from 1 to {self.max_page_size}."}
            )
        return int(asked)

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        found = super().get_schema_operation_parameters(view)
        for parameter in found:
            if parameter["name"] == self.page_size_query_param:
                parameter["schema"] = {"type": "integer", "minimum": 1, "maximum": self.max_page_size}
        return found

    def decode_cursor(self, request: Request) -> Any:
        """Checks that the cursor holds an id, since anyone can write one by hand."""
        cursor = super().decode_cursor(request)
        place = None if cursor is None or cursor.position is None else str(cursor.position)
        if place is not None and not (place.isdecimal() and len(place) <= 18):
            raise NotFound(self.invalid_cursor_message)
        return cursor


class Conflict(APIException):
    """409 with a machine code."""

    status_code = status.HTTP_409_CONFLICT

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail, code)


def errors_with_a_code(error: Exception, context: dict[str, Any]) -> Response | None:
    """Every error of the API: {"code": for machines, "detail": for people}, and "fields" for invalid input."""
    response = exception_handler(error, context)
    if response is None:
        return None
    if isinstance(error, ValidationError):
        codes = error.get_codes()
        fields = response.data if isinstance(response.data, dict) else {}
        flat = _flatten(response.data)
        code = _flatten(codes)[0][1] if flat else "invalid"
        response.data = {
            "code": code if code not in ("required", "blank", "null") else "invalid",
            "detail": " ".join(f"{name}: {text}" if name else text for name, text in flat),
            "fields": fields,
        }
    elif isinstance(error, APIException):
        response.data = {"code": error.get_codes(), "detail": str(error.detail)}
    else:
        response.data = {
            "code": "not_found" if response.status_code == 404 else "error",
            "detail": str(response.data.get("detail", "")),
        }
    return response


def _flatten(data: Any, name: str = "") -> list[tuple[str, str]]:
    if isinstance(data, dict):
        return [
            pair
            for key, part in data.items()
            for pair in _flatten(part, str(key) if key != "detail" else name)
        ]
    if isinstance(data, list):
        return [pair for part in data for pair in _flatten(part, name)]
    return [(name if name != "non_field_errors" else "", str(data))]


# Bodies of changes.


def refuse_unknown(given: Iterable[str], known: Iterable[str]) -> None:
    """A misspelt name must not look like a change that was made. Raises ValidationError."""
    if unknown := sorted(set(given) - set(known)):
        raise ValidationError(dict.fromkeys(unknown, "Unknown field."))


def refuse_invalid(row: Model) -> None:
    """The model's own rules. Raises ValidationError, as the API answers it."""
    try:
        row.clean()
    except ModelError as error:
        raise ValidationError(error.message_dict) from error


def version_read(data: Any) -> int | None:
    """The version that a change is based on, if the client sends one. Raises ValidationError."""
    version = data.get("version") if isinstance(data, dict) else None
    if version is None:
        return None
    if isinstance(version, bool) or not str(version).isdecimal() or len(str(version)) > 18:
        raise ValidationError({"version": "Send the version number that you read."})
    return int(str(version))


# Query parameters of a list. Each function raises ValidationError: 400 with the parameter's name.


def param_text(name: str, value: str) -> str:
    if "\0" in value:
        raise ValidationError({name: "It must not contain a NUL character."})
    return value


def param_choice(name: str, value: str, choices: list[str]) -> str:
    if value.upper() not in choices:
        raise ValidationError({name: f"{value!r} is not one of {', '.join(choices)}."})
    return value.upper()


def param_number(name: str, value: str) -> int:
    if not value.isdecimal() or len(value) > 18:
        raise ValidationError({name: f"{value!r} is not a number."})
    return int(value)


def param_time(name: str, value: str) -> datetime:
    try:
        at = parse_datetime(value.replace(" ", "+"))  # an unescaped + arrives as a space
        if at is not None:
            return (at if timezone.is_aware(at) else timezone.make_aware(at)).astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise ValidationError({name: f"{value!r} is not a time. Write it like 2026-11-22T10:00:00Z."})


@csrf_exempt  # it changes nothing; a program with a wrong path gets a 404 instead of a missing-cookie error
def unknown_path(request: HttpRequest, unknown: str = "") -> JsonResponse:
    return JsonResponse(
        {"code": "not_found", "detail": "The API has no such path: see /api/v1/docs/."},
        status=404,
    )


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """For requests that Django refuses before they reach the API, such as one for an unknown host."""
    if not request.path.startswith("/api/"):
        return defaults.bad_request(request, exception)
    return JsonResponse(
        {"code": "bad_request", "detail": "The request is invalid: check its host, format and size."},
        status=400,
    )


def server_error(request: HttpRequest) -> HttpResponse:
    """A bug in this site. API clients get JSON here too."""
    if not request.path.startswith("/api/"):
        return defaults.server_error(request)
    return JsonResponse(
        {"code": "server_error", "detail": "Something went wrong on the server. The details are in its log."},
        status=500,
    )
