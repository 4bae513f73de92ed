"""One API request on its way: what was asked, by which user, and how it may be refused."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from .forms import File
from .records import Conversation, Json, User
from .world import World


@dataclass
class Request:
    method: str
    path: str
    query: dict[str, str] = field(default_factory=dict)
    body: Json = field(default_factory=dict)
    token: str | None = None
    files: list[File] = field(default_factory=list)


@dataclass
class Answer:
    status: int
    body: Any


class Refused(Exception):
    """Ends a request with an error answer."""

    def __init__(self, status: int, body: Json) -> None:
        super().__init__(status)
        self.answer = Answer(status, body)


@dataclass
class Call:
    """One authenticated request with what its path named."""

    world: World
    request: Request
    user: User
    ids: dict[str, int]
    names: dict[str, str] = field(default_factory=dict)

    def conversation(self) -> Conversation:
        found = self.world.conversation(self.ids["conversation"])
        if not may_see(self.user, found):
            raise forbidden()
        return found

    def number(self, name: str, default: int) -> int:
        """A number from the query, read as Ruby's to_i does: what is no number counts as 0."""
        value = self.request.query.get(name)
        if value is None:
            return default
        digits = re.match(r"\s*\d+", value)
        return int(digits[0]) if digits else 0


def forbidden() -> Refused:
    """A refused permission is a 401 too, not a 403."""
    return Refused(401, {"error": "You are not authorized to do this action"})


def may_see(user: User, conversation: Conversation) -> bool:
    return user.inbox_ids is None or conversation.inbox_id in user.inbox_ids
