"""The five workloads and their limits, each contestant measured several times, turn by turn."""

from __future__ import annotations

import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from importlib.util import find_spec
from pathlib import Path

from tests.benchmarks import bare, product, server
from tests.benchmarks.office import FIRST_ID
from tests.benchmarks.server import Control, Ledger
from tests.benchmarks.worker import Contestant, Measured, Work, measured

FLOW, LISTS = "getlistjobflow", ("getlistjobdagiao", "getlistjobduocgiao")
_EXPECTED = {FLOW, *LISTS, "v2", "logout"}


@dataclass(frozen=True)
class Plan:
    """``scale`` multiplies the numbers of tasks; ``workers``: requests under way at once where that is not what is
    measured; ``latency`` in seconds, where it is; ``measure``: how to run a contestant."""

    scale: float = 1.0
    repeats: int = 3
    workers: int = field(default_factory=product.concurrency)
    latency: float = 0.08
    measure: Callable[[Work], Measured] = measured

    def tasks(self, full: int) -> int:
        return max(50, round(full * self.scale))


@dataclass
class Series:
    """The runs of one contestant, each with what the server was asked; ``folder``: what the last one left behind."""

    workload: str
    name: str
    runs: list[Measured] = field(default_factory=list)
    ledgers: list[Ledger] = field(default_factory=list, repr=False)
    folder: Path = Path()

    @property
    def requests(self) -> int:
        return self.ledgers[-1].counts.total()

    @property
    def best(self) -> Measured:
        return min(self.runs, key=lambda run: run.wall)

    @property
    def median(self) -> float:
        return statistics.median(run.wall for run in self.runs)


@dataclass(frozen=True)
class Verdict:
    """One limit: what was found, in words; whether it is kept."""

    workload: str
    ours: str
    against: str
    found: str
    limit: str
    kept: bool


