"""What a person copies from Chatwoot's address bar, split into its base URL and account. Pure."""

import re
from typing import NamedTuple

WITH_SCHEME = re.compile(r"https?://", re.IGNORECASE)
ACCOUNT = re.compile(r"(?:^|/)(?:app|api/v\d+)/accounts/(\d{1,18})(?:[/?#]|$)")
CUT = re.compile(r"/(?:app|api|auth|super_admin)(?:[/?#].*)?$|[?#].*$")


class Address(NamedTuple):
    """base_url: empty where only a path was given. account_id: None where none is named."""

    base_url: str
    account_id: int | None


def split(text: str) -> Address:
    """`https://chat.example.com/app/accounts/12/dashboard`, `chat.example.com`, `/app/accounts/12/…` or `12`."""
    text = text.strip()
    if text.isdecimal() and len(text) < 19:
        return Address("", int(text))
    found = ACCOUNT.search(text)
    account = int(found[1]) if found else None
    if text.startswith("/") or (found and text.startswith(("app/", "api/"))):
        return Address("", account)
    base = CUT.sub("", text).rstrip("/")
    if base and not WITH_SCHEME.match(base) and "://" not in base:
        base = f"https://{base}"
    return Address(base, account)
