"""An article as a customer would receive it: with the usual greeting and signature of its language."""

from ..text import frames

NAME = "Ada"


def as_sent(body: str, *, language: str) -> str:
    return frames.framed(body, language=language, name=NAME)
