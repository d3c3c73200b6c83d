"""One contestant in a process of its own: ``python -m tests.benchmarks.worker '{…}'`` prints its figures as JSON.

Before the measured run it makes one of the same kind against the tiny office, so that imports are paid for.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from connector.log import configure
from tests.benchmarks import bare, product
from tests.benchmarks.server import Control

Contestant = Literal["ours", "httpx", "socket", "dlt", "dlt parquet"]


@dataclass(frozen=True)
class Work:
    """``pages`` (list, number, size): a bare loop over exactly these, comparing; None: a first sync. The others decide
    by themselves, from what ``folder`` holds, what there is to do. ``workers``: requests under way at once."""

    contestant: Contestant
    port: int
    folder: str
    page_size: int
    workers: int
    pages: list[tuple[str, int, int]] | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Measured:
    """``wall`` and ``cpu`` in seconds, of the run alone; ``peak_mb``: of the whole process (VmHWM)."""

    wall: float
    cpu: float
    peak_mb: float
    figures: dict[str, int]


def do(work: Work, office: str, folder: Path) -> dict[str, int]:
    """The work against the office of that name. Figures the contestant itself reports, if it does."""
    url = Control(work.port).url(office)
    match work.contestant:
        case "ours":
            return product.run(url, folder, task_page_size=work.page_size, concurrency=work.workers)
        case "socket":
            _bare(bare.over_socket(url), work, folder)
        case "httpx":
            _bare(bare.over_httpx(url, work.workers), work, folder)
        case "dlt" | "dlt parquet":
            from tests.benchmarks import with_dlt

            loading: with_dlt.Loading = "parquet" if work.contestant == "dlt parquet" else "insert_values"
            with bare.over_httpx(url, 1) as fetch:
                with_dlt.run(fetch, folder, page_size=work.page_size, loading=loading)
    return {}


def _bare(connection: bare.Connection, work: Work, folder: Path) -> None:
    database = folder / "bare.db"
    with connection as fetch:
        if work.pages is None:
            bare.first_sync(fetch, database, page_size=work.page_size, workers=work.workers)
        else:
            bare.unchanged_run(fetch, database, pages=work.pages, workers=work.workers)


def measure(work: Work) -> Measured:
    """Do it in this process."""
    warm = Path(work.folder) / "warm"
    warm.mkdir(exist_ok=True)
    do(replace(work, pages=None), "warm", warm)
    wall, cpu = time.perf_counter(), _cpu()
    figures = do(work, "qlvb", Path(work.folder))
    return Measured(time.perf_counter() - wall, _cpu() - cpu, _peak_mb(), figures)


def measured(work: Work) -> Measured:
    """Do it in a process of its own. Raises RuntimeError with what it said if it failed."""
    command = [sys.executable, "-m", "tests.benchmarks.worker"]
    done = subprocess.run(command, input=json.dumps(asdict(work)), capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{work.contestant} failed:\n{done.stderr[-3000:]}")
    return Measured(**json.loads(done.stdout.splitlines()[-1]))


def _cpu() -> float:
    spent = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in spent)


def _peak_mb() -> float:
    """Not ``ru_maxrss``: that one is inherited from the process that forked this one."""
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    raise RuntimeError("the peak of memory needs Linux")


def _main() -> None:
    wanted: dict[str, Any] = json.load(sys.stdin)
    if wanted["pages"] is not None:
        wanted["pages"] = [(name, number, size) for name, number, size in wanted["pages"]]
    work = Work(**wanted)
    configure("info", "json", Path(work.folder) / "log")
    sys.stdout.write(json.dumps(asdict(measure(work))) + "\n")


if __name__ == "__main__":
    _main()
