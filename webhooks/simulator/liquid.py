"""The little of Liquid that Chatwoot's outgoing messages meet.

Code spans are left alone, known variables are filled in, unknown ones vanish.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

_CODE_SPAN = re.compile(r"(`.*?`)", re.DOTALL)
_VARIABLE = re.compile(r"\{\{-?\s*(.*?)\s*-?\}\}", re.DOTALL)


def render(content: str, variables: Mapping[str, str]) -> str:
    """Expand `{{ contact.name }}` and the like outside backticks."""
    # An unknown tag is a Liquid error, and Chatwoot then stores the text as it came.
    if "{%" in _CODE_SPAN.sub("", content):
        return content
    pieces = _CODE_SPAN.split(content)
    return "".join(
        piece if index % 2 else _VARIABLE.sub(lambda found: _value(found, variables), piece)
        for index, piece in enumerate(pieces)
    )


def _value(found: re.Match[str], variables: Mapping[str, str]) -> str:
    name = found.group(1).split("|")[0].strip()
    return variables.get(name, "")
