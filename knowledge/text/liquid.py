"""Keeps template code in a reply plain text, because Chatwoot renders outgoing messages with Liquid. Pure."""

import re


def neutralised(text: str) -> str:
    """A zero-width space between the braces leaves them as text.

    Backticked spans (by Chatwoot's own pattern) are left alone: it wraps them in raw itself, and raw does not nest.
    """
    parts = re.split(r"(`.*?`)", text, flags=re.DOTALL)
    return "".join(
        part if part.startswith("`") and "endraw" not in part else _split_braces(part) for part in parts
    )


def _split_braces(text: str) -> str:
    return re.sub(r"\{(?=[{%])", "{\u200b", text)
