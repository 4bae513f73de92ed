"""What the receiver is held against: no middleware, one view."""

from tests.bench.bench_settings import *  # noqa: F403

ROOT_URLCONF = "tests.bench.plain"
MIDDLEWARE: list[str] = []
SILENCED_SYSTEM_CHECKS = ["admin.E408", "admin.E409", "admin.E410"]  # no page of the admin is served
