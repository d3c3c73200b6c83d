"""``make bench``. ``BENCH_SCALE=0.05``: a twentieth of the tasks, to see that it runs; ``BENCH_REPEATS``: rounds (3);
``BENCH_WORKERS``: requests under way at once (the product's default)."""

from __future__ import annotations

import os
import platform
import signal
import sys

from connector.clock import SystemClock
from tests.benchmarks import product, table
from tests.benchmarks.workloads import Plan, bench


def main() -> None:
    plan = Plan(
        float(os.environ.get("BENCH_SCALE", "1")),
        int(os.environ.get("BENCH_REPEATS", "3")),
        int(os.environ.get("BENCH_WORKERS", product.concurrency())),
    )
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # ends contestants and server, removes what they stored
    clock, load = SystemClock(), os.getloadavg()[1]
    with bench(plan) as running:
        running.run()
        machine = (
            f"{os.cpu_count()} cores (load {load:.1f} before), CPython {platform.python_version()}, best of "
            f"{plan.repeats} rounds, {plan.workers} requests at once, scale {plan.scale:g}"
        )
        day = clock.local_date(clock.now())
        sys.stdout.write(table.result(running.verdicts, running.series, running.notes, day=day, machine=machine))


if __name__ == "__main__":
    main()
