"""The site's settings, with one handler more that leaves a trace of every time it ran."""

from support_site.settings import *  # noqa: F403
from support_site.settings import IN_HANDLERS

IN_HANDLERS = {
    event: [*paths, "tests.bench.chaos_effects.leave_trace"] for event, paths in IN_HANDLERS.items()
}
