"""What the server refuses before Django sees it (a broken head, a line that is too long): in JSON, as programs are answered.

Most that meet it are programs, and of some requests not even the path can be read.
"""

import json
import socket

from gunicorn import util


def write(sock: socket.socket, status: int, reason: str, detail: str) -> None:
    """In place of gunicorn's own, which writes HTML."""
    code = reason.lower().replace(" ", "_")
    body = json.dumps({"code": code, "detail": detail or f"{reason}."})
    head = (
        f"HTTP/1.1 {status} {reason}",
        "Connection: close",
        "Content-Type: application/json",
        "X-Content-Type-Options: nosniff",
        f"Content-Length: {len(body)}",
    )
    util.write_nonblock(sock, "\r\n".join((*head, "", body)).encode("ascii"))


def in_json() -> None:
    """gunicorn's workers look the function up there, each time."""
    util.write_error = write
