"""``connector`` commands as processes of their own, forked from one that has done the importing: a command then takes
a tenth of a second instead of a whole one. What they do, write and how they end is that of the real command."""

from __future__ import annotations

import importlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]


class Warm:
    """The handle on the forking process; it ends when this one does."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.warm"], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def _ask(self, **question: Any) -> Any:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(question) + "\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())

    def start(
        self, arguments: Sequence[str], *, cwd: Path, environ: Mapping[str, str], at: datetime | None, out: Path,
        die_at: int | None = None,
    ) -> int:  # fmt: skip
        """Its process id. ``out``: what it prints goes to this file, its errors to the same with ``.err``. ``die_at``:
        it is killed (SIGKILL) just before the so-manieth statement or commit it has for a database; how many there
        were when it ended by itself is in the same with ``.said``."""
        moment = at.isoformat() if at else None
        pid = self._ask(
            run=list(arguments), cwd=str(cwd), environ=dict(environ), at=moment, out=str(out), die_at=die_at
        )
        return int(pid)

    def wait(self, pid: int, seconds: float = 60) -> int | None:
        """Exit code (negative: the signal that ended it); None if it goes on."""
        code = self._ask(wait=pid, seconds=seconds)
        return None if code is None else int(code)


@cache
def warm() -> Warm:
    return Warm()


# -- the other side --------------------------------------------------------------------------------------------------


def _serve(answer: Callable[[Any], None]) -> None:
    for line in sys.stdin:
        question = json.loads(line)
        if "run" in question:
            pid = os.fork()
            if pid == 0:
                _be(question)
            answer(pid)
        else:
            answer(_wait(question["wait"], time.monotonic() + question["seconds"]))


def _wait(pid: int, end: float) -> int | None:
    while True:
        ended, status = os.waitpid(pid, os.WNOHANG)
        if ended:
            return os.waitstatus_to_exitcode(status)
        if time.monotonic() > end:
            return None
        time.sleep(0.005)


def _be(question: dict[str, Any]) -> None:
    import time_machine

    from connector.__main__ import main

    code = 70
    try:
        os.chdir(question["cwd"])
        os.environ.clear()
        os.environ.update(question["environ"])
        wanted = (("/dev/null", os.O_RDONLY), (question["out"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC),
                  (question["out"] + ".err", os.O_WRONLY | os.O_CREAT | os.O_TRUNC))  # fmt: skip
        for number, (path, flags) in enumerate(wanted):
            os.dup2(os.open(path, flags, 0o600), number)
        sys.argv = ["connector", *question["run"]]
        if question["at"]:
            time_machine.travel(datetime.fromisoformat(question["at"]), tick=True).start()
        with _dying(question["die_at"], question["out"]):
            main()
    except SystemExit as stop:
        code = stop.code if isinstance(stop.code, int) else 1
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


@contextmanager
def _dying(at: int | None, out: str) -> Iterator[None]:
    from sqlalchemy import Engine, event

    said = 0

    def count(*_: object) -> None:
        nonlocal said
        said += 1
        if said == at:
            os.kill(os.getpid(), signal.SIGKILL)

    if at is not None:
        for name in ("before_cursor_execute", "commit"):
            event.listen(Engine, name, count)
    try:
        yield
    finally:
        if at is not None:
            Path(f"{out}.said").write_text(str(said))


PRELOADED = (
    "bootstrap", "cli", "jobs.sync", "normalise.rest", "notify.render", "notify.smtp", "reference", "report.writer",
    "sources.rest.source", "store.schema", "store.unit_of_work", "views",
)  # fmt: skip


if __name__ == "__main__":
    for module in PRELOADED:
        importlib.import_module(f"connector.{module}")
    channel = os.fdopen(os.dup(1), "w")

    def _answer(value: Any) -> None:
        channel.write(json.dumps(value) + "\n")
        channel.flush()

    _serve(_answer)
