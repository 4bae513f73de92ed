"""Which model and which prompt draft for a conversation: one of each, or two and more compared by their shares. Pure.

DRAFTER_MODEL=gpt-a=80,gpt-b=20 gives gpt-b a fifth of the conversations. A conversation always gets the same one.
"""

import hashlib
import re

SHARED = re.compile(r"(?P<name>.+)=(?P<share>\d{1,6})")
Shares = list[tuple[str, int]]


def shares(setting: str) -> Shares:
    """[(name, share)]; a single name has all. Raises ValueError where names and shares are mixed, or nothing has a share."""
    parts = [part.strip() for part in setting.split(",") if part.strip()]
    matched = [SHARED.fullmatch(part) for part in parts]
    if not any(matched):
        return [(setting.strip(), 1)] if setting.strip() else []
    found = [(match["name"].strip(), int(match["share"])) for match in matched if match]
    if len(found) < len(parts) or not sum(share for _, share in found):
        raise ValueError("Give each name a share above 0 in total: gpt-a=80,gpt-b=20.")
    return found


def choose(setting: str, *, what: str, key: object) -> str:
    """what: keeps the draws of models and prompts apart. key: of the conversation."""
    found = shares(setting)
    total = sum(share for _, share in found)
    if not total:
        return ""
    digest = hashlib.sha256(f"{what}:{key}".encode()).digest()
    place = int.from_bytes(digest[:8]) * total // 2**64
    for name, share in found:
        place -= share
        if place < 0:
            return name
    return found[-1][0]
