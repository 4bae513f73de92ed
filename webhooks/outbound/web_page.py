"""One GET of a web page that a person named, if allowed_addresses.py allows it: few redirects, each judged, within a deadline.

Raises Retryable, NotSent or Permanent.
"""

from urllib.parse import urljoin

import requests

from ..errors import Permanent, Retryable
from . import bounded, pinned_dns
from .bounded import within

DEADLINE_S = 15
MOST = 5 * 2**20  # bytes
MOST_REDIRECTS = 3
NO_URL = (requests.exceptions.InvalidURL, requests.exceptions.MissingSchema)
TYPES = ("text/html", "application/xhtml+xml", "text/plain", "")


def get(url: str) -> str:
    """The page's text."""
    late = Retryable(f"The page did not arrive within {DEADLINE_S} s.")
    return within(DEADLINE_S, lambda: _follow(url), late)


def _follow(url: str) -> str:
    with pinned_dns.session(internal=False) as session:
        for _ in range(MOST_REDIRECTS + 1):
            try:
                response = session.get(
                    url,
                    headers={"Accept": "text/html"},
                    timeout=DEADLINE_S,
                    allow_redirects=False,
                    stream=True,
                )
                if response.is_redirect:
                    url = urljoin(url, response.headers["Location"])
                    response.close()
                    continue
                return _text(response)
            except bounded.TooLong as error:
                raise Permanent(f"The page is over {MOST // 2**20} MiB.") from error
            except (requests.exceptions.InvalidSchema, *NO_URL) as error:
                raise Permanent("Only http and https URLs can be called: write https://host/path.") from error
            except requests.RequestException as error:
                raise Retryable(f"The page could not be read: {type(error).__name__}.") from error
    raise Permanent(f"The page redirects more than {MOST_REDIRECTS} times.")


def _text(response: requests.Response) -> str:
    kind = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    body = bounded.body(response, most=MOST, seconds=DEADLINE_S)
    if response.status_code != 200:
        raise Permanent(f"The page answered {response.status_code}.", http_status=response.status_code)
    if kind not in TYPES:
        raise Permanent(f"This is not a web page but {kind}.")
    encoding = requests.utils.get_encoding_from_headers(response.headers)
    if encoding in (None, "ISO-8859-1") and "charset" not in response.headers.get("Content-Type", ""):
        encoding = "utf-8"
    try:
        return body.decode(encoding or "utf-8", errors="replace")
    except LookupError:
        return body.decode("utf-8", errors="replace")