class Bench:
    """Runs workloads; ``series``, ``verdicts`` and ``notes`` fill up. Raises RuntimeError when a contestant fails or
    the product's own figures are not what the server did."""

    def __init__(self, plan: Plan, folder: Path) -> None:
        self.plan = plan
        self.series: list[Series] = []
        self.verdicts: list[Verdict] = []
        self.notes: list[str] = []
        self._folder = folder

    def run(self) -> None:
        tasks = self.plan.tasks(20_000)
        with server.running(tasks) as control:
            self._note_ceiling(control)
            first = self._first_sync(control, tasks)
            unchanged = self._unchanged(control, tasks, first)
            self._changed(control, tasks, first["ours"], unchanged)
        self._memory()
        self._latency_of_flow()
        self._latency_of_lists(tasks, first["ours"])
        if missing := product.missing_settings():
            self.notes.append(
                f"This version has no `{'`, `'.join(missing)}` to leave out what the bare loop leaves out."
            )

    # -- speed -----------------------------------------------------------------------------------------------------

    def _first_sync(self, control: Control, tasks: int) -> dict[str, Series]:
        one = Work("ours", control.port, "", page_size=100, workers=self.plan.workers)
        contestants = {"ours": one, **_baselines(one)}
        if find_spec("dlt") is None:
            self.notes.append("dlt is not installed here: nothing was measured against it (`make bench` installs it).")
        found = self._race("1 first sync", control, contestants)
        _require(found["ours"], inserted=tasks)
        _require_flows(found, tasks)
        besides = {kind: number for kind, number in found["ours"].ledgers[-1].counts.items() if kind not in _EXPECTED}
        self.notes.append(f"Besides lists, flow and login, the first sync asked for: {besides or 'nothing'}.")
        self._at_most(found["ours"], _best(found, "httpx"), 1.3)
        self._at_most(found["ours"], _best(found, "socket"), 3, " (stretch)")
        self._faster(found, 1)
        return found

    def _unchanged(self, control: Control, tasks: int, first: Mapping[str, Series]) -> Series:
        ours = Work("ours", control.port, "", page_size=15, workers=self.plan.workers)
        pages = self._once(control, ours, first["ours"].folder, "2 which pages").ledgers[-1].pages
        works = {"ours": ours, **_baselines(replace(ours, pages=pages))}
        starts = {name: first[name].folder for name in works}
        found = self._race("2 unchanged", control, works, starts)
        _require(found["ours"], unchanged=tasks)
        _require_flows(found, 0)
        self._at_most(found["ours"], _best(found, "httpx"), 2)
        self._faster(found, 5)
        return found["ours"]

    def _changed(self, control: Control, tasks: int, first: Series, unchanged: Series) -> None:
        changed = control.change(max(1, tasks // 100))
        work = Work("ours", control.port, "", page_size=15, workers=self.plan.workers)
        found = self._race("3 one in a hundred changed", control, {"ours": work}, {"ours": first.folder})["ours"]
        _require(found, updated=changed, unchanged=tasks - changed)
        self._at_most(found, replace(unchanged, name="ours, unchanged"), 1.5)

    # -- memory ----------------------------------------------------------------------------------------------------

    def _memory(self) -> None:
        peaks: dict[str, list[float]] = {"first sync": [], "unchanged": []}
        sizes = self.plan.tasks(1_000), self.plan.tasks(100_000)
        for tasks in sizes:
            with server.running(tasks) as control:
                work = Work("ours", control.port, "", page_size=100, workers=self.plan.workers)
                first = self._once(control, work, None, f"4 first sync of {tasks}")
                again = self._once(control, replace(work, page_size=15), first.folder, f"4 unchanged {tasks}")
            _require(first, inserted=tasks)
            _require(again, unchanged=tasks)
            self.series += first, again
            peaks["first sync"].append(first.best.peak_mb)
            peaks["unchanged"].append(again.best.peak_mb)
        for name, (small, large) in peaks.items():
            more = large - small
            self._judge(f"4 memory, {name}", f"{large:.0f} MB with {sizes[1]} tasks", f"{small:.0f} MB with {sizes[0]}",
                        f"{more:+.0f} MB", "≤ +40 MB", more <= 40)  # fmt: skip

    # -- latency ---------------------------------------------------------------------------------------------------

    def _latency_of_flow(self) -> None:
        for workers in (4, 8, 16):
            with server.running(self.plan.tasks(250 * workers), latency=self.plan.latency) as control:
                self._note_latency(control, workers)
                self._rate("5 flow", control, Work("ours", control.port, "", page_size=100, workers=workers), (FLOW,))

    def _latency_of_lists(self, tasks: int, first: Series) -> None:
        with server.running(tasks, latency=self.plan.latency) as control:
            for workers in (4, 8, 16):
                work = Work("ours", control.port, "", page_size=15, workers=workers)
                self._rate("5 lists", control, work, LISTS, {"ours": first.folder})

    def _rate(
        self, name: str, control: Control, work: Work, kinds: tuple[str, ...], starts: Mapping[str, Path] | None = None
    ) -> None:
        latency = self.plan.latency
        name = f"{name}, {latency * 1000:.0f} ms, {work.workers} at once"
        ours = self._race(name, control, {"ours": work}, starts)["ours"]
        rate = max(ledger.rate(lambda kind: kind in kinds, latency) for ledger in ours.ledgers)
        possible = work.workers / latency
        self._judge(name, f"{rate:.1f} requests/s", f"{possible:.0f} requests/s", f"{rate / possible:.0%}", "≥ 90 %",
                    rate >= 0.9 * possible)  # fmt: skip

    # -- running ---------------------------------------------------------------------------------------------------

    def _race(
        self, workload: str, control: Control, works: Mapping[str, Work], starts: Mapping[str, Path] | None = None
    ) -> dict[str, Series]:
        """All contestants in turn, several rounds: a slow minute of the machine meets them all."""
        found = {name: Series(workload, name) for name in works}
        for _ in range(self.plan.repeats):
            for name, work in works.items():
                run = self._once(control, work, starts[name] if starts else None, f"{workload}, {name}")
                found[name].runs += run.runs
                found[name].ledgers += run.ledgers
                found[name].folder = run.folder
        self.series += found.values()
        return found

    def _once(self, control: Control, work: Work, start: Path | None, workload: str) -> Series:
        """One run in a folder of its own that begins as a copy of ``start``."""
        folder = Path(tempfile.mkdtemp(dir=self._folder))
        if start is not None:
            shutil.copytree(start, folder, dirs_exist_ok=True)
        control.take_ledger()
        result = self.plan.measure(replace(work, folder=str(folder)))
        series = Series(workload, work.contestant, [result], [control.take_ledger()], folder)
        sys.stderr.write(f"{workload}: {series.requests} requests in {result.wall:.2f} s\n")
        return series

    def _note_ceiling(self, control: Control) -> None:
        """How fast the server is by itself: one connection, nothing done with the answers."""
        control.take_ledger()
        path, number = f"api/job/{FLOW}/{FIRST_ID}/", max(2_000, self.plan.tasks(20_000))
        with bare.over_socket(control.url()) as fetch:
            began = time.perf_counter()
            for _ in range(number):
                fetch("GET", path, None)
            rate = number / (time.perf_counter() - began)
        ceiling = number / control.take_ledger().cpu
        self.notes.append(
            f"The server alone: {rate:.0f} requests/s over one connection, {ceiling:.0f} a second of CPU."
        )

    def _note_latency(self, control: Control, workers: int) -> None:
        """How near a bare loop comes to what is possible: the rest is the server's and the machine's fault."""
        paths = [f"api/job/{FLOW}/{FIRST_ID + task}/" for task in range(self.plan.tasks(50 * workers))]
        control.take_ledger()
        with bare.over_socket(control.url()) as fetch, ThreadPoolExecutor(workers) as pool:
            list(pool.map(lambda path: fetch("GET", path, None), paths))
        share = control.take_ledger().rate(lambda kind: kind == FLOW, self.plan.latency) * self.plan.latency / workers
        self.notes.append(
            f"With {self.plan.latency * 1000:.0f} ms and {workers} at once a bare loop reached {share:.0%}."
        )

    # -- judging ---------------------------------------------------------------------------------------------------

    def _judge(self, workload: str, ours: str, against: str, found: str, limit: str, kept: bool) -> None:
        self.verdicts.append(Verdict(workload, ours, against, found, limit, kept))

    def _at_most(self, ours: Series, other: Series, limit: float, remark: str = "") -> None:
        ratio, cpu = ours.best.wall / other.best.wall, ours.best.cpu / other.best.cpu
        self._judge(ours.workload, _seconds(ours), f"{other.name}: {_seconds(other)}",
                    f"{ratio:.2f} × (CPU {cpu:.2f} ×)", f"≤ {limit:g} ×{remark}", ratio <= limit)  # fmt: skip

    def _faster(self, found: Mapping[str, Series], limit: float) -> None:
        """Against each way of dlt that was measured."""
        ours = found["ours"]
        for name, other in found.items():
            if name.startswith("dlt"):
                ratio, cpu = other.best.wall / ours.best.wall, other.best.cpu / ours.best.cpu
                self._judge(ours.workload, _seconds(ours), f"{name}: {_seconds(other)}",
                            f"{ratio:.2f} × as fast (CPU {cpu:.2f} ×)", f"≥ {limit:g} ×", ratio >= limit)  # fmt: skip


def _baselines(ours: Work) -> dict[str, Work]:
    """The bare loops, one request at a time and as many at once as ours; dlt where it is installed, which reads what
    it needs rather than the pages of ours."""
    bares: tuple[Contestant, ...] = ("httpx", "socket")
    works = {f"{name}, {workers} at once": replace(ours, contestant=name, workers=workers)
             for name in bares for workers in dict.fromkeys((1, ours.workers))}  # fmt: skip
    if find_spec("dlt") is not None:
        ways: tuple[Contestant, ...] = ("dlt", "dlt parquet")
        works |= {name: replace(ours, contestant=name, workers=1, pages=None) for name in ways}
    return works


def _best(found: Mapping[str, Series], contestant: str) -> Series:
    return min((one for name, one in found.items() if name.startswith(contestant)), key=lambda one: one.best.wall)


def _seconds(series: Series) -> str:
    return f"{series.best.wall:.2f} s"


def _require(series: Series, **wanted: int) -> None:
    """A fast run that did not do the work is no result."""
    for run in series.runs:
        if {name: run.figures[name] for name in wanted} != wanted:
            raise RuntimeError(f"{series.workload}: {run.figures} instead of {wanted}")


def _require_flows(found: Mapping[str, Series], wanted: int) -> None:
    """The same of those who report no figures: by what the server was asked."""
    for series in found.values():
        if {ledger.counts[FLOW] for ledger in series.ledgers} != {wanted}:
            raise RuntimeError(f"{series.workload}, {series.name}: did not ask for the flow of {wanted} tasks")


@contextmanager
def bench(plan: Plan) -> Iterator[Bench]:
    with tempfile.TemporaryDirectory(prefix="connector-bench-") as folder:
        yield Bench(plan, Path(folder))
