"""A form with files, as Rails reads it: `a[b]` is a hash, `a[]` a list. And the files that were taken in that way."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote

from .records import Json

if TYPE_CHECKING:
    from .state import State

BOUNDARY = re.compile(r"multipart/form-data;.*\bboundary=\"?([^\";]+)", re.IGNORECASE)
NAME, FILENAME = re.compile(r'[; ]name="([^"]*)"'), re.compile(r'filename="([^"]*)"')
NESTED = re.compile(r"(\w+)\[(\w+)\]")
ADDRESS = "/rails/active_storage/blobs/redirect/"


@dataclass(frozen=True)
class File:
    name: str
    content_type: str
    content: bytes


def read(raw: bytes, content_type: str) -> tuple[Json, list[File]] | None:
    """(fields, files); None: this is no such form."""
    found = BOUNDARY.search(content_type)
    if not found:
        return None
    fields: Json = {}
    files: list[File] = []
    for head, content in _parts(raw, found[1].encode()):
        name, filename = NAME.search(head), FILENAME.search(head)
        if filename:
            kind = re.search(r"content-type:\s*(\S+)", head, re.IGNORECASE)
            files.append(File(unquote(filename[1]), kind[1] if kind else "application/octet-stream", content))
        elif name:
            _put(fields, name[1], content.decode(errors="replace"))
    return fields, files


def _parts(raw: bytes, boundary: bytes) -> Iterator[tuple[str, bytes]]:
    for part in (b"\r\n" + raw).split(b"\r\n--" + boundary)[1:-1]:
        head, _, content = part.partition(b"\r\n\r\n")
        yield head.decode(errors="replace"), content


def _put(fields: Json, name: str, value: str) -> None:
    nested = NESTED.fullmatch(name)
    if nested:
        fields.setdefault(nested[1], {})[nested[2]] = value
    else:
        fields[name] = value


def keep(world: State, file: File) -> Json:
    """Stores it. Returns what an attachment says of it."""
    number = world.next_id("blob")
    world.files[number] = file
    address = f"{world.url}{ADDRESS}{number}/{quote(file.name)}"
    head = file.content_type.partition("/")[0]
    return {
        "file_type": head if head in ("image", "audio", "video") else "file",
        "extension": PurePosixPath(file.name).suffix.removeprefix(".") or None,
        "content_type": file.content_type, "data_url": address, "file_size": len(file.content),
        "thumb_url": address if head == "image" else "",
    }  # fmt: skip


def stored(world: State, path: str) -> File | None:
    number = path.removeprefix(ADDRESS).partition("/")[0] if path.startswith(ADDRESS) else ""
    return world.files.get(int(number)) if number.isdecimal() else None
