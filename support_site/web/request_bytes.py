"""The bytes of one HTTP request while they arrive, and whether more are needed. Pure: no socket and no clock.

It only decides when a request goes to a thread (worker.py). gunicorn's own parser then judges it, and sees nothing but
these bytes, so a sender who fools this one spoils its own request and no other.
"""

import re
from collections.abc import Iterator

END_OF_HEAD = b"\r\n\r\n"
MOST_HEAD = 64 * 1024
MOST_CHUNK_LINE = 8190  # gunicorn's own limit
PIECE = 256 * 1024
LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*(\d{1,18})[ \t]*\r\n", re.IGNORECASE)
CHUNKED = re.compile(rb"\r\ntransfer-encoding:[^\r]*chunked[ \t]*\r\n", re.IGNORECASE)
CHUNK_SIZE = re.compile(rb"([0-9a-f]{1,16})[ \t]*(?:;|$)", re.IGNORECASE)
SIGNED = re.compile(rb"\r\nx-chatwoot-signature:", re.IGNORECASE)
WEBHOOK = re.compile(rb"[A-Z]+ /webhooks/")
ASKS_TO_GO_ON = re.compile(rb"\r\nexpect:[ \t]*100-continue[ \t]*\r\n", re.IGNORECASE)


class RequestBytes:
    """`complete`: the whole request is here. `refused`: it is too long, and is answered without the rest.

    most_body, most_webhook: bytes of the body; of a webhook the latter.
    """

    def __init__(self, *, most_body: int, most_webhook: int) -> None:
        self.data = bytearray()
        self.most_body, self.most_webhook = most_body, most_webhook
        self.complete = self.refused = self.signed = self.asks_to_go_on = False
        self._head = 0  # bytes up to the body; 0 until they are here
        self._end: int | None = None  # where the request ends, as far as that is known
        self._chunk = 0  # where the next chunk of the body begins; 0: not in chunks
        self._between = 0  # bytes of lines between chunks

    @property
    def has_head(self) -> bool:
        return self._head > 0

    @property
    def decided(self) -> bool:
        return self.complete or self.refused

    def feed(self, data: bytes) -> None:
        searched = max(0, len(self.data) - len(END_OF_HEAD))
        self.data += data
        if not self._head:
            self._read_head(searched)
        if self._chunk and not self.decided:
            self._read_chunks()
        if self._end is not None and len(self.data) >= self._end:
            self.complete = True
        elif self._head and self._is_too_long():
            self.refused = True

    def _is_too_long(self) -> bool:
        """Only once that much is here: a reader of what is here then finds it too long, not cut short."""
        body = len(self.data) - self._head - self._between
        return body > self.most_body or self._between > self.most_body

    def _read_head(self, searched: int) -> None:
        found = self.data.find(END_OF_HEAD, searched)
        if found < 0 or found > MOST_HEAD:
            self.refused = len(self.data) > MOST_HEAD
            return
        self._head = found + len(END_OF_HEAD)
        head = bytes(self.data[: self._head])
        if WEBHOOK.match(head):
            self.most_body = self.most_webhook
        self.signed = bool(SIGNED.search(head))
        self.asks_to_go_on = bool(ASKS_TO_GO_ON.search(head))
        if CHUNKED.search(head):
            self._chunk = self._head
            return
        length = LENGTH.search(head)
        body = int(length[1]) if length else 0
        self.refused = body > self.most_body
        self._end = self._head + body

    def _read_chunks(self) -> None:
        """Up to the line that says how long the next chunk is, or to the end of what follows the last one."""
        while True:
            line_end = self.data.find(b"\r\n", self._chunk, self._chunk + MOST_CHUNK_LINE)
            if line_end < 0:
                self.refused = len(self.data) - self._chunk > MOST_CHUNK_LINE
                return
            line = CHUNK_SIZE.match(self.data, self._chunk, line_end)
            if line is None:
                self.refused = True
                return
            size = int(line[1], 16)
            if size == 0:
                self._read_trailers(line_end)
                return
            self._between += line_end - self._chunk + 4
            self._chunk = line_end + 2 + size + 2

    def _read_trailers(self, line_end: int) -> None:
        found = self.data.find(END_OF_HEAD, line_end, line_end + MOST_HEAD)
        if found >= 0:
            self._end = found + len(END_OF_HEAD)
        else:
            self.refused = len(self.data) - line_end > MOST_HEAD

    def pieces(self) -> Iterator[bytes]:
        """What the parser reads: this request and nothing of the next one."""
        end = len(self.data) if self._end is None else min(self._end, len(self.data))
        for begin in range(0, end, PIECE):
            yield bytes(self.data[begin : min(begin + PIECE, end)])

    def next_request(self) -> bytes:
        """What its sender sent ahead."""
        return bytes(self.data[self._end :]) if self.complete else b""
