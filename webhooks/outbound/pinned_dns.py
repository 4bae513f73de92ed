"""requests sessions whose calls go to the address that was checked: no name is resolved a second time."""

import socket
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from requests.utils import select_proxy
from urllib3.connection import HTTPConnection

from . import allowed_addresses

# What the system keeps of a body that is not acknowledged yet. It goes on sending that after we have given up, so it is little.
MOST_UNDER_WAY = 256 * 1024
SOCKET_OPTIONS = [
    *HTTPConnection.default_socket_options,
    (socket.SOL_SOCKET, socket.SO_SNDBUF, MOST_UNDER_WAY),
]


class PinnedAdapter(HTTPAdapter):
    def __init__(self, *, internal: bool) -> None:
        super().__init__()
        self.internal = internal

    def get_connection_with_tls_context(
        self, request: requests.PreparedRequest, verify: Any, proxies: Any = None, cert: Any = None
    ) -> Any:
        """Raises Permanent or NotSent like allowed_addresses.target. An installation's own proxy resolves names itself."""
        if select_proxy(request.url or "", proxies):
            return super().get_connection_with_tls_context(request, verify, proxies, cert)
        where = allowed_addresses.target(request.url or "", internal=self.internal)
        options: dict[str, Any] = {**self.build_connection_pool_key_attributes(request, verify, cert)[1]}
        options["socket_options"] = SOCKET_OPTIONS
        if where.scheme == "https":
            options |= {"server_hostname": where.host, "assert_hostname": where.host}
        request.headers["Host"] = where.netloc
        return self.poolmanager.connection_from_host(
            where.address, where.port, scheme=where.scheme, pool_kwargs=options
        )


def session(*, internal: bool) -> requests.Session:
    """internal: the URL may be in the installation's own network."""
    made = requests.Session()
    for scheme in ("http://", "https://"):
        made.mount(scheme, PinnedAdapter(internal=internal))
    return made
