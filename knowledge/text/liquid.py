"""Keeps template code in a reply plain text, because Chatwoot renders outgoing messages with Liquid. Pure."""

import re

# Chatwoot's own pattern (app/models/concerns/liquidable.rb): it wraps these in raw, so they are shown as written.
CODE_SPAN = re.compile(r"(`.*?`)", re.DOTALL)
BREAK = "{\u200b"


def neutralised(text: str) -> str:
    """A zero-width space behind each brace that could begin template code; nothing else changes.

    Code spans stay as they are, unless they would end Chatwoot's raw themselves: raw does not nest. A backtick without another
    one begins no span, and what stands between two pairs of backticks is outside both.
    """
    parts = ["", *CODE_SPAN.split(text), ""]  # every second one a span, and each between its neighbours
    shown = []
    for place, (before, part, after) in enumerate(zip(parts, parts[1:], parts[2:], strict=False)):
        if place % 2 == 0:
            shown.append(_broken(part, opened=before, before_span=bool(after)))
        else:
            shown.append(_broken(part) if "endraw" in part else part)
    return "".join(shown)


def _broken(text: str, *, opened: str = "", before_span: bool = False) -> str:
    """before_span: Chatwoot puts {% raw %} directly behind it, and a last brace would join that one. opened: the span before
    it; {% endraw %} stands between, and to Liquid a {{ of the span ends there, unless the text's first brace joins that one."""
    broken = re.sub(r"\{(?=[{%])", BREAK, text)
    if "{{" in opened and broken.startswith("}"):
        broken = "\u200b" + broken
    return broken[:-1] + BREAK if before_span and broken.endswith("{") else broken
