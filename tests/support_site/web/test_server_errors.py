"""What the server refuses before Django sees it is answered in JSON too, whatever the request was."""

import json
import logging
import socket
from types import SimpleNamespace

import pytest
from gunicorn import util
from gunicorn.http import errors
from gunicorn.workers.base import Worker

from support_site.web import server_errors

REFUSED = {
    "a line that is no request": (errors.InvalidRequestLine("GET"), 400, "bad_request"),
    "a header that is none": (errors.InvalidHeader("bad"), 400, "bad_request"),
    "an address that is too long": (errors.LimitRequestLine(9000, 4094), 414, "uri_too_long"),
    "too many headers": (errors.LimitRequestHeaders("limit"), 431, "request_header_fields_too_large"),
    "an encoding that nobody knows": (errors.UnsupportedTransferCoding("foo"), 501, "bad_request"),
    "a name with quotes and tags": (errors.InvalidRequestMethod("<b>\"\u00e9"), 400, "bad_request"),
    "a bug": (ValueError("x"), 500, "internal_server_error"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_what_the_server_refuses_is_answered_in_json(monkeypatch, case):
    error, status, code = REFUSED[case]
    monkeypatch.setattr(util, "write_error", util.write_error)
    server_errors.in_json()
    ours, theirs = socket.socketpair()
    worker = SimpleNamespace(log=logging.getLogger("gunicorn.test"), cfg=None)

    Worker.handle_error(worker, None, ours, ("203.0.113.9", 1), error)
    ours.close()
    head, _, body = theirs.makefile("rb").read().partition(b"\r\n\r\n")

    assert head.startswith(f"HTTP/1.1 {status} ".encode())
    assert b"Content-Type: application/json" in head
    assert f"Content-Length: {len(body)}".encode() in head
    assert (json.loads(body)["code"], bool(json.loads(body)["detail"])) == (code, True)
