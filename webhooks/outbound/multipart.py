"""The body of a request: bytes in pieces that leave one after the other, and a form with files made of them."""

import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from urllib3.fields import RequestField


@dataclass(frozen=True)
class File:
    """name: clean (it is written into a header). content_type: what the receiver is to take it for."""

    name: str
    content_type: str
    content: bytes


class TooLate(OSError):
    """The time for this body is over: the rest of it must not leave any more."""


class Body:
    """Notes whether it was read: headers are sent before the body, so an unread body means an incomplete request.

    After `ends` (of time.monotonic) no byte is given out. A request without its last byte is never acted on, so a slow upload
    cannot arrive after somebody has looked for it in vain.
    """

    def __init__(self, pieces: Sequence[bytes], *, ends: float) -> None:
        self.left = False
        self._ends = ends
        self._size = sum(map(len, pieces))
        self._pieces = [memoryview(piece) for piece in reversed(pieces)]

    def __len__(self) -> int:
        return self._size

    def __iter__(self) -> Iterator[bytes]:
        while piece := self.read(64 * 1024):
            yield piece

    def read(self, size: int = -1) -> bytes:
        if time.monotonic() > self._ends:
            raise TooLate("The time for this request is over.")
        self.left = True
        if not self._pieces:
            return b""
        piece = self._pieces.pop()
        if 0 <= size < len(piece):
            self._pieces.append(piece[size:])
        return bytes(piece[:size] if size >= 0 else piece)


def form(fields: Mapping[str, str], files: Sequence[File], *, name: str) -> tuple[list[bytes], str]:
    """(the pieces of a multipart/form-data body, its content type). name: of the field that holds the files."""
    boundary = uuid.uuid4().hex
    begin, end = f"--{boundary}\r\n".encode(), b"\r\n"
    pieces: list[bytes] = []
    for field, value in fields.items():
        pieces += [begin, _head(field), value.encode(), end]
    for file in files:
        pieces += [begin, _head(name, file), file.content, end]
    return [
        piece for piece in [*pieces, f"--{boundary}--\r\n".encode()] if piece
    ], f"multipart/form-data; boundary={boundary}"


def _head(name: str, file: File | None = None) -> bytes:
    field = RequestField(name, b"", filename=file.name if file else None)
    field.make_multipart(content_type=file.content_type if file else None)
    return field.render_headers().encode()
