"""Where sentences end. Pure."""

import re

# After a mark, a closing quote and a space, before something that may begin a sentence; or at an empty line.
END = re.compile(r"(?<=[.!?…。！？])[\"”»)]?(?=\s+[^\W_]|\s*\Z)|(?<=[。！？])|\n\s*\n")


def cut(text: str, *, most: int) -> str:
    """The whole sentences that fit into `most` characters. One that is too long by itself is cut at a word."""
    text = text.strip()
    if len(text) <= most:
        return text
    ends = [found.end() for found in END.finditer(text[: most + 1]) if found.end() <= most]
    if ends:
        return text[: ends[-1]].rstrip()
    return text[:most].rpartition(" ")[0].rstrip() if most > 0 else ""
