"""Reads an answer within a number of bytes and a time, whatever the other side sends: packed bombs, bodies without an end."""

import time

import requests
from urllib3.exceptions import HTTPError

CHUNK = 64 * 1024


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
