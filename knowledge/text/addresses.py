"""Email addresses in headers, forms and API bodies: one parser, so that none of them lets through what another refuses. Pure.

What Chatwoot gets is a list with commas, so an address may hold nothing that a list or a header gives a meaning to.
"""

import re
import unicodedata
from email.utils import getaddresses
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

MOST = 50  # recipients of one reply, To and CC together
MOST_READ = 2_000  # of one header: more are no letter to a support desk
LONGEST = 254
# With a meaning of their own in a header or a list of addresses.
CONTROL = re.compile("[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029]")
ENCODED = "=?"  # begins words of a name in a header (RFC 2047): a comma among them makes the name look like an address
MARKS = frozenset(",;\"'<>()[]\\")


def of_header(value: Any) -> list[str]:
    """Every address in a header's value or list of values, several in one taken apart. What is none is left out."""
    listed = value if isinstance(value, list) else [value]
    found = (address for one in listed[:MOST_READ] if isinstance(one, str) for address in _several(one))
    return [address for address in found if is_fit(address)]


def is_fit(address: str) -> bool:
    """Whether it stands for one mailbox, and for nothing else, wherever it is written."""
    hidden = any(map(_is_hidden, address)) or ENCODED in address
    if len(address) > LONGEST or MARKS.intersection(address) or hidden:
        return False
    try:
        validate_email(address)
    except ValidationError:
        return False
    return True


def domain(address: str) -> str:
    return address.lower().rpartition("@")[2]


def _several(text: str) -> list[str]:
    if CONTROL.search(text):  # a line break starts a header of its own: nothing of it is believed
        return []
    bare = text if '"' in text else text.replace(";", ",")
    return [address.strip() for _, address in getaddresses([bare]) if "@" in address]


def _is_hidden(letter: str) -> bool:
    """Control characters, line breaks, and what nobody sees."""
    return unicodedata.category(letter) in ("Cc", "Cf", "Zl", "Zp", "Cs", "Co", "Cn")
