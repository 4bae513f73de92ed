"""What a day of webhooks takes: machines, backlog at the busiest hour, disk, and what it costs a month (docs/scale.md).

`make simulate_scale` prints the table; WITH="webhooks=3000000 core=20" changes what Day and Site are made of, WITH=write puts
it into the document. Unit costs are those that the bench recorded (recorded.py), with the database's share: everything ran on
one machine then.
"""

import sys
from dataclasses import dataclass, fields, replace
from math import ceil, sin, tau

from tests.bench import recorded

HOUR_S = 3600
DOCUMENT = recorded.ROOT / "docs" / "scale.md"
BEGIN, END = "<!-- begin: make simulate_scale WITH=write -->", "<!-- end -->"
SIZES = (1_000_000, 10_000_000, 100_000_000)


@dataclass(frozen=True)
class Day:
    """webhooks: that Chatwoot sends. swing: the busiest hour has (1 + swing) times the mean, the quietest (1 − swing).

    burst: how many times the hour's rate comes for a minute, after an outage of a channel or a campaign.
    """

    webhooks: int = 1_000_000
    swing: float = 0.9
    burst: float = 5.0

    def rate(self, hour: float) -> float:
        """Webhooks a second; the busiest hour is 15:00."""
        return self.webhooks / 86_400 * (1 + self.swing * sin(tau * (hour - 9) / 24))

    @property
    def busiest(self) -> float:
        return self.rate(15)


@dataclass(frozen=True)
class Site:
    """received, processed: core milliseconds a webhook. kept: bytes a webhook. full: share of a core that may be in use.

    core, gigabyte: what they cost a month. days: how long deliveries are kept. database: most cores that one PostgreSQL server
    is given before reads go to a replica and tables are partitioned.
    """

    received: float
    processed: float
    kept: float
    full: float = 0.6
    core: float = 15.0
    gigabyte: float = 0.12
    days: int = 90
    database: int = 32


@dataclass(frozen=True)
class Needs:
    receivers: int
    workers: int
    backlog: int
    behind_s: float
    disk_gb: float
    month: float
    first: str


def needs(day: Day, site: Site) -> Needs:
    """Cores for the burst that must be answered within Chatwoot's five seconds; workers for the busiest hour."""
    receivers = ceil(day.busiest * day.burst * site.received / 1000 / site.full)
    workers = ceil(day.busiest * site.processed / 1000 / site.full)
    backlog, behind = _backlog(day, workers * 1000 / site.processed)
    disk = day.webhooks * site.days * site.kept / 1e9
    cores = receivers + workers
    return Needs(
        receivers,
        workers,
        backlog,
        behind,
        disk,
        cores * site.core + disk * site.gigabyte,
        _first(day, site, cores, disk),
    )


def _backlog(day: Day, capacity: float) -> tuple[int, float]:
    """(most rows that wait, seconds until the last of a burst is processed), second by second through the busiest hour."""
    waiting = most = behind = 0.0
    for second in range(HOUR_S):
        arriving = day.busiest * (day.burst if second < 60 else 1)
        waiting = max(0.0, waiting + arriving - capacity)
        if waiting > most:
            most, behind = waiting, waiting / capacity
    return round(most), round(behind, 1)


def _first(day: Day, site: Site, cores: int, disk: float) -> str:
    """What has to change before the next ten times."""
    if cores > site.database:
        return "one PostgreSQL server: split the sources among several sites, each with its own database"
    if disk > 2000:
        return "the disk: keep bodies of deliveries for fewer days"
    if cores > 8:
        return "connections and reports: pgbouncer in front, a replica for reports"
    if cores > 2:
        return "one machine: web and workers on hosts of their own, Redis for the queue"
    return "nothing: one machine with four processors does it"


def measured(database: str = "PostgreSQL") -> Site:
    """Raises SystemExit where the bench has recorded nothing."""
    costs = recorded.landed()["costs"]
    names = ("core ms a webhook received", "core ms a webhook processed", "bytes a webhook kept")
    missing = [name for name in names if f"{name}, {database}" not in costs]
    if missing:
        sys.exit(f"Not recorded: {', '.join(missing)}. Run BENCH_RECORD=1 make bench.")
    return Site(*(costs[f"{name}, {database}"] for name in names))


COLUMNS = (
    "webhooks a day", "busiest second", "cores for receiving", "for workers", "waiting after a burst", "caught up after", "disk",
    "a month", "what breaks first",
)  # fmt: skip


def table(site: Site, days: list[Day]) -> str:
    rows = [COLUMNS, ("---",) * len(COLUMNS), *(_row(day, needs(day, site)) for day in days)]
    return "\n".join(
        [
            f"A webhook costs {site.received:.1f} core ms to receive and {site.processed:.1f} to process,"
            f" and keeps {site.kept:,.0f} bytes.",
            "",
            *(f"| {' | '.join(row)} |" for row in rows),
        ]
    )


def _row(day: Day, one: Needs) -> tuple[str, ...]:
    return (
        f"{day.webhooks:,}", f"{day.busiest:,.0f}", str(one.receivers), str(one.workers), f"{one.backlog:,}",
        f"{one.behind_s:,.0f} s", f"{one.disk_gb:,.0f} GB", f"{one.month:,.0f} €", one.first,
    )  # fmt: skip


def main(words: list[str]) -> None:
    if words == ["write"]:
        text, shown = DOCUMENT.read_text(), table(measured(), [Day(size) for size in SIZES])
        DOCUMENT.write_text(f"{text.partition(BEGIN)[0]}{BEGIN}\n{shown}\n{END}{text.partition(END)[2]}")
        return
    given = dict(word.split("=", 1) for word in words)
    if unknown := set(given) - {one.name for kind in (Day, Site) for one in fields(kind)}:
        sys.exit(
            f"Unknown: {', '.join(sorted(unknown))}. See the fields of Day and Site in tests/bench/scale.py."
        )
    site = replace(measured(), **_of(Site, given))
    day = _of(Day, given)
    print(table(site, [Day(**({"webhooks": size} | day)) for size in ([0] if "webhooks" in day else SIZES)]))


def _of(kind: type, given: dict[str, str]) -> dict[str, float]:
    kinds = {one.name: one.type for one in fields(kind)}
    return {
        name: (int if kinds[name] is int else float)(value) for name, value in given.items() if name in kinds
    }


if __name__ == "__main__":
    main(sys.argv[1:])
