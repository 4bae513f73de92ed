"""Reads an answer within a number of bytes and a time, whatever the other side sends: packed bombs, bodies without an end."""

import threading
import time
from collections.abc import Callable
from typing import TypeVar

import requests
from urllib3.exceptions import HTTPError

from ..errors import DeliveryError

CHUNK = 64 * 1024
T = TypeVar("T")


class TooLong(requests.RequestException):
    """The answer, unpacked, is longer than was allowed."""


def body(response: requests.Response, *, most: int, seconds: float) -> bytes:
    """The body of a streamed response. Raises TooLong, or another RequestException; closes the connection either way.

    most: bytes, counted after unpacking. seconds: wall clock from now; a socket's own timeout starts again with each byte.
    """
    ends, size, chunks = time.monotonic() + seconds, 0, []
    try:
        while chunk := response.raw.read1(CHUNK, decode_content=True):  # read() would wait for a whole chunk
            size += len(chunk)
            if size > most:
                raise TooLong(f"The answer is over {most} bytes.")
            if time.monotonic() > ends:
                raise requests.ReadTimeout(f"The answer was not complete after {seconds} s.")
            chunks.append(chunk)
    except HTTPError as error:
        raise requests.ConnectionError(error) from error
    finally:
        response.close()
    return b"".join(chunks)


def within(seconds: float, call: Callable[[], T], late: DeliveryError) -> T:
    """A wall-clock limit: a server that trickles bytes resets a socket timeout with each byte, but not this one."""
    result: list[T] = []
    failure: list[BaseException] = []

    def run() -> None:
        try:
            result.append(call())
        except BaseException as error:
            failure.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(seconds)
    if thread.is_alive():
        raise late
    if failure:
        raise failure[0]
    return result[0]
