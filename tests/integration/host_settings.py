"""The site's settings on a host of the name TEST_HOST, though several run on this machine.

Leases are short, so that a test need not wait for what a dead host's workers had; a handler more says who worked. Only what
comes in is worked off: three lanes start no faster than one.
"""

import os
import socket

from support_site.settings import *  # noqa: F403
from support_site.settings import IN_HANDLERS, LANE_TIMEOUT_S

HOST = os.environ["TEST_HOST"]
socket.gethostname = lambda: HOST
LANES = {"in": 1}
LANE_TIMEOUT_S = LANE_TIMEOUT_S | {"in": 2}
LEASE_MARGIN_S = 2
IN_HANDLERS = {
    event: [*paths, "tests.integration.host_effects.leave_trace"] for event, paths in IN_HANDLERS.items()
}
