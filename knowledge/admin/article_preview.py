"""An article as a customer would receive it: with the usual greeting and signature of its language."""

from ..text import salutation
from ..text.quoting import CLOSING, GREETING

NAME = "Ada"


def as_sent(body: str, *, language: str) -> str:
    greeting = GREETING.get(language, "{name},").strip().replace("{name}", NAME)
    text = salutation.continued(body.strip(), after=greeting, language=language)
    return "\n\n".join(filter(None, (greeting, text, CLOSING.get(language, "").strip())))
