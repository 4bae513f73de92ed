"""Chatwoot's application API: a request in, a status and JSON out. It knows nothing of sockets.

Status codes and error shapes are those of 4.14.2, odd ones included.
"""

from __future__ import annotations

import re

from .calls import Answer, Call, Refused, Request, forbidden
from .endpoints import ROUTES
from .payloads import iso
from .records import Json, User
from .world import Invalid, NotFound, World

__all__ = ["VERSION", "Answer", "Request", "handle"]

VERSION = "4.14.2"
NAMES = {"portal"}  # what a path names by a word instead of a number


def handle(world: World, request: Request) -> Answer:
    """Answer one request, changing the world as it asks."""
    if (request.method, request.path) == ("GET", "/api"):
        return Answer(200, _version(world))
    try:
        with world.lock:
            return _dispatch(world, request)
    except Refused as refusal:
        return refusal.answer
    except NotFound:
        return Answer(404, {"error": "Resource could not be found"})
    except Invalid as invalid:
        return Answer(422, _invalid(invalid))


def _dispatch(world: World, request: Request) -> Answer:
    user = _authenticated(world, request.token)
    for method, pattern, handler, who in ROUTES:
        match = re.fullmatch(pattern, request.path)
        if match and method == request.method:
            named = match.groupdict()
            names = {name: named.pop(name) for name in NAMES & named.keys()}
            ids = {name: int(value) for name, value in named.items()}
            _check_access(world, user, ids, who)
            return Answer(200, handler(Call(world, request, user, ids, names)))
    raise Refused(404, {"error": "Resource could not be found"})


def _authenticated(world: World, token: str | None) -> User:
    if not token:
        text = "You need to sign in or sign up before continuing."
        raise Refused(401, {"errors": [text]})
    user = world.user_by_token(token)
    if user is None:
        raise Refused(401, {"error": "Invalid Access Token"})
    return user


def _check_access(world: World, user: User, ids: dict[str, int], who: str) -> None:
    if user.is_bot and who != "bots":
        raise Refused(401, {"error": "Access to this endpoint is not authorized for bots"})
    if ids.get("account", world.account_id) != world.account_id:
        raise Refused(404, {"error": "Resource could not be found"})
    if who == "administrators" and user.role != "administrator":
        raise forbidden()


def _invalid(invalid: Invalid) -> Json:
    if invalid.attribute:
        return {"message": str(invalid), "attributes": [invalid.attribute]}
    return {"error": str(invalid)}


def _version(world: World) -> Json:
    stamp = iso(world.now())[:19].replace("T", " ")
    return {
        "version": VERSION,
        "timestamp": stamp,
        "queue_services": "ok",
        "data_services": "ok",
    }
