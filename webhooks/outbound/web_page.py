"""One GET of a web page that a person named, if allowed_addresses.py allows it: few redirects, each judged, within a deadline.

Raises Retryable, NotSent or Permanent.
"""

from urllib.parse import urljoin

import requests
from django.utils.translation import gettext_noop as _

from ..errors import Permanent, Retryable
from . import bounded, pinned_dns
from .allowed_addresses import OTHER_SCHEME
from .bounded import within

DEADLINE_S = 15
MOST = 5 * 2**20  # bytes
MOST_REDIRECTS = 3
NO_URL = (requests.exceptions.InvalidURL, requests.exceptions.MissingSchema)
LATE = _("The page did not arrive within %(n)s s.")
TOO_LARGE = _("The page is over %(n)s MiB.")
UNREADABLE = _("The page could not be read: %(error)s.")
REDIRECTS = _("The page redirects more than %(n)s times.")
ANSWERED = _("The page answered %(n)s.")
NO_PAGE = _("This is not a web page but %(kind)s.")
SENTENCES = (LATE, TOO_LARGE, UNREADABLE, REDIRECTS, ANSWERED, NO_PAGE)
PDF = b"%PDF-"
TYPES = ("text/html", "application/xhtml+xml", "text/plain", "")


def get(url: str) -> str:
    """The page's text."""
    late = Retryable(LATE % {"n": DEADLINE_S})
    return within(DEADLINE_S, lambda: _follow(url), late)


def _follow(url: str) -> str:
    with pinned_dns.session(internal=False) as session:
        for _hop in range(MOST_REDIRECTS + 1):
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
                raise Permanent(TOO_LARGE % {"n": MOST // 2**20}) from error
            except (requests.exceptions.InvalidSchema, *NO_URL) as error:
                raise Permanent(OTHER_SCHEME) from error
            except requests.RequestException as error:
                raise Retryable(UNREADABLE % {"error": type(error).__name__}) from error
    raise Permanent(REDIRECTS % {"n": MOST_REDIRECTS})


def _text(response: requests.Response) -> str:
    kind = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if trouble := _trouble(response.status_code, kind):  # before its body: that may be long, and says less
        response.close()
        raise Permanent(trouble, http_status=response.status_code)
    body = bounded.body(response, most=MOST, seconds=DEADLINE_S)
    if body.startswith(PDF):  # whatever its header says
        raise Permanent(NO_PAGE % {"kind": "application/pdf"})
    encoding = requests.utils.get_encoding_from_headers(response.headers)
    if encoding in (None, "ISO-8859-1") and "charset" not in response.headers.get("Content-Type", ""):
        encoding = "utf-8"
    try:
        return body.decode(encoding or "utf-8", errors="replace")
    except LookupError:
        return body.decode("utf-8", errors="replace")


def _trouble(status: int, kind: str) -> str:
    if status != 200:
        return ANSWERED % {"n": status}
    return "" if kind in TYPES else NO_PAGE % {"kind": kind}
