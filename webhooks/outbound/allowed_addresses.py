"""Which addresses the site may call by a URL that a person entered: never its own network, unless that is allowed.

A name is resolved once and checked, and the call goes to exactly that address, so a name that changes in between (DNS
rebinding) has no effect.
"""

import ipaddress
import socket
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from django.conf import settings
from django.utils.translation import gettext_noop as _

from ..errors import NotSent, Permanent

INTERNAL = _("%(host)s is an address of an internal network: if it is meant, list the host in PRIVATE_HOSTS.")
LEADS_INSIDE = _(
    "%(host)s is %(address)s, an address of an internal network: if it is meant, list the host in PRIVATE_HOSTS."
)
NO_URL = _("This is not a URL: write https://host/path.")
OTHER_SCHEME = _("Only http and https URLs can be called: write https://host/path.")
WITH_PASSWORD = _("The URL must not contain a user name or a password.")
WITH_SPACES = _("The URL must not contain spaces.")
UNRESOLVED = _("%(host)s cannot be resolved to an address.")
SENTENCES = (INTERNAL, LEADS_INSIDE, NO_URL, OTHER_SCHEME, WITH_PASSWORD, WITH_SPACES, UNRESOLVED)
Address = ipaddress.IPv4Address | ipaddress.IPv6Address


@dataclass(frozen=True)
class Target:
    """netloc: as in the Host header. path: with the query string."""

    scheme: str
    host: str
    netloc: str
    address: str
    port: int
    path: str


def target(url: str, *, internal: bool = False) -> Target:
    """internal: allow the installation's own network. Raises Permanent if it may not be called, NotSent if its name cannot
    be resolved now.
    """
    parts = check_url(url)
    host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
    found = _resolve(host, port)
    for address in found:
        if not _allowed(host, address) and not (internal and _is_internal(address)):
            said = INTERNAL if is_address(host) else LEADS_INSIDE  # do not repeat a host that is an address
            raise Permanent(said % {"host": host, "address": address})
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(parts.scheme, host, parts.netloc, str(found[0]), port, path)


def check_url(url: str) -> SplitResult:
    """As it is written; no name is resolved. Raises Permanent."""
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018  (raises if it is not a number)
    except ValueError as error:
        raise Permanent(NO_URL) from error
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise Permanent(OTHER_SCHEME)
    if "@" in parts.netloc:
        raise Permanent(WITH_PASSWORD)
    if any(character.isspace() or not character.isprintable() for character in url):
        raise Permanent(WITH_SPACES)
    return parts


def _resolve(host: str, port: int) -> list[Address]:
    try:
        rows = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise NotSent(UNRESOLVED % {"host": host}) from error
    found = [ipaddress.ip_address(str(row[4][0]).partition("%")[0]) for row in rows]
    # IPv4 first, since the first one is called: most servers on localhost listen on 127.0.0.1.
    return sorted(found, key=lambda address: address.version)


def is_address(text: str) -> bool:
    try:
        return bool(ipaddress.ip_address(text))
    except ValueError:
        return False


# IPv6 that stands for an IPv4 address: translators (RFC 6052, 8215), 6to4, Teredo and the old compatible form. A gateway may
# lead any of them into the network it stands in, so none is public.
TRANSLATED = tuple(
    map(
        ipaddress.IPv6Network,
        ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32", "::/96", "::ffff:0:0:0/96"),
    )
)


# The beginning of an interface identifier that ends in an IPv4 address (RFC 5214).
ISATAP = (0x00005EFE, 0x02005EFE)
# Nobody's on the internet, though the standard library knows some of them as anybody's: the sites of old, segment routing,
# documentation, and the relays of 6to4.
NOBODYS = tuple(map(ipaddress.ip_network, ("fec0::/10", "5f00::/16", "3fff::/20", "192.88.99.0/24")))


def is_translated(address: Address) -> bool:
    if address.version == 4 or address.is_loopback:
        return False
    return any(address in network for network in TRANSLATED) or (int(address) >> 32) & 0xFFFFFFFF in ISATAP


def is_public(address: Address) -> bool:
    inner = getattr(address, "ipv4_mapped", None) or address
    if any(inner in network for network in NOBODYS):
        return False
    return inner.is_global and not inner.is_multicast and not is_translated(inner)


def _allowed(host: str, address: Address) -> bool:
    if is_public(address) or host.lower() in settings.PRIVATE_HOSTS:
        return True
    return settings.DEBUG and (getattr(address, "ipv4_mapped", None) or address).is_loopback


def _is_internal(address: Address) -> bool:
    """Never a cloud's metadata service (169.254.0.0/16), and no unspecified or reserved address."""
    inner = getattr(address, "ipv4_mapped", None) or address
    if is_translated(inner):
        return False
    nobodys = inner.is_link_local or inner.is_unspecified or inner.is_reserved or inner.is_multicast
    return inner.is_loopback or not nobodys  # ::1 counts as reserved
