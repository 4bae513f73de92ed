"""One call to an OpenAI-compatible endpoint: what is sent, how its errors count, and which request format it accepts.

Raises Retryable, Permanent or TooLong. What the answer means is read in model_answers.py.
"""

import re
from dataclasses import dataclass, replace
from typing import Any

import requests
from django.conf import settings
from requests.exceptions import RequestException

from webhooks.errors import Permanent, Retryable
from webhooks.models import Delivery, Upstream
from webhooks.outbound import bounded, chatwoot, reachability, retry_after

from . import drafting_texts as texts

UPSTREAM = "drafter"
PING_S = 10
MOST_BYTES = 512 * 1024
MOST_TOKENS = 1_500  # of the answer: 4,000 characters of reply in any script, and the JSON around it
TOO_LONG = re.compile(
    r"context_length_exceeded|context (?:length|window|size)|maximum context|too many (?:input )?tokens|prompt is too long"
    r"|(?:input|prompt|request)[^.]{0,60}(?:exceed|longer than|too large)",
    re.IGNORECASE,
)
SCHEMA = {
    "type": "object",
    "properties": {
        "reply": {"type": "string"},
        "articles": {"type": "array", "items": {"type": "string"}},
        "confidence": {"type": "number"},
        "why": {"type": "string"},
    },
    "required": ["reply", "articles", "confidence", "why"],
    "additionalProperties": False,
}
FORMATS: tuple[dict[str, Any], ...] = (
    {"type": "json_schema", "json_schema": {"name": "draft", "strict": True, "schema": SCHEMA}},
    {"type": "json_object"},
    {},  # nothing: the prompt asks for JSON anyway
)


class TooLong(Permanent):
    """The request does not fit into the model's context."""


@dataclass(frozen=True)
class Options:
    """What of the request not every endpoint accepts. format: place in FORMATS."""

    format: int = 0
    tokens: str = "max_tokens"
    temperature: bool = True

    def body(self, model: str, messages: list[dict[str, str]]) -> dict[str, Any]:
        format_of = FORMATS[self.format]
        return {
            "model": model, "messages": messages, self.tokens: MOST_TOKENS,
            **({"temperature": 0} if self.temperature else {}), **({"response_format": format_of} if format_of else {}),
        }  # fmt: skip

    def milder(self, refusal: str) -> "Options | None":
        """What to try after a refusal (400 or 422), or None: newer models want other names, older servers fewer of them."""
        if "max_completion_tokens" in refusal and self.tokens == "max_tokens":
            return replace(self, tokens="max_completion_tokens")
        if "temperature" in refusal and self.temperature:
            return replace(self, temperature=False)
        return replace(self, format=self.format + 1) if self.format + 1 < len(FORMATS) else None


_accepted: dict[tuple[str, str], Options] = {}  # of this process, by endpoint and model


def accepted(model: str) -> Options:
    return _accepted.get((settings.DRAFTER_URL, model), Options())


def remember(model: str, options: Options) -> None:
    """After an answer: the next call starts with what this endpoint takes."""
    _accepted[settings.DRAFTER_URL, model] = options


def forget() -> None:
    _accepted.clear()


class FormatRefused(Permanent):
    """The endpoint does not take this form of the request; `instead` is what to try next."""

    def __init__(self, message: str, *, http_status: int, instead: Options) -> None:
        super().__init__(message, http_status=http_status)
        self.instead = instead


def post(model: str, messages: list[dict[str, str]], options: Options, *, seconds: float) -> bytes:
    """The answer's body. seconds: wall clock, for connecting, waiting and reading together."""
    late = Retryable(texts.SLOW % {"n": f"{seconds:.0f}"})
    with reachability.call():
        return chatwoot.within(seconds, lambda: _post(model, messages, options, seconds), late)


def _post(model: str, messages: list[dict[str, str]], options: Options, seconds: float) -> bytes:
    try:
        with requests.post(
            f"{settings.DRAFTER_URL}/chat/completions", json=options.body(model, messages), headers=_headers(),
            timeout=seconds, stream=True, allow_redirects=False,
        ) as response:  # fmt: skip
            _check_status(response, options, seconds)
            return bounded.body(response, most=MOST_BYTES, seconds=seconds)
    except bounded.TooLong:
        return b""  # an answer, but none that can be used
    except RequestException as error:
        raise Retryable(texts.UNREACHABLE % {"error": type(error).__name__}) from error


def _check_status(
    response: requests.Response, options: Options | None = None, seconds: float = PING_S
) -> None:
    status = response.status_code
    if status == 429 or status >= 500:
        after = retry_after.seconds(response.headers)
        raise Retryable(texts.ANSWERED % {"n": status}, http_status=status, retry_after=after)
    if status < 300:
        return
    if status in (400, 413, 422) and options:
        said = _refusal(response, seconds)
        if status == 413 or TOO_LONG.search(said):
            raise TooLong(texts.TOO_LONG, http_status=status)
        if instead := options.milder(said):
            raise FormatRefused(texts.FORM_REFUSED, http_status=status, instead=instead)
    raise Permanent(texts.REFUSED % {"n": status}, http_status=status)


def _refusal(response: requests.Response, seconds: float) -> str:
    try:
        return bounded.body(response, most=MOST_BYTES, seconds=seconds).decode("utf-8", "replace")[:4_000]
    except RequestException:
        return ""


def _headers() -> dict[str, str]:
    return {"Authorization": f"Bearer {settings.DRAFTER_API_KEY}"} if settings.DRAFTER_API_KEY else {}


def upstream_of(row: Delivery) -> str:
    """The upstream that a request for a draft calls. None if the built-in drafter handles it."""
    return UPSTREAM if settings.DRAFTER_URL and not row.payload().get("built_in") else ""


def ping(upstream: Upstream) -> None:
    """Checks, at no cost, that the endpoint responds. Any status except 5xx and 429 will do."""
    if not settings.DRAFTER_URL:
        return
    late = Retryable(f"The model's endpoint did not answer within {PING_S} s.")
    with reachability.call():
        chatwoot.within(PING_S, _ping, late)


def _ping() -> None:
    try:
        with requests.get(
            f"{settings.DRAFTER_URL}/models", headers=_headers(), timeout=PING_S, stream=True, allow_redirects=False
        ) as response:  # fmt: skip
            _check_status(response)
    except RequestException as error:
        raise Retryable(f"The model's endpoint could not be reached: {type(error).__name__}.") from error
