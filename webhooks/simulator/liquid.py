"""The Liquid that Chatwoot's outgoing messages meet, as its own code does it (app/models/concerns/liquidable.rb).

Code spans are wrapped in raw, the text is cut into tokens as Liquid cuts it, known variables are filled in and unknown ones
vanish. An error leaves the text as it came. Of the tags, what a text loses by them is enough to know: they show nothing here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

CODE_SPAN = re.compile(r"`(.*?)`", re.DOTALL)
# Liquid's own: TemplateParser = /(VariableStart.*?VariableIncompleteEnd|TagStart.*?TagEnd|AnyStartingTag)/m
TOKEN = re.compile(r"(\{\{.*?\}\}?|\{%.*?%\}|\{\{|\{%)", re.DOTALL)
TAG = re.compile(r"\{%-?\s*(\w+)\s*(.*?)-?%\}\Z", re.DOTALL)
CLOSING = re.compile(r"(.*)\{%-?\s*(\w+)\s*(.*)?-?%\}\Z", re.DOTALL)
VARIABLE = re.compile(r"\{\{-?(.*?)-?\}\}\Z", re.DOTALL)
BLOCKS = ("if", "unless", "case", "for", "tablerow", "capture", "comment", "raw", "ifchanged")
SINGLE = ("assign", "cycle", "increment", "decrement", "else", "elsif", "when", "break", "continue", "echo", "render",
          "include", "liquid")  # fmt: skip


class LiquidError(Exception):
    """Chatwoot rescues it, and the text stays as it came."""


def render(content: str, variables: Mapping[str, str]) -> str:
    wrapped = CODE_SPAN.sub(lambda span: f"{{% raw %}}`{span[1]}`{{% endraw %}}", content)
    try:
        return "".join(_rendered(iter(TOKEN.split(wrapped)), variables))
    except LiquidError:
        return content


def _rendered(tokens: Iterator[str], variables: Mapping[str, str]) -> Iterator[str]:
    opened: list[str] = []
    for token in tokens:
        if token.startswith("{{"):
            found = VARIABLE.fullmatch(token)
            if found is None:
                raise LiquidError(f"{token!r} was not closed")
            name = found[1].split("|")[0].strip()
            yield "" if opened else variables.get(name, "")
        elif _is_raw(token):
            yield from _raw(tokens, opened)
        elif token.startswith("{%"):
            _tag(token, opened)
        else:
            yield "" if opened else token
    if opened:
        raise LiquidError(f"{opened[-1]} was never closed")


def _is_raw(token: str) -> bool:
    found = TAG.fullmatch(token)
    return bool(found and found[1] == "raw")


def _raw(tokens: Iterator[str], opened: list[str]) -> Iterator[str]:
    """Everything as it stands, up to the first endraw, which may end a token that begins as something else."""
    for token in tokens:
        closing = CLOSING.fullmatch(token)
        if closing and closing[2] == "endraw":
            yield "" if opened else closing[1]
            return
        yield "" if opened else token
    raise LiquidError("raw was never closed")


def _tag(token: str, opened: list[str]) -> None:
    found = TAG.fullmatch(token)
    if found is None:
        raise LiquidError(f"{token!r} was not closed")
    name = found[1]
    if name in BLOCKS:
        opened.append(name)
    elif name.startswith("end") and opened and opened[-1] == name[3:]:
        opened.pop()
    elif name not in SINGLE:
        raise LiquidError(f"unknown tag {name}")
